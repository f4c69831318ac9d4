#include "commands/review.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::string_view kUniqueInstances = "unique_instances";

// A review under way: the pool as it stands after the payloads so far.
struct Draft {
  const State& state;
  const EngineEntry* engine;  // Null for a pool that is only drained.
  Time now;
  Epu epu;
  std::uint64_t requests = 0;  // Made so far in this review.
  std::size_t changes = 0;     // Requests and retirements so far.
  std::vector<Payload> payloads;
};

// What a pool lacks and has too much of, against a wanted size.
struct Shape {
  std::vector<std::string> launches;  // A unique key each, or empty for a worker like the others.
  std::vector<WorkerNumber> retirements;
};

// Of the unique instances the first `most`, as configured.
std::vector<std::string_view> UniqueKeys(const EpuDefinition& definition, std::size_t most) {
  std::vector<std::string_view> keys;
  if (!HasKey(definition, kUniqueInstances)) return keys;
  for (const UniqueInstance& unique : UniquesOf(definition, kUniqueInstances)) {
    if (keys.size() < most) keys.push_back(unique.key);
  }
  return keys;
}

// Unique instances are each kept under their own key, within the wanted size; the others are all
// alike.
Shape ShapeFor(const Epu& epu, std::uint32_t wanted) {
  Shape shape;
  std::vector<std::string_view> missing = UniqueKeys(epu.definition, wanted);
  const std::size_t alike_wanted = wanted - missing.size();
  std::size_t alike = 0;
  for (const auto& [number, worker] : epu.workers) {
    if (!IsValid(worker)) continue;
    if (worker.unique_key.empty()) {
      ++alike;
    } else if (std::erase(missing, worker.unique_key) == 0) {
      shape.retirements.push_back(number);  // Its key is not configured, or another worker has it.
    }
  }
  for (const WorkerNumber victim : VictimOrder(epu)) {
    if (alike <= alike_wanted) break;
    if (!epu.workers.at(victim).unique_key.empty()) continue;
    shape.retirements.push_back(victim);
    --alike;
  }
  shape.launches.assign(missing.begin(), missing.end());
  for (; alike < alike_wanted; ++alike) shape.launches.emplace_back();
  return shape;
}

void CutTo(std::size_t room, ConstraintKind kind, double wanted, double limit,
           std::size_t& launches, std::vector<Constraint>& constraints) {
  if (launches <= room) return;
  launches = room;
  constraints.push_back({kind, wanted, limit, std::nullopt});
}

std::size_t RoomUnder(std::uint64_t limit, std::size_t machines) {
  return limit > machines ? static_cast<std::size_t>(limit - machines) : 0;
}

// How many changes this review may still make.
std::size_t RoomOf(const Draft& draft) { return RoomUnder(kReviewChangesMax, draft.changes); }

// How many of `launches` may be made now, beside as many retirements; whatever cuts them is added
// to `constraints`, with what was wanted.
std::size_t Grant(const Draft& draft, std::size_t launches, std::size_t retirements,
                  std::vector<Constraint>& constraints) {
  if (launches == 0) return 0;
  const Epu& epu = draft.epu;
  const auto found = draft.state.sites.find(epu.definition.worker.site);
  CHECK(found != draft.state.sites.end());
  const Site& site = found->second;
  if (!draft.state.enabled || !site.enabled) {
    const auto kind =
        draft.state.enabled ? ConstraintKind::kSiteDisabled : ConstraintKind::kDisabled;
    constraints.push_back({kind, static_cast<double>(launches), 0, std::nullopt});
    return 0;
  }
  if (draft.now < epu.back_off.until) {
    constraints.push_back({ConstraintKind::kBackOff, static_cast<double>(epu.back_off.failures), 0,
                           epu.back_off.until});
    return 0;
  }
  const auto cut = [&](ConstraintKind kind, std::uint64_t limit, std::size_t machines) {
    CutTo(RoomUnder(limit, machines), kind, static_cast<double>(machines + launches),
          static_cast<double>(limit), launches, constraints);
  };
  const auto max_instances = static_cast<std::uint64_t>(IntegerOf(epu.definition, "max_instances"));
  cut(ConstraintKind::kMaxInstances, max_instances, CountMachines(epu));
  cut(ConstraintKind::kSiteMaxWorkers, site.definition.max_workers,
      CountMachines(draft.state, site.number) + draft.requests);
  cut(ConstraintKind::kRunMaxWorkers, draft.state.max_workers,
      CountMachines(draft.state) + draft.requests);
  CutTo(RoomUnder(RoomOf(draft), retirements), ConstraintKind::kReviewMax,
        static_cast<double>(launches), kReviewChangesMax, launches, constraints);
  return launches;
}

