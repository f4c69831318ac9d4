#pragma once

#include <vector>

#include "eventlog/definition.h"
#include "eventlog/event.capnp.h"

// Definitions as parts of other messages: events carry them, and commands. Equal definitions give
// equal bytes. A reader raises kj::Exception for what this build does not know.

namespace epu {

void EncodeDefinition(const EpuDefinition& definition, wire::EpuDefinition::Builder builder);
void EncodeDefinition(const SiteDefinition& definition, wire::SiteDefinition::Builder builder);
void EncodeSettings(const std::vector<Setting>& settings,
                    capnp::List<wire::Setting>::Builder builder);
void EncodeVariables(const std::vector<Variable>& variables,
                     capnp::List<wire::Variable>::Builder builder);
EpuDefinition DecodeDefinition(wire::EpuDefinition::Reader reader);
SiteDefinition DecodeDefinition(wire::SiteDefinition::Reader reader);
std::vector<Setting> DecodeSettings(capnp::List<wire::Setting>::Reader reader);
std::vector<Variable> DecodeVariables(capnp::List<wire::Variable>::Reader reader);

}  // namespace epu
