#include "tests/simulator/convergence.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engines/keys.h"
#include "projections/pool.h"

namespace epu::sim {
namespace {

using Sites = std::vector<std::unique_ptr<SimulatedSite>>;

// Whether the pool is one that keeps its size.
bool IsKept(const Epu& epu) {
  return !epu.removed && !epu.dev_mode_failure && epu.engine_error.empty();
}

// Whether `worker` is as a worker at rest should be.
bool IsAtRest(const Epu& epu, const Worker& worker) {
  const bool ok = !epu.definition.health.monitor || worker.health == Health::kOk;
  return worker.state == WorkerState::kRunning && worker.presence == Presence::kListed &&
         IsHealthy(epu, worker) && ok;
}

// A pool whose shrinking is paused keeps the size it wanted; a lower limit may stand in its way.
bool IsHeldAtItsLimit(const Epu& epu, Time now) {
  return HoldIn(epu, now) != nullptr &&
         CountMachines(epu) >= static_cast<std::size_t>(IntegerOf(epu.definition, "max_instances"));
}

std::string WhatIsMissingOf(const State& state, const Epu& epu, Time now) {
  if (epu.removing) return "is still being removed";
  if (!epu.wanted) return "has no size wanted";
  for (const auto& [number, worker] : epu.workers) {
    if (!IsAtRest(epu, worker)) {
      return fmt::format("has worker {} in {}, {}, {}", ToInteger(number), StateName(worker.state),
                         PresenceName(worker.presence), HealthName(worker.health));
    }
  }
  const std::size_t size = CountValid(epu);
  const bool enabled = state.enabled && state.sites.at(epu.definition.worker.site).enabled;
  if (size == *epu.wanted) return {};
  if (size < *epu.wanted && (!enabled || IsHeldAtItsLimit(epu, now))) return {};
  return fmt::format("has {} workers of {}", size, *epu.wanted);
}

// How many machines of each launch are alive.
std::map<LaunchId, std::size_t> AliveByLaunch(const Sites& sites, Time now) {
  std::map<LaunchId, std::size_t> alive;
  for (const auto& site : sites) {
    for (const SimulatedMachine& machine : site->machines()) {
      if (!machine.stranger && IsAlive(machine, now)) ++alive[machine.machine.token.launch];
    }
  }
  return alive;
}

}  // namespace

std::string WhatIsMissing(const State& state, const Sites& sites, Time now) {
  std::map<LaunchId, std::size_t> alive = AliveByLaunch(sites, now);
  for (const auto& [number, epu] : state.epus) {
    if (IsKept(epu)) {
      std::string missing = WhatIsMissingOf(state, epu, now);
      if (!missing.empty()) return fmt::format("{} {}", epu.definition.name, missing);
    }
    for (const auto& [worker_number, worker] : epu.workers) {
      const auto found = alive.find(worker.launch);
      if (found == alive.end() && IsKept(epu)) {
        return fmt::format("{}/{} has no machine", epu.definition.name, ToInteger(worker_number));
      }
      if (found != alive.end() && --found->second == 0) alive.erase(found);
    }
  }
  return alive.empty() ? "" : fmt::format("{} machines belong to no worker", alive.size());
}

void JudgeRest(const State& state, const Sites& sites, Time now, Verdict& verdict) {
  std::map<LaunchId, std::size_t> alive = AliveByLaunch(sites, now);
  for (const auto& [number, epu] : state.epus) {
    if (epu.removed && !verdict.Holds(Check::kRemovedHaveNothing, epu.workers.empty())) {
      verdict.Fail(Check::kRemovedHaveNothing, epu.definition.name);
    }
    std::map<std::string, std::size_t> keys;
    for (const auto& [worker_number, worker] : epu.workers) {
      if (IsValid(worker)) ++keys[worker.unique_key];
      alive.erase(worker.launch);
    }
    const bool paused = HoldOut(epu, now) != nullptr || HoldIn(epu, now) != nullptr;
    const bool complete = IsKept(epu) && !paused && epu.wanted == CountValid(epu) &&
                          HasKey(epu.definition, "unique_instances");
    if (!complete) continue;
    for (const UniqueInstance& unique : UniquesOf(epu.definition, "unique_instances")) {
      if (verdict.Holds(Check::kUniquesInPlace, keys[unique.key] == 1)) continue;
      verdict.Fail(Check::kUniquesInPlace, fmt::format("{} has {} workers {}", epu.definition.name,
                                                       keys[unique.key], unique.key));
    }
  }
  if (!verdict.Holds(Check::kNoLeak, alive.empty())) {
    verdict.Fail(Check::kNoLeak, fmt::format("{} machines belong to no worker", alive.size()));
  }
}

}  // namespace epu::sim
