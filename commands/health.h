#pragma once

#include <vector>

#include "commands/command.h"
#include "commands/liveness.h"
#include "projections/state.h"

// The doctor: turns what was heard, and what was not, into reports. Pure.

namespace epu {

// Takes a heartbeat into `liveness`; false, and nothing is taken, from an agent whose worker is not
// known by that launch, and of a health that is not for an agent to say. Of what the worker says of
// itself, texts are cut and numbers that are none, or too many, are left out.
bool Hear(const State& state, const Heartbeat& heartbeat, Time now, Liveness& liveness);

// Forgets workers that have left the state.
void Forget(const State& state, Liveness& liveness);

// What has changed at `now` for the workers' health, in the order of their numbers:
//
//   first heard            STARTED becomes RUNNING
//   heard otherwise        OK, PROCESS_ERROR or MONITOR_ERROR, as the agent says
//   silent while RUNNING   MISSING: never heard for boot_timeout since RUNNING, or for
//                          missing_timeout since last heard
//   heard after its end    ZOMBIE: later than zombie_timeout after its last change of state;
//                          UNKNOWN again when silent for as long
//   says of itself         what it does is recorded as it changes, at most every kActivityEvery (at
//                          once while it drains); the rest as it is said anew, at most every
//                          kReportEvery
//
// Windows that began before the server did count from its start, since it could not hear before: a
// worker of which nothing was ever known then has boot_timeout, any other missing_timeout. Nothing
// but RUNNING is reported where an EPU does not monitor health. The reports, decided at once, leave
// nothing to report.
std::vector<Order> HealthReports(const State& state, const Liveness& liveness, Time now);

// How often the word of one worker is recorded: ten thousand of them stay a few thousand events a
// second at the worst.
inline constexpr Duration kActivityEvery = std::chrono::seconds(2);
inline constexpr Duration kReportEvery = std::chrono::seconds(10);

}  // namespace epu
