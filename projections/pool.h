#pragma once

#include <string_view>
#include <vector>

#include "projections/state.h"

// Questions about one pool, with the original's definitions of its sets. Pure; shared by engines,
// repair and status.

namespace epu {

// Not being ended, not ended, not failed.
bool IsAlive(const Worker& worker);

// Retired, and asked to take no further work; ended when it is idle or its time is over.
bool IsDraining(const Worker& worker);

// Counts towards the pool's size: alive, and not draining.
bool IsValid(const Worker& worker);

// Valid, and in no way unhealthy. Health is not asked where the EPU does not monitor it.
bool IsHealthy(const Epu& epu, const Worker& worker);

// To be replaced: RUNNING_FAILED, or found PROCESS_ERROR, MONITOR_ERROR or MISSING while it should
// be at work.
bool IsUnhealthy(const Epu& epu, const Worker& worker);

// A draining worker that is to be ended now: idle, or in a way unhealthy, or out of time.
bool IsDrained(const Epu& epu, const Worker& worker, Time now);

// Valid, and not yet RUNNING: requested ones are included, so that one change at a time means one.
bool IsPending(const Worker& worker);

// A machine of it may exist.
bool MayHaveMachine(const Worker& worker);

std::vector<const Worker*> ValidWorkers(const Epu& epu);
std::size_t CountValid(const Epu& epu);
std::size_t CountPending(const Epu& epu);

// Machines that exist or may come to exist; what max_workers and max_instances limit.
std::size_t CountMachines(const Epu& epu);
std::size_t CountMachines(const State& state, SiteNumber site);
std::size_t CountMachines(const State& state);

// Victims in the order in which a pool gives workers up: not yet running, then idle by their own
// word, then the others; in each, the youngest first.
std::vector<WorkerNumber> VictimOrder(const Epu& epu);

// The first `most` of those that were started or run, by number.
std::vector<WorkerNumber> FirstRunning(const Epu& epu, std::size_t most);

// The constraints of a decision that cut its launches: limits, back-off, a switch.
std::vector<Constraint> CutsOf(const DecisionMade& decision);

// Whether the pool's last decision fell short for these `cuts` already: to say so again is no news.
bool IsHeldBy(const Epu& epu, const std::vector<Constraint>& cuts);

// What holds the pool's growing, and its shrinking, at `now`; null where nothing does.
const Hold* HoldOut(const Epu& epu, Time now);
const Hold* HoldIn(const Epu& epu, Time now);

// Which way a pool would have gone that kPaused `cut`: an exchange at the same size goes both ways.
bool HoldsGrowth(const Constraint& cut);
bool HoldsShrinking(const Constraint& cut);

// Whether a pause left nothing of `decision`, the pool's next: nothing is launched, nobody retires,
// and the size last wanted stays.
bool IsHeldWhole(const Epu& epu, const DecisionMade& decision);

// The original's engine states.
enum class PoolState { kPending, kStable, kUnknown, kDevModeFailed };
PoolState PoolStateOf(const Epu& epu);
std::string_view PoolStateName(PoolState state);  // "PENDING", …

// How old the sensor's latest reading is at `now`.
Duration AgeOf(const Reading& reading, Time now);

}  // namespace epu
