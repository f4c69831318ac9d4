#include "projections/evolve.h"

#include <algorithm>
#include <type_traits>

#include "eventlog/check.h"
#include "eventlog/overloaded.h"
#include "projections/back_off.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr Duration kClientSweep = std::chrono::hours(1);

// The EPU an event is about: it was introduced by an earlier event, or the log is not ours.
Epu& EpuOf(State& state, EpuNumber number) {
  const auto found = state.epus.find(number);
  CHECK(found != state.epus.end());
  return found->second;
}

Worker* WorkerOf(Epu& epu, WorkerNumber number) {
  const auto found = epu.workers.find(number);
  return found == epu.workers.end() ? nullptr : &found->second;
}

// A worker leaves when its end is recorded and no machine of it can exist.
void ForgetIfGone(Epu& epu, const Worker& worker) {
  const bool ended = worker.state >= WorkerState::kTerminated;
  const bool gone = worker.presence == Presence::kGone || worker.presence == Presence::kUnasked;
  if (ended && gone) epu.workers.erase(worker.number);
}

void RememberCommand(State& state, const Event& event) {
  if (event.command.client == 0) return;
  Client& client = state.clients[event.command.client];
  client.heard = event.time;
  if (event.place.index != 0) return;
  if (client.outcomes.size() == kOutcomesMax) client.outcomes.erase(client.outcomes.begin());
  client.outcomes.push_back(
      {event.command.number, event.sequence, event.sequence + event.place.count - 1});
}

void SweepClients(State& state) {
  if (state.time - state.clients_swept < kClientSweep) return;
  state.clients_swept = state.time;
  std::erase_if(state.clients, [&](const auto& entry) {
    return state.time - entry.second.heard > kClientForgotten;
  });
}

// ---- One function a payload, in the order of Payload ----

// Under another id the log is a copy: the machines are those of the log it was copied from.
void ForgetMachines(State& state) {
  for (auto& [number, epu] : state.epus) {
    epu.workers.clear();
    epu.back_off = {};
    epu.held.clear();
  }
  for (auto& [number, service] : state.launch.services) service.machines.clear();
  state.requests.clear();
  state.strangers.clear();
}

void Apply(State& state, const Event& event, const ServerStarted& fact) {
  if (!state.log_id.empty() && state.log_id != fact.log_id) ForgetMachines(state);
  state.log_id = fact.log_id;
  state.host = fact.host;
  state.path = fact.path;
  state.epoch = fact.epoch;
  state.server_started = event.time;
  state.requests.try_emplace(fact.epoch, 0);
  for (auto& [number, site] : state.sites) site.answering.reset();
}

void Apply(State& state, const Event&, const ClockDiffered& fact) {
  state.clock_difference = fact.difference;
}

void Apply(State& state, const Event& event, const ActorIntroduced& fact) {
  state.actors.push_back({ActorNumber{event.sequence}, fact.user_id, fact.name});
}

void Apply(State& state, const Event& event, const RunLimited& fact) {
  state.max_workers = fact.max_workers;
  state.limited = event.sequence;
}

void Apply(State& state, const Event& event, const SiteDefined& fact) {
  Site& site = state.sites[fact.site];
  site.number = fact.site;
  site.definition = fact.definition;
  site.policy = event.sequence;
}

void Apply(State& state, const Event& event, const SiteAnswered& fact) {
  const auto found = state.sites.find(fact.site);
  CHECK(found != state.sites.end());
  found->second.answering = fact.answering;
  found->second.error = fact.error;
  found->second.answering_since = event.time;
}

void Apply(State& state, const Event&, const LaunchingSwitched& fact) {
  if (fact.site == SiteNumber{}) {
    state.enabled = fact.enabled;
    return;
  }
  const auto found = state.sites.find(fact.site);
  CHECK(found != state.sites.end());
  found->second.enabled = fact.enabled;
}

// A new policy: what held the EPU under the old one holds it no longer.
void BeginPolicy(Epu& epu, Sequence policy) {
  epu.policy = policy;
  epu.held.clear();
  epu.back_off = {};
  epu.failure.reset();
  epu.dev_mode_failure.reset();
  for (std::optional<Hold>* hold : {&epu.paused_out, &epu.paused_in}) {
    if (*hold) (*hold)->decision = 0;  // What it held was wanted by the old one.
  }
}

// A shadow that is defined as it was goes on; the others begin anew.
void KeepShadows(Epu& epu, const EpuDefinition& next) {
  const std::vector<ShadowDefinition>& before = epu.definition.shadows;
  std::erase_if(epu.shadows, [&](const auto& entry) {
    const auto is_it = [&](const ShadowDefinition& shadow) { return shadow.name == entry.first; };
    const auto was = std::find_if(before.begin(), before.end(), is_it);
    const auto is = std::find_if(next.shadows.begin(), next.shadows.end(), is_it);
    return was == before.end() || is == next.shadows.end() || *was != *is;
  });
}

