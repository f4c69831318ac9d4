#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "cli/context.h"
#include "cli/look.h"
#include "cli/reference.h"
#include "cli/why_view.h"

// `why` in the run of a launch: of its services, and of the pools and workers of the servers that
// it booted, with what event lines of log files say of them.

namespace epu {

// `reference` as `view`, a launch's, has it: a service, with what every walk did with it; an EPU,
// a worker or a sensor as the server's own log explains it, at the same moment. Event lines that
// the launch's log has about it stand behind.
//   kNotFound  the run is no launch, or nobody there knows it
absl::StatusOr<Node> ExplainInLaunch(Context& context, const View& view, const Reference& reference,
                                     Zone zone);

// Of the steps and lines that are told, the last so many.
inline constexpr std::size_t kWalksExplained = 10;
inline constexpr std::size_t kLinesExplained = 20;

}  // namespace epu
