#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "projections/state.h"

// What becomes of machines from another history of the log. Pure.

namespace epu {

// An operator's word on strangers, named by their tokens. One that was adopted may still be
// collected; one that is being ended cannot be kept.
absl::StatusOr<std::vector<Payload>> DecideStrangers(const State& state,
                                                     const std::vector<std::string>& tokens,
                                                     StrangerFate fate);

// What a site's listing says of one.
std::vector<Payload> DecideStrangerReport(const State& state, const ReportStranger& report);

}  // namespace epu
