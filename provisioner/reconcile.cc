#include "provisioner/reconcile.h"

#include <algorithm>
#include <utility>

namespace epu {
namespace {

bool LessById(const Machine& left, const Machine& right) {
  if (left.id.size() != right.id.size()) return left.id.size() < right.id.size();
  return left.id < right.id;
}

// The EPU's variables, then those of the unique instance.
std::vector<Variable> EnvironmentOf(const Epu& epu, const Worker& worker) {
  std::vector<Variable> variables = epu.definition.worker.environment;
  if (worker.unique_key.empty()) return variables;
  for (const Setting& setting : epu.definition.settings) {
    const auto* instances = std::get_if<std::vector<UniqueInstance>>(&setting.value);
    if (instances == nullptr) continue;
    for (const UniqueInstance& instance : *instances) {
      if (instance.key != worker.unique_key) continue;
      variables.insert(variables.end(), instance.variables.begin(), instance.variables.end());
    }
  }
  return variables;
}

LaunchSpec SpecOf(const Epu& epu, const Worker& worker) {
  LaunchSpec spec;
  spec.worker = {epu.number, worker.number};
  spec.epu_name = epu.definition.name;
  spec.unique_key = worker.unique_key;
  spec.command = epu.definition.worker.command;
  spec.environment = EnvironmentOf(epu, worker);
  spec.stop_grace = epu.definition.worker.stop_grace;
  return spec;
}

// One pass over the workers of a site and what it lists.
class Reconciler {
 public:
  Reconciler(const State& decided, const Site& site, const Listing& listing,
             const DriverFacts& facts, const CallLog& calls, Time now)
      : decided_(decided),
        site_(site),
        listing_(listing),
        facts_(facts),
        calls_(calls),
        now_(now),
        enabled_(decided.enabled && site.enabled) {}

  Reconciliation Run() {
    SortListing();
    for (const auto& [epu_number, epu] : decided_.epus) {
      for (const auto& [number, worker] : epu.workers) {
        const std::vector<Machine> machines = Claim(worker);
        if (worker.site == site_.number) Consider(epu, worker, machines);
      }
    }
    NoteGoneStrangers();
    for (const auto& [launch, machines] : unclaimed_) SortOut(launch, machines);
    return std::move(result_);
  }

 private:
  // ---- The listing ----

  // What carries the id of another log is nothing to this one.
  void SortListing() {
    for (const Machine& machine : listing_.machines) {
      if (machine.token.log_id != decided_.log_id) continue;
      unclaimed_[machine.token.launch].push_back(machine);
    }
    for (auto& [launch, machines] : unclaimed_) {
      std::sort(machines.begin(), machines.end(), LessById);
    }
  }

  // The machines listed for `worker`, which are nobody else's from here on.
  std::vector<Machine> Claim(const Worker& worker) {
    const auto found = unclaimed_.find(worker.launch);
    if (found == unclaimed_.end()) return {};
    std::vector<Machine> machines = std::move(found->second);
    unclaimed_.erase(found);
    return machines;
  }

  // Machines of no worker: orphans, whose worker has left, and strangers, who are ended where an
  // operator says so.
  void SortOut(const LaunchId& launch, const std::vector<Machine>& machines) {
    const bool ours = IsRequestKnown(decided_, launch);
    const auto stranger = decided_.strangers.find(launch);
    const bool known = stranger != decided_.strangers.end();
    if (ours || (known && stranger->second.fate == StrangerFate::kCollected)) {
      for (const Machine& machine : machines) {
        result_.terminations.push_back({machine, kOrphanGrace});
      }
    } else if (!known) {
      result_.reports.push_back(ReportStranger{site_.number, launch, machines.front().id, true});
    }
  }

  // It was on a listing before, so no call for it is under way: one that lacks it proves it gone.
  void NoteGoneStrangers() {
    for (const auto& [launch, stranger] : decided_.strangers) {
      if (stranger.site != site_.number || unclaimed_.contains(launch)) continue;
      result_.reports.push_back(ReportStranger{site_.number, launch, stranger.machine, false});
    }
  }

  // ---- A worker, by its state ----

  void Consider(const Epu& epu, const Worker& worker, const std::vector<Machine>& machines) {
    worker_ = {epu.number, worker.number};
    if (worker.state >= WorkerState::kTerminating) {
      for (const Machine& machine : machines) Terminate(epu, machine);
      machines.empty() ? ConcludeEnd(worker) : NoteListed(worker, machines.front());
      return;
    }
    if (machines.empty()) {
      ConsiderUnlisted(epu, worker);
      return;
    }
    const auto known = std::find_if(machines.begin(), machines.end(), [&](const Machine& machine) {
      return machine.id == worker.machine;
    });
    const Machine& kept = known == machines.end() ? machines.front() : *known;
    for (const Machine& machine : machines) {
      if (machine.id != kept.id) Terminate(epu, machine);
    }
    ConsiderListed(epu, worker, kept);
  }

