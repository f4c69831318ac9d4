#pragma once

#include <functional>
#include <stop_token>

#include <absl/status/statusor.h>

#include "cli/context.h"
#include "cli/launch_run.h"
#include "projections/launch_scenario.h"

// A scenario in real time: jobs are submitted by a program, workers are ended by the server's own
// order, machines of services behind the launcher's back; the pool is followed in the server's log.

namespace epu {

struct LiveScenario {
  const LaunchScenario& scenario;  // Its program with references filled in,
  std::string directory;           // which starts there.
  std::string note;                // Goes with the commands.
  LaunchRun* launch = nullptr;     // Null: no controller is killed. REQUIRES as CheckControllers.
  // Told of a step when it is begun and when it is at its end; on the caller's thread.
  std::function<void(std::size_t, const StepOutcome&, Time begin)> observe;
};

struct LiveOutcome {
  ScenarioOutcome outcome;
  bool interrupted = false;
};

// Plays it on the pool of `base`, a server's run, to its end or until `stop`. What cannot be done
// is a step that failed, and the rest is played all the same.
//   kNotFound     the server has no such EPU
//   any other     its log cannot be read any more
absl::StatusOr<LiveOutcome> PlayLive(Context& base, const LiveScenario& live,
                                     const std::stop_token& stop);

// Whether every controller that is to be killed is a service that has a machine of its own.
//   kFailedPrecondition  "kill_controller epu-crunch: it has no machine of its own to be ended"
absl::Status CheckControllers(const LaunchScenario& scenario, const Launch& launch);

inline constexpr Duration kSubmitTimeout = std::chrono::hours(1);

}  // namespace epu