// How long a worker may go on with its work before it is ended for `reason`. Only what nobody is in
// a hurry for waits.
Duration GraceOf(const Epu& epu, const Worker& worker, Reason reason) {
  const bool waits = reason == Reason::kRetired || reason == Reason::kRemoved;
  const bool busy = worker.report.activity == Activity::kBusy && IsHealthy(epu, worker);
  return waits && busy ? epu.definition.worker.drain_timeout : Duration::zero();
}

// Ends a worker, or lets it finish its work first.
void Retire(Draft& draft, WorkerNumber number, Reason reason) {
  Worker& worker = draft.epu.workers.at(number);
  ++draft.changes;
  if (const Duration grace = GraceOf(draft.epu, worker, reason); grace > Duration::zero()) {
    worker.drain_until = draft.now + grace;
    draft.payloads.push_back(DrainBegun{draft.epu.number, number, reason, *worker.drain_until});
    return;
  }
  WorkerChanged change{
      draft.epu.number, number, worker.state, WorkerState::kTerminating, reason, "", ""};
  draft.payloads.push_back(std::move(change));
  worker.state = WorkerState::kTerminating;
}

// Ends the draining workers that need not be waited for any more.
void EndDrained(Draft& draft) {
  for (const auto& [number, worker] : draft.epu.workers) {
    if (RoomOf(draft) == 0) return;
    if (IsDrained(draft.epu, worker, draft.now)) Retire(draft, number, worker.drain_reason);
  }
}

void Request(Draft& draft, const std::string& unique_key) {
  const Epu& epu = draft.epu;
  const std::uint64_t made = draft.state.requests.at(draft.state.epoch);
  Worker worker;
  worker.number = epu.next_worker;
  worker.site = epu.definition.worker.site;
  worker.launch = {draft.state.epoch, made + ++draft.requests};
  worker.unique_key = unique_key;
  worker.requested = worker.state_since = draft.now;
  worker.policy = epu.policy;
  draft.payloads.push_back(WorkerRequested{epu.number, worker.number, worker.site, worker.launch,
                                           unique_key, epu.policy});
  draft.epu.next_worker = WorkerNumber{ToInteger(worker.number) + 1};
  draft.epu.workers.emplace(worker.number, std::move(worker));
  ++draft.changes;
}

// Records `decision` and does what it says. Its launches are `launches`, as far as the limits grant
// them.
void Conclude(Draft& draft, DecisionMade decision, const std::vector<std::string>& launches,
              Reason reason) {
  const std::vector<WorkerNumber> retirements = decision.retirements;
  const std::size_t granted =
      Grant(draft, launches.size(), retirements.size(), decision.constraints);
  decision.launches = static_cast<std::uint32_t>(granted);
  const bool resizes = draft.epu.wanted != decision.wanted;
  const bool changes = resizes || granted > 0 || !retirements.empty();
  // What is missing is a matter of repair; that nothing can be done about it is said once.
  const bool repairs = decision.cause == DecisionCause::kRepair;
  if (!changes && (!repairs || IsHeldBy(draft.epu, CutsOf(decision)))) return;
  draft.epu.wanted = decision.wanted;
  draft.payloads.push_back(std::move(decision));
  for (const WorkerNumber number : retirements) Retire(draft, number, reason);
  for (std::size_t i = 0; i < granted; ++i) Request(draft, launches[i]);
}

