#pragma once

#include <functional>

#include <absl/status/statusor.h>

#include "engines/catalog.h"
#include "projections/launch_scenario.h"
#include "projections/state.h"
#include "projections/workload.h"

// A scenario in virtual time: the pool is a model, reviewed by the production Decide. Pure: the
// same definition and scenario give the same events.

namespace epu {

struct ScenarioTrial {
  EpuNumber epu{};
  // How its site and its sensor are: `every`, `boots`, `ends`, `failures_per_hour`. It has no jobs.
  Workload ways;
  Time begin{};
};

// Plays `scenario` on a pool as FreshPool makes it at `begin - kSettleMax`, which is left alone
// until the scenario begins and then has to be stable. Its site is looked at each second.
// Controllers are left out. `progress`, which may be empty, is told how far of how long it is.
//   kDeadlineExceeded   the pool is not stable within kSettleMax
absl::StatusOr<ScenarioOutcome> RunScenarioModel(
    State fresh, const LaunchScenario& scenario, const ScenarioTrial& trial,
    const EngineCatalog& catalog, const std::function<void(Duration, Duration)>& progress);

inline constexpr Duration kSettleMax = std::chrono::hours(1);

}  // namespace epu