void Apply(State& state, const Event& event, const EpuDefined& fact) {
  Epu& epu = state.epus[fact.epu];
  KeepShadows(epu, fact.definition);
  epu.number = fact.epu;
  epu.definition = fact.definition;
  if (epu.removed) epu.wanted.reset();
  epu.removing = epu.removed = false;
  std::map<SensorNumber, Sensor> sensors;
  for (const SensorDefinition& definition : fact.definition.sensors) {
    Sensor& sensor = sensors[definition.number];
    const auto known = epu.sensors.find(definition.number);
    if (known != epu.sensors.end()) sensor = std::move(known->second);
    sensor.definition = definition;
  }
  epu.sensors = std::move(sensors);
  BeginPolicy(epu, event.sequence);
}

void Apply(State& state, const Event& event, const EpuReconfigured& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  std::vector<Setting>& settings = epu.definition.settings;
  for (const Setting& changed : fact.settings) {
    const auto known = std::find_if(settings.begin(), settings.end(), [&](const Setting& setting) {
      return setting.key == changed.key;
    });
    if (known != settings.end()) {
      known->value = changed.value;
    } else {
      settings.push_back(changed);
    }
  }
  BeginPolicy(epu, event.sequence);
}

void Apply(State& state, const Event& event, const RemovalBegun& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  epu.removing = true;
  epu.removal = event.sequence;
}

void Apply(State& state, const Event& event, const EpuRemoved& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  Epu name_only;
  name_only.number = epu.number;
  name_only.definition.name = epu.definition.name;
  name_only.next_worker = epu.next_worker;
  name_only.removed = true;
  name_only.removal = event.sequence;
  epu = std::move(name_only);
}

// A reading taken before the latest one of its sensor is history, and changes nothing.
void Apply(State& state, const Event& event, const ReadingTaken& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  const auto found = epu.sensors.find(fact.sensor);
  if (found == epu.sensors.end()) return;
  Reading& latest = found->second.latest;
  if (latest.sequence != 0 && event.time - fact.age < latest.recorded - latest.age) return;
  latest.sequence = event.sequence;
  latest.recorded = event.time;
  latest.age = fact.age;
  latest.measure = fact.measure;
  latest.in_progress = fact.in_progress;
  latest.source = fact.source;
}

// Remembers the first decision that each hold cut.
void NoteHeld(Epu& epu, const DecisionMade& fact, Sequence decision) {
  for (const Constraint& cut : fact.constraints) {
    if (cut.kind != ConstraintKind::kPaused) continue;
    const auto note = [&](std::optional<Hold>& hold) {
      if (hold && hold->decision == 0) hold->decision = decision;
    };
    if (HoldsGrowth(cut)) note(epu.paused_out);
    if (HoldsShrinking(cut)) note(epu.paused_in);
  }
}

void Apply(State& state, const Event& event, const DecisionMade& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  NoteHeld(epu, fact, event.sequence);
  if (IsHeldWhole(epu, fact)) return;
  epu.wanted = fact.wanted;
  epu.decision = event.sequence;
  epu.decided = event.time;
  if (fact.cause == DecisionCause::kScaling) {
    epu.scaling = event.sequence;
    epu.scaled = event.time;
  }
  const std::uint64_t reached = std::uint64_t{fact.size} + fact.launches;
  epu.held.clear();
  if (reached < std::uint64_t{fact.wanted} + fact.retirements.size()) epu.held = CutsOf(fact);
}

void Apply(State& state, const Event& event, const EngineErrorChanged& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  if (epu.engine_error.empty()) epu.engine_error_since = event.time;
  epu.engine_error = fact.error;
}

void Apply(State& state, const Event&, const DevModeFailed& fact) {
  EpuOf(state, fact.epu).dev_mode_failure = fact.worker;
}

void CountRequest(State& state, const LaunchId& launch) {
  std::uint64_t& requests = state.requests[launch.epoch];
  requests = std::max(requests, launch.request);
}

void Apply(State& state, const Event& event, const WorkerRequested& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  Worker worker;
  worker.number = fact.worker;
  worker.site = fact.site;
  worker.launch = fact.launch;
  worker.unique_key = fact.unique_key;
  worker.request = event.sequence;
  worker.requested = worker.state_since = worker.health_since = worker.presence_since = event.time;
  worker.policy = fact.policy;
  epu.workers.insert_or_assign(fact.worker, std::move(worker));
  epu.next_worker = WorkerNumber{ToInteger(fact.worker) + 1};
  CountRequest(state, fact.launch);
}