DecisionMade NewDecision(const Draft& draft, DecisionCause cause) {
  DecisionMade decision;
  decision.epu = draft.epu.number;
  decision.cause = cause;
  decision.engine = draft.engine->name;
  decision.engine_version = draft.engine->version;
  decision.size = static_cast<std::uint32_t>(CountValid(draft.epu));
  decision.policy = draft.epu.policy;
  return decision;
}

// As many as one review may change.
void Bound(const Draft& draft, std::vector<WorkerNumber>& retirements,
           std::vector<Constraint>& constraints) {
  std::size_t count = retirements.size();
  CutTo(RoomOf(draft), ConstraintKind::kReviewMax, static_cast<double>(count), kReviewChangesMax,
        count, constraints);
  retirements.resize(count);
}

// Unhealthy workers are replaced, and what is missing of the size last wanted is requested. Whether
// those that are there are the right ones is a matter of scaling.
void Repair(Draft& draft) {
  if (!draft.epu.wanted) return;
  DecisionMade decision = NewDecision(draft, DecisionCause::kRepair);
  decision.wanted = *draft.epu.wanted;
  for (const auto& [number, worker] : draft.epu.workers) {
    if (IsUnhealthy(draft.epu, worker)) decision.retirements.push_back(number);
  }
  if (decision.retirements.empty() && decision.size >= decision.wanted) return;
  if (const std::size_t unhealthy = decision.retirements.size(); unhealthy > 0) {
    decision.constraints.push_back(
        {ConstraintKind::kUnhealthy, static_cast<double>(unhealthy), 0, std::nullopt});
  }
  if (decision.size < decision.wanted) {
    decision.constraints.push_back({ConstraintKind::kLost, static_cast<double>(decision.size),
                                    static_cast<double>(decision.wanted), std::nullopt});
  }
  Epu healthy = draft.epu;
  for (const WorkerNumber number : decision.retirements) healthy.workers.erase(number);
  std::vector<std::string> launches = ShapeFor(healthy, decision.wanted).launches;
  launches.resize(std::min(launches.size(), RoomUnder(decision.wanted, CountValid(healthy))));
  Bound(draft, decision.retirements, decision.constraints);
  for (const WorkerNumber number : decision.retirements) {
    const Sequence found = draft.epu.workers.at(number).health_event;
    if (found != 0) decision.inputs.push_back(found);
  }
  Conclude(draft, std::move(decision), launches, Reason::kUnhealthy);
}

// Cuts `decision` to what is not paused: the pool does not grow, or does not shrink, but by repair.
// An exchange of unique instances would do both. True where a hold cut for the first time.
bool KeepToPauses(const Draft& draft, DecisionMade& decision, Shape& shape) {
  const Hold* out = HoldOut(draft.epu, draft.now);
  const Hold* in = HoldIn(draft.epu, draft.now);
  const std::uint32_t asked = decision.wanted;
  const std::uint32_t size = draft.epu.wanted.value_or(0);
  if (out != nullptr) decision.wanted = std::min(decision.wanted, size);
  if (in != nullptr) decision.wanted = std::max(decision.wanted, size);
  shape = ShapeFor(draft.epu, decision.wanted);
  const std::size_t valid = CountValid(draft.epu);
  const std::size_t missing = RoomUnder(decision.wanted, valid);
  const bool exchanges = shape.launches.size() > missing;
  const bool cuts_in = in != nullptr && (asked < size || !shape.retirements.empty());
  const bool cuts_out = out != nullptr && (asked > size || exchanges);
  if (!cuts_in && !cuts_out) return false;
  shape.launches.resize(std::min(shape.launches.size(), missing));
  shape.retirements.resize(
      cuts_in ? 0 : std::min(shape.retirements.size(), RoomUnder(valid, decision.wanted)));
  const Constraint cut{ConstraintKind::kPaused, static_cast<double>(asked),
                       static_cast<double>(decision.wanted), (cuts_out ? out : in)->until};
  decision.constraints.push_back(cut);
  return (HoldsGrowth(cut) && out != nullptr && out->decision == 0) ||
         (HoldsShrinking(cut) && in != nullptr && in->decision == 0);
}