  void ConsiderListed(const Epu& epu, const Worker& worker, const Machine& machine) {
    if (worker.state < WorkerState::kPending) return Open();
    if (worker.state == WorkerState::kPending) {
      Report(WorkerState::kStarted, Reason::kNone, machine.id);
      return NoteListed(worker, machine);
    }
    NoteListed(worker, machine);
    if (worker.state == WorkerState::kRunningFailed) return;
    if (machine.condition == MachineCondition::kAgentLost) {
      return Report(WorkerState::kRunningFailed, Reason::kAgentLost);
    }
    if (worker.state != WorkerState::kStarted) return;
    if (!epu.definition.health.monitor) return Report(WorkerState::kRunning);
    ConsiderBoot(epu, worker);
  }

  void ConsiderUnlisted(const Epu& epu, const Worker& worker) {
    if (worker.state < WorkerState::kPending) return Open();
    if (worker.state == WorkerState::kPending) return ConsiderPending(epu, worker);
    const bool due = listing_.begun > worker.state_since + facts_.listing_lag;
    if (worker.presence == Presence::kUnlisted && due) {
      Report(WorkerState::kFailed, Reason::kNodeDisappeared);
      if (ProvesAbsence(worker)) Note(Presence::kGone);
      return;
    }
    const bool missed =
        worker.presence == Presence::kListed || (worker.presence == Presence::kOpened && due);
    if (missed) Note(Presence::kUnlisted);
    if (worker.state == WorkerState::kStarted) ConsiderBoot(epu, worker);
  }

  // The site has not been asked yet. The intent is recorded first; the call follows in a later
  // pass.
  void Open() {
    enabled_ ? Report(WorkerState::kPending) : Report(WorkerState::kRejected, Reason::kDisabled);
  }

  // Being asked of the site, which does not list it.
  void ConsiderPending(const Epu& epu, const Worker& worker) {
    if (worker.presence == Presence::kGone) {
      return Report(WorkerState::kRejected, Reason::kDisabled);
    }
    if (!enabled_) {
      if (!ProvesAbsence(worker)) return;
      Note(Presence::kGone);
      return Report(WorkerState::kRejected, Reason::kDisabled);
    }
    if (now_ - Since(worker) > kPendingMax) {
      return Report(WorkerState::kFailed, Reason::kIaasTimeout);
    }
    if (MayLaunch(decided_, worker, facts_, calls_, now_)) {
      result_.launches.push_back({Token{decided_.log_id, worker.launch}, SpecOf(epu, worker)});
    }
  }

  // The machine runs, and nobody has heard the worker.
  void ConsiderBoot(const Epu& epu, const Worker& worker) {
    const HealthDefinition& health = epu.definition.health;
    if (health.monitor && now_ - Since(worker) > health.boot_timeout) {
      Report(WorkerState::kRunningFailed, Reason::kBootTimeout);
    }
  }

  // To be ended, or ended, and not listed.
  void ConcludeEnd(const Worker& worker) {
    const bool ending = worker.state == WorkerState::kTerminating;
    const bool never_asked = worker.presence == Presence::kUnasked;
    const bool gone = worker.presence == Presence::kGone;
    if (!never_asked && !gone) {
      if (!ProvesAbsence(worker)) return;
      Note(Presence::kGone);
    }
    if (ending) Report(WorkerState::kTerminated);
  }

  // ---- Questions ----

  // Since when the worker is in its state, as far as this server can have observed it.
  Time Since(const Worker& worker) const {
    return std::max(worker.state_since, decided_.server_started);
  }

  bool ProvesAbsence(const Worker& worker) const {
    const auto ended = calls_.launch_ended.find(worker.launch);
    const Time last_call =
        ended == calls_.launch_ended.end() ? decided_.server_started : ended->second;
    return listing_.begun >= last_call + facts_.listing_lag;
  }

  // ---- Answers ----

  void Report(WorkerState to, Reason reason = Reason::kNone, std::string machine = {}) {
    result_.reports.push_back(ReportWorker{worker_, to, reason, {}, std::move(machine)});
  }

  void Note(Presence to, std::string machine = {}) {
    result_.reports.push_back(ReportMachine{worker_, to, std::move(machine)});
  }

  void NoteListed(const Worker& worker, const Machine& machine) {
    if (worker.presence != Presence::kListed) Note(Presence::kListed, machine.id);
  }

  void Terminate(const Epu& epu, const Machine& machine) {
    result_.terminations.push_back({machine, epu.definition.worker.stop_grace});
  }

  const State& decided_;
  const Site& site_;
  const Listing& listing_;
  const DriverFacts& facts_;
  const CallLog& calls_;
  const Time now_;
  const bool enabled_;
  WorkerId worker_;  // Under consideration.
  std::map<LaunchId, std::vector<Machine>> unclaimed_;
  Reconciliation result_;
};

}  // namespace

Reconciliation Reconcile(const State& decided, const Site& site, const Listing& listing,
                         const DriverFacts& facts, const CallLog& calls, Time now) {
  return Reconciler(decided, site, listing, facts, calls, now).Run();
}

bool MayLaunch(const State& decided, const Worker& worker, const DriverFacts& facts,
               const CallLog& calls, Time now) {
  const bool first =
      !calls.launch_ended.contains(worker.launch) && decided.server_started <= worker.state_since;
  return first || now - worker.state_since < facts.repeat_safe;
}

}  // namespace epu
