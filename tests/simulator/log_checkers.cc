#include "tests/simulator/log_checkers.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engines/keys.h"
#include "projections/pool.h"

namespace epu::sim {
namespace {

// Whether limits, or how much of them is used, can have changed by it.
bool ConcernsLimits(const Payload& payload) {
  return !std::holds_alternative<ReadingTaken>(payload) &&
         !std::holds_alternative<HealthChanged>(payload) &&
         !std::holds_alternative<WorkReported>(payload) &&
         !std::holds_alternative<DecisionMade>(payload);
}

}  // namespace

// ---- Workers ----

void WorkerChecker::See(const Event& event) {
  if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    const bool fresh = workers_.emplace(WorkerId{request->epu, request->worker}, Seen{}).second;
    if (!verdict_.Holds(Check::kNoStateGoesBack, fresh)) {
      verdict_.Fail(Check::kNoStateGoesBack,
                    fmt::format("event {} requests worker {} again", event.sequence,
                                ToInteger(request->worker)));
    }
  } else if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    SeeRetirement(event.time, *change);
    SeeChange(event.sequence, *change);
  } else if (const auto* health = std::get_if<HealthChanged>(&event.payload)) {
    workers_.at({health->epu, health->worker}).health = health->to;
  } else if (const auto* work = std::get_if<WorkReported>(&event.payload)) {
    workers_.at({work->epu, work->worker}).activity = work->report.activity;
  } else if (const auto* drain = std::get_if<DrainBegun>(&event.payload)) {
    workers_.at({drain->epu, drain->worker}).drains_until = drain->until;
  } else if (const auto* machine = std::get_if<MachineChanged>(&event.payload)) {
    SeeMachine(event.sequence, *machine);
  }
}

void WorkerChecker::SeeRetirement(Time time, const WorkerChanged& change) {
  const bool retires = change.reason == Reason::kRetired || change.reason == Reason::kRemoved;
  if (change.to != WorkerState::kTerminating || !retires) return;
  const Seen& seen = workers_.at({change.epu, change.worker});
  const bool well = change.from == WorkerState::kRunning &&
                    (seen.health == Health::kOk || seen.health == Health::kUnknown);
  if (seen.activity != Activity::kBusy || !well) return;
  const bool out_of_time = seen.drains_until && time >= *seen.drains_until;
  if (!verdict_.Holds(Check::kBusyMayFinish, out_of_time)) {
    verdict_.Fail(Check::kBusyMayFinish,
                  fmt::format("worker {} is busy and was retired before its time to drain is over",
                              ToInteger(change.worker)));
  }
}

void WorkerChecker::SeeChange(Sequence sequence, const WorkerChanged& change) {
  const auto found = workers_.find({change.epu, change.worker});
  const bool known = found != workers_.end();
  const bool goes_on = known && change.from == found->second.state && change.to > change.from;
  if (!verdict_.Holds(Check::kNoStateGoesBack, goes_on)) {
    verdict_.Fail(Check::kNoStateGoesBack,
                  fmt::format("event {} takes worker {} from {} to {}, and it was {}", sequence,
                              ToInteger(change.worker), StateName(change.from),
                              StateName(change.to), known ? StateName(found->second.state) : "no"));
    return;
  }
  found->second.state = change.to;
}

void WorkerChecker::SeeMachine(Sequence sequence, const MachineChanged& change) {
  const auto found = workers_.find({change.epu, change.worker});
  const bool known = found != workers_.end();
  const bool goes_on = known && found->second.presence != Presence::kGone;
  if (!verdict_.Holds(Check::kNoStateGoesBack, goes_on)) {
    verdict_.Fail(
        Check::kNoStateGoesBack,
        fmt::format("event {} says \"{}\" of the machine of worker {}, which is {}", sequence,
                    PresenceName(change.to), ToInteger(change.worker), known ? "gone" : "unknown"));
    return;
  }
  found->second.presence = change.to;
}

// ---- Once ----

void OnceChecker::See(const Event& event) {
  if (event.command.client != 0 && event.place.index == 0) {
    if (!verdict_.Holds(Check::kExecutedOnce, commands_.insert(event.command).second)) {
      verdict_.Fail(Check::kExecutedOnce,
                    fmt::format("event {}: command {:x}-{} is executed again", event.sequence,
                                event.command.client, event.command.number));
    }
  }
  if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    if (!verdict_.Holds(Check::kOneMachineForOneIntent, launches_.insert(request->launch).second)) {
      verdict_.Fail(Check::kOneMachineForOneIntent,
                    fmt::format("event {} requests launch {:04x}-{} again", event.sequence,
                                request->launch.epoch, request->launch.request));
    }
  }
}

// ---- Limits ----

void LimitChecker::Bound::Update(std::size_t limit, std::size_t count) {
  most = known ? std::max(limit, std::min(most, count)) : limit;
  known = true;
}

void LimitChecker::See(const State& state, const Event& event) {
  if (!ConcernsLimits(event.payload)) return;
  UpdateBounds(state);
  if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    SeeRequest(state, *request);
  }
}

void LimitChecker::UpdateBounds(const State& state) {
  std::map<SiteNumber, std::size_t> of_sites;
  std::size_t of_run = 0;
  for (const auto& [number, epu] : state.epus) {
    std::size_t of_pool = 0;
    for (const auto& [worker_number, worker] : epu.workers) {
      if (!MayHaveMachine(worker)) continue;
      ++of_pool;
      ++of_sites[worker.site];
    }
    of_run += of_pool;
    const bool limited = HasKey(epu.definition, "max_instances");
    const auto limit =
        limited ? static_cast<std::size_t>(IntegerOf(epu.definition, "max_instances")) : 0;
    pools_[number].Update(limit, of_pool);
  }
  for (const auto& [number, site] : state.sites) {
    sites_[number].Update(site.definition.max_workers, of_sites[number]);
  }
  run_.Update(state.max_workers, of_run);
}

void LimitChecker::SeeRequest(const State& state, const WorkerRequested& request) {
  const Epu& epu = state.epus.at(request.epu);
  const Site& site = state.sites.at(request.site);
  Judge(Check::kPoolLimit, CountMachines(epu),
        static_cast<std::size_t>(IntegerOf(epu.definition, "max_instances")),
        "requested or there of a pool");
  Judge(Check::kSiteLimit, CountMachines(state, site.number), site.definition.max_workers,
        "requested or there at a site");
  Judge(Check::kRunLimit, CountMachines(state), state.max_workers, "requested or there in all");
}

void LimitChecker::SeeMachines(EpuNumber epu, std::size_t of_pool, SiteNumber site,
                               std::size_t of_site, std::size_t of_run) {
  Judge(Check::kPoolLimit, of_pool, pools_[epu].most, "machines of a pool");
  Judge(Check::kSiteLimit, of_site, sites_[site].most, "machines at a site");
  Judge(Check::kRunLimit, of_run, run_.most, "machines in all");
}

void LimitChecker::Judge(Check check, std::size_t count, std::size_t most, const char* what) {
  if (verdict_.Holds(check, count <= most)) return;
  verdict_.Fail(check, fmt::format("{} {}, and there may be {}", count, what, most));
}

}  // namespace epu::sim