void Apply(State& state, const Event& event, const WorkerChanged& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  Worker* worker = WorkerOf(epu, fact.worker);
  if (worker == nullptr) return;
  const bool failed = fact.to == WorkerState::kRunningFailed || fact.to == WorkerState::kFailed;
  if (failed && IsValid(*worker)) CountFailure(epu, *worker, event);
  worker->state = fact.to;
  worker->state_since = event.time;
  // On the way up, what held it before does no more; on the way down, why it began stays.
  const bool up = fact.to <= WorkerState::kRunning;
  if (up || fact.reason != Reason::kNone) worker->reason = fact.reason;
  if (up || !fact.detail.empty()) worker->detail = fact.detail;
  if (!fact.machine.empty()) worker->machine = fact.machine;
  if (fact.to == WorkerState::kRunning) worker->running_since = event.time;
  const bool asked = fact.to >= WorkerState::kPending && fact.to < WorkerState::kTerminating;
  if (asked && worker->presence == Presence::kUnasked) {
    worker->presence = Presence::kOpened;
    worker->presence_since = event.time;
  }
  if (fact.to >= WorkerState::kTerminating && worker->health != Health::kZombie) {
    worker->health = Health::kUnknown;
    worker->health_since = event.time;
  }
  ForgetIfGone(epu, *worker);
}

void Apply(State& state, const Event& event, const MachineChanged& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  Worker* worker = WorkerOf(epu, fact.worker);
  if (worker == nullptr) return;
  worker->presence = fact.to;
  worker->presence_since = event.time;
  if (!fact.machine.empty()) worker->machine = fact.machine;
  ForgetIfGone(epu, *worker);
}

void Apply(State& state, const Event& event, const HealthChanged& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  Worker* worker = WorkerOf(epu, fact.worker);
  if (worker == nullptr) return;
  const bool was_unhealthy = IsUnhealthy(epu, *worker);
  worker->health = fact.to;
  worker->health_since = event.time;
  worker->health_event = event.sequence;
  if (!fact.detail.empty()) worker->health_detail = fact.detail;
  if (!was_unhealthy && IsUnhealthy(epu, *worker)) CountFailure(epu, *worker, event);
}

void Apply(State&, const Event&, const CommandDenied&) {}

void Apply(State& state, const Event& event, const ScalingPaused& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  const Hold hold{event.sequence, event.time, fact.until, 0};
  if (fact.out) epu.paused_out = hold;
  if (fact.in) epu.paused_in = hold;
}

void Apply(State& state, const Event&, const ScalingResumed& fact) {
  Epu& epu = EpuOf(state, fact.epu);
  if (fact.out) epu.paused_out.reset();
  if (fact.in) epu.paused_in.reset();
}

void Apply(State& state, const Event& event, const WorkReported& fact) {
  Worker* worker = WorkerOf(EpuOf(state, fact.epu), fact.worker);
  if (worker == nullptr) return;
  worker->report = fact.report;
  worker->reported = event.sequence;
  worker->reported_at = event.time;
}

void Apply(State& state, const Event&, const DrainBegun& fact) {
  Worker* worker = WorkerOf(EpuOf(state, fact.epu), fact.worker);
  if (worker == nullptr) return;
  worker->drain_until = fact.until;
  worker->drain_reason = fact.reason;
}

void Apply(State& state, const Event& event, const StrangerChanged& fact) {
  if (fact.to == StrangerFate::kGone) {
    state.strangers.erase(fact.launch);
  } else {
    state.strangers[fact.launch] = {fact.site, fact.machine, fact.to, event.sequence, event.time};
  }
}

void Apply(State& state, const Event&, const DiskFilled& fact) { state.disk_full = fact.full; }

void Apply(State& state, const Event& event, const ShadowDecided& fact) {
  Shadow& shadow = EpuOf(state, fact.epu).shadows[fact.shadow];
  shadow.decision = event.sequence;
  shadow.error = fact.error;
  if (!fact.error.empty()) return;
  shadow.wanted = fact.wanted;
  shadow.basis = fact.basis;
  shadow.decided = event.time;
}

// What is said of a launch concerns that part alone.
template <typename Fact>
  requires requires(Launch& launch, const Event& event, const Fact& fact) {
    Evolve(launch, event, fact);
  }
void Apply(State& state, const Event& event, const Fact& fact) {
  if constexpr (std::is_same_v<Fact, StepBegun>) {
    if (fact.step == ServiceStep::kMachine) CountRequest(state, fact.launch);
  }
  Evolve(state.launch, event, fact);
}

void Apply(State&, const Event&, const LineHarvested&) {}

}  // namespace

void Evolve(State& state, const Event& event) {
  state.head = event.sequence;
  state.time = event.time;
  RememberCommand(state, event);
  SweepClients(state);
  if (const EpuNumber epu = SubjectOf(event.payload).epu; epu != EpuNumber{}) {
    const auto found = state.epus.find(epu);
    if (found != state.epus.end()) SettleSuccesses(found->second, event.time);
  }
  std::visit([&](const auto& fact) { Apply(state, event, fact); }, event.payload);
}

}  // namespace epu
