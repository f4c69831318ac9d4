#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "commands/definition_rules.h"
#include "engines/catalog.h"
#include "projections/state.h"

// Declarations: what `apply` and `reconfigure` come to. Pure.

namespace epu {

// The payloads of a declaration whose first event will be `first`. Refused as a whole with
// kInvalidArgument, one line a fault, each beginning with its path: "epus.crunch.config.preserve_m:
// npreserving has no such key; …".
//   kFailedPrecondition  ChangedSince its basis; the lines of that
absl::StatusOr<std::vector<Payload>> DecideApply(const State& state, const Apply& apply,
                                                 Sequence first, const EngineCatalog& catalog);

// What `apply` declares, or would remove, and somebody changed since its basis, one line each:
// "epus.crunch was changed at 18206, after 18199, which this was made for". Pools that come and go
// in number, readings and the like are no such change.
std::vector<std::string> ChangedSince(const State& state, const Apply& apply);

absl::StatusOr<std::vector<Payload>> DecideReconfigure(const State& state,
                                                       const Reconfigure& change,
                                                       const EngineCatalog& catalog);

}  // namespace epu
