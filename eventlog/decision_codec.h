#pragma once

#include "eventlog/event.capnp.h"
#include "eventlog/event.h"

// Decisions between C++ and Cap'n Proto messages: those that were made, and what shadows decided.
// What this build does not know raises kj::Exception; see wire_values.h.

namespace epu {

void EncodeDecision(const DecisionMade& decision, wire::DecisionMade::Builder builder);
void EncodeDecision(const ShadowDecided& fact, wire::ShadowDecided::Builder builder);

DecisionMade DecodeDecision(EpuNumber epu, wire::DecisionMade::Reader reader);
ShadowDecided DecodeDecision(EpuNumber epu, wire::ShadowDecided::Reader reader);

}  // namespace epu
