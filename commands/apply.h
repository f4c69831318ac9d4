#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"

// Declarations: what `apply` and `reconfigure` come to. Pure.

namespace epu {

// What a name may be: a letter or digit, then letters, digits, `.`, `_`, `-`; at most kNameMax; not
// only digits.
bool IsName(std::string_view text);
inline constexpr std::size_t kNameMax = 63;

// The payloads of a declaration whose first event will be `first`. Refused as a whole with
// kInvalidArgument, one line a fault, each beginning with its path: "epus.crunch.config.preserve_m:
// npreserving has no such key; …".
absl::StatusOr<std::vector<Payload>> DecideApply(const State& state, const Apply& apply,
                                                 Sequence first, const EngineCatalog& catalog);

absl::StatusOr<std::vector<Payload>> DecideReconfigure(const State& state,
                                                       const Reconfigure& change,
                                                       const EngineCatalog& catalog);

}  // namespace epu
