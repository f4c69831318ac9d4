#pragma once

#include "eventlog/event.capnp.h"
#include "eventlog/event.h"

// What is recorded of a launch, between C++ and Cap'n Proto messages. What this build does not know
// raises kj::Exception; see wire_values.h.

namespace epu {

void EncodeFact(const PlanRead& fact, wire::PlanRead::Builder builder);
void EncodeFact(const ServicePlanned& fact, wire::ServicePlanned::Builder builder);
void EncodeFact(const StepBegun& fact, wire::StepBegun::Builder builder);
void EncodeFact(const StepEnded& fact, wire::StepEnded::Builder builder);
void EncodeFact(const LineHarvested& fact, wire::LineHarvested::Builder builder);

PlanRead DecodeFact(wire::PlanRead::Reader reader);
ServicePlanned DecodeFact(wire::ServicePlanned::Reader reader);
StepBegun DecodeFact(wire::StepBegun::Reader reader);
StepEnded DecodeFact(wire::StepEnded::Reader reader);
LineHarvested DecodeFact(wire::LineHarvested::Reader reader);

WalkKind ReadWalkKind(std::uint16_t value);
WalkEnd ReadWalkEnd(std::uint16_t value);

}  // namespace epu
