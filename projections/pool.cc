#include "projections/pool.h"

#include <algorithm>

#include "eventlog/check.h"

namespace epu {

namespace {

const Hold* InForce(const std::optional<Hold>& hold, Time now) {
  return hold && (!hold->until || now < *hold->until) ? &*hold : nullptr;
}

// In a way that a worker at work should not be.
bool IsFailing(const Epu& epu, const Worker& worker) {
  if (worker.state == WorkerState::kRunningFailed) return true;
  if (!epu.definition.health.monitor) return false;
  return worker.health == Health::kProcessError || worker.health == Health::kMonitorError ||
         worker.health == Health::kMissing;
}

// 0 is given up first.
int RankOf(const Worker& worker) {
  if (IsPending(worker)) return 0;
  return worker.report.activity == Activity::kIdle ? 1 : 2;
}

}  // namespace

bool IsAlive(const Worker& worker) { return worker.state < WorkerState::kTerminating; }

bool IsDraining(const Worker& worker) { return IsAlive(worker) && worker.drain_until.has_value(); }

bool IsValid(const Worker& worker) { return IsAlive(worker) && !worker.drain_until; }

bool IsUnhealthy(const Epu& epu, const Worker& worker) {
  return IsValid(worker) && IsFailing(epu, worker);
}

bool IsDrained(const Epu& epu, const Worker& worker, Time now) {
  if (!IsDraining(worker)) return false;
  return worker.report.activity == Activity::kIdle || IsFailing(epu, worker) ||
         now >= *worker.drain_until;
}

bool IsHealthy(const Epu& epu, const Worker& worker) {
  return IsValid(worker) && !IsUnhealthy(epu, worker);
}

bool IsPending(const Worker& worker) { return worker.state < WorkerState::kRunning; }

bool MayHaveMachine(const Worker& worker) { return worker.presence != Presence::kGone; }

std::vector<const Worker*> ValidWorkers(const Epu& epu) {
  std::vector<const Worker*> workers;
  for (const auto& [number, worker] : epu.workers) {
    if (IsValid(worker)) workers.push_back(&worker);
  }
  return workers;
}

std::size_t CountValid(const Epu& epu) {
  return static_cast<std::size_t>(
      std::count_if(epu.workers.begin(), epu.workers.end(),
                    [](const auto& entry) { return IsValid(entry.second); }));
}

std::size_t CountPending(const Epu& epu) {
  return static_cast<std::size_t>(
      std::count_if(epu.workers.begin(), epu.workers.end(),
                    [](const auto& entry) { return IsPending(entry.second); }));
}

std::size_t CountMachines(const Epu& epu) {
  return static_cast<std::size_t>(
      std::count_if(epu.workers.begin(), epu.workers.end(),
                    [](const auto& entry) { return MayHaveMachine(entry.second); }));
}

std::size_t CountMachines(const State& state, SiteNumber site) {
  std::size_t machines = 0;
  for (const auto& [number, epu] : state.epus) {
    for (const auto& [worker_number, worker] : epu.workers) {
      machines += worker.site == site && MayHaveMachine(worker) ? 1 : 0;
    }
  }
  return machines;
}

std::size_t CountMachines(const State& state) {
  std::size_t machines = 0;
  for (const auto& [number, epu] : state.epus) machines += CountMachines(epu);
  return machines;
}

std::vector<WorkerNumber> VictimOrder(const Epu& epu) {
  std::vector<const Worker*> workers = ValidWorkers(epu);
  std::sort(workers.begin(), workers.end(), [](const Worker* left, const Worker* right) {
    if (RankOf(*left) != RankOf(*right)) return RankOf(*left) < RankOf(*right);
    return left->number >
           right->number;  // Numbers are given in order of requests: a higher one is younger.
  });
  std::vector<WorkerNumber> order;
  for (const Worker* worker : workers) order.push_back(worker->number);
  return order;
}

std::vector<WorkerNumber> FirstRunning(const Epu& epu, std::size_t most) {
  std::vector<WorkerNumber> workers;
  for (const auto& [number, worker] : epu.workers) {
    const bool runs =
        worker.state == WorkerState::kStarted || worker.state == WorkerState::kRunning;
    if (runs && workers.size() < most) workers.push_back(number);
  }
  return workers;
}

std::vector<Constraint> CutsOf(const DecisionMade& decision) {
  std::vector<Constraint> cuts;
  for (const Constraint& constraint : decision.constraints) {
    switch (constraint.kind) {
      case ConstraintKind::kMaxInstances:
      case ConstraintKind::kSiteMaxWorkers:
      case ConstraintKind::kRunMaxWorkers:
      case ConstraintKind::kBackOff:
      case ConstraintKind::kDisabled:
      case ConstraintKind::kSiteDisabled:
        cuts.push_back(constraint);
        break;
      default:
        break;
    }
  }
  return cuts;
}

// How much was wanted (`value`) differs from review to review, and is none of the hold.
bool IsHeldBy(const Epu& epu, const std::vector<Constraint>& cuts) {
  return std::all_of(cuts.begin(), cuts.end(), [&](const Constraint& cut) {
    return std::any_of(epu.held.begin(), epu.held.end(), [&](const Constraint& known) {
      return known.kind == cut.kind && known.limit == cut.limit && known.until == cut.until;
    });
  });
}

const Hold* HoldOut(const Epu& epu, Time now) { return InForce(epu.paused_out, now); }

const Hold* HoldIn(const Epu& epu, Time now) { return InForce(epu.paused_in, now); }

bool HoldsGrowth(const Constraint& cut) { return cut.value >= cut.limit; }

bool HoldsShrinking(const Constraint& cut) { return cut.value <= cut.limit; }

bool IsHeldWhole(const Epu& epu, const DecisionMade& decision) {
  const bool paused =
      std::any_of(decision.constraints.begin(), decision.constraints.end(),
                  [](const Constraint& cut) { return cut.kind == ConstraintKind::kPaused; });
  return paused && decision.wanted == epu.wanted && decision.launches == 0 &&
         decision.retirements.empty();
}

PoolState PoolStateOf(const Epu& epu) {
  if (epu.dev_mode_failure) return PoolState::kDevModeFailed;
  if (!epu.engine_error.empty()) return PoolState::kUnknown;
  if (!epu.wanted || epu.removing || CountValid(epu) != *epu.wanted) return PoolState::kPending;
  for (const auto& [number, worker] : epu.workers) {
    if (!IsValid(worker)) continue;
    if (IsPending(worker) || IsUnhealthy(epu, worker)) return PoolState::kPending;
    if (epu.definition.health.monitor && worker.health != Health::kOk) return PoolState::kPending;
  }
  return PoolState::kStable;
}

std::string_view PoolStateName(PoolState state) {
  switch (state) {
    case PoolState::kPending:
      return "PENDING";
    case PoolState::kStable:
      return "STABLE";
    case PoolState::kUnknown:
      return "UNKNOWN";
    case PoolState::kDevModeFailed:
      return "DEVMODE_FAILED";
  }
  CHECK(!"a pool state");
}

Duration AgeOf(const Reading& reading, Time now) { return reading.age + (now - reading.recorded); }

}  // namespace epu