// Never empty: an empty text means that the engine decides.
std::string ErrorText(const absl::Status& error) {
  return error.message().empty() ? error.ToString() : CutText(std::string(error.message()));
}

// The engine's own question: what size is the pool to have?
void Scale(Draft& draft) {
  absl::StatusOr<Decision> answer = draft.engine->engine->Decide(draft.epu, draft.now);
  const std::string error = answer.ok() ? "" : ErrorText(answer.status());
  if (error != draft.epu.engine_error) {
    draft.payloads.push_back(EngineErrorChanged{draft.epu.number, error});
  }
  if (!answer.ok()) return;
  DecisionMade decision = NewDecision(draft, DecisionCause::kScaling);
  decision.wanted = answer->wanted;
  decision.constraints = std::move(answer->constraints);
  decision.inputs = std::move(answer->inputs);
  const auto max_instances =
      static_cast<std::uint32_t>(IntegerOf(draft.epu.definition, "max_instances"));
  if (decision.wanted > max_instances) {
    decision.constraints.push_back({ConstraintKind::kMaxInstances,
                                    static_cast<double>(decision.wanted),
                                    static_cast<double>(max_instances), std::nullopt});
    decision.wanted = max_instances;
  }
  Shape shape;
  const bool is_held_anew = KeepToPauses(draft, decision, shape);
  decision.retirements = std::move(shape.retirements);
  Bound(draft, decision.retirements, decision.constraints);
  if (is_held_anew && shape.launches.empty() && IsHeldWhole(draft.epu, decision)) {
    draft.payloads.push_back(std::move(decision));
    return;
  }
  Conclude(draft, std::move(decision), shape.launches, Reason::kRetired);
}

// Why this build cannot ask the pool's engine; empty where it can.
std::string Obstacle(const Draft& draft) {
  const EpuDefinition& definition = draft.epu.definition;
  if (draft.engine == nullptr) {
    return fmt::format("this build has no engine \"{}\"", definition.engine);
  }
  for (const Key& key : draft.engine->keys) {  // An older build may have recorded the definition.
    if (HasKey(definition, key.name)) continue;
    return fmt::format("{} has no {}, which {} needs in this build; configure it", definition.name,
                       key.name, definition.engine);
  }
  return {};
}

// A pool that is being removed gives up its workers, and its name's place when the last has gone.
void Drain(Draft& draft) {
  if (draft.epu.workers.empty()) {
    draft.payloads.push_back(EpuRemoved{draft.epu.number});
    return;
  }
  for (const WorkerNumber number : VictimOrder(draft.epu)) {
    if (draft.changes == kReviewChangesMax) return;
    Retire(draft, number, Reason::kRemoved);
  }
}

}  // namespace

std::vector<Payload> DecideReview(const State& state, const Epu& epu, Time now,
                                  const EngineCatalog& catalog) {
  if (epu.removed) return {};
  Draft draft{state, FindEngine(catalog, epu.definition.engine), now, epu, 0, 0, {}};
  EndDrained(draft);
  if (epu.removing) {
    Drain(draft);
    return std::move(draft.payloads);
  }
  if (std::string error = Obstacle(draft); !error.empty()) {  // Shown, and left alone.
    if (error != epu.engine_error) {
      draft.payloads.push_back(EngineErrorChanged{epu.number, std::move(error)});
    }
    return std::move(draft.payloads);
  }
  if (FlagOf(epu.definition, "devmode_no_failure_compensation") && epu.failure) {
    if (!epu.dev_mode_failure) draft.payloads.push_back(DevModeFailed{epu.number, *epu.failure});
    return std::move(draft.payloads);
  }
  Repair(draft);
  Scale(draft);
  return std::move(draft.payloads);
}

}  // namespace epu
