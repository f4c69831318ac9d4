#include "commands/replay.h"

#include <algorithm>
#include <variant>

#include "commands/decide.h"
#include "commands/due.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

constexpr EpuNumber kEveryEpu{~Sequence{0}};

// The pool that a command of the server's own reviewed; 0 where it was no review. Only reviews
// decide, fail to, drain, and have workers end.
EpuNumber ReviewedBy(const std::vector<Event>& command) {
  if (command.front().actor != kServer || command.front().command.client != 0) return {};
  for (const Event& event : command) {
    const auto* change = std::get_if<WorkerChanged>(&event.payload);
    const bool ends = change != nullptr && change->to == WorkerState::kTerminating;
    if (ends || std::holds_alternative<DecisionMade>(event.payload) ||
        std::holds_alternative<EngineErrorChanged>(event.payload) ||
        std::holds_alternative<DevModeFailed>(event.payload) ||
        std::holds_alternative<EpuRemoved>(event.payload) ||
        std::holds_alternative<DrainBegun>(event.payload)) {
      return SubjectOf(event.payload).epu;
    }
  }
  return {};
}

// The first decision of a command; null where there is none.
const DecisionMade* DecisionIn(const std::vector<Event>& command) {
  for (const Event& event : command) {
    if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) return decision;
  }
  return nullptr;
}

bool AreSameBytes(const std::vector<Event>& left, const std::vector<Event>& right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const Event& one, const Event& other) { return Encode(one) == Encode(other); });
}

// What a decision does, without what it is called and numbered by.
std::vector<Payload> EffectsOf(const std::vector<Event>& events) {
  std::vector<Payload> effects;
  for (const Event& event : events) {
    if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
      DecisionMade effect;
      effect.wanted = decision->wanted;
      effect.launches = decision->launches;
      effect.retirements = decision->retirements;
      effects.emplace_back(std::move(effect));
    } else if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
      WorkerRequested effect = *request;
      effect.launch = {};
      effect.policy = 0;
      effects.emplace_back(std::move(effect));
    } else {
      effects.push_back(event.payload);
    }
  }
  return effects;
}

Command ReviewOf(EpuNumber epu) { return {{}, std::nullopt, "", Review{epu}}; }

}  // namespace

Replay::Replay(const EngineCatalog& catalog, Projection<State> known, const ReplayScope& scope)
    : catalog_(catalog), scope_(scope), state_(std::move(known.state)), time_(state_.time) {
  whole_ = state_.head == 0;
  const auto epu = state_.epus.find(scope_.epu.value_or(EpuNumber{}));
  if (epu == state_.epus.end()) return;
  in_force_ = epu->second.definition;
  PutCandidate();
}

void Replay::Take(Event event) {
  if (stopped()) return;
  // The rest of a command that began before the fold did.
  if (command_.empty() && event.place.index != 0) return Fold(event);
  if (command_.empty() && event.time != time_) {
    EndBatch();
    if (stopped()) return;
    BeginBatch(event.time);
  }
  const std::size_t count = event.place.count;
  command_.push_back(std::move(event));
  if (command_.size() >= count) TakeCommand();
}

void Replay::Finish() { EndBatch(); }

void Replay::BeginBatch(Time time) {
  time_ = time;
  whole_ = true;
  started_ = full_ = reviewing_ = false;
  size_ = 0;
  touched_.clear();
}

void Replay::EndBatch() { ExpectNothingBefore(kEveryEpu); }

void Replay::TakeCommand() {
  const EpuNumber reviewed = ReviewedBy(command_);
  if (reviewed != EpuNumber{}) TakeReview(reviewed);
  if (stopped()) return;
  for (const Event& event : command_) {
    Fold(event);
    started_ |= std::holds_alternative<ServerStarted>(event.payload);
    if (!reviewing_) Touch(state_, event, touched_);
  }
  size_ += command_.size();
  if (command_.front().sequence >= scope_.from) tally_.events += command_.size();
  command_.clear();
}

// The candidate is put over whatever policy comes into force.
void Replay::Fold(const Event& event) {
  const bool defines = scope_.candidate && SubjectOf(event.payload).epu == scope_.epu &&
                       (std::holds_alternative<EpuDefined>(event.payload) ||
                        std::holds_alternative<EpuReconfigured>(event.payload));
  if (!defines) return Evolve(state_, event);
  const auto known = state_.epus.find(*scope_.epu);
  if (known != state_.epus.end()) known->second.definition = in_force_;
  Evolve(state_, event);
  in_force_ = state_.epus.at(*scope_.epu).definition;
  PutCandidate();
}

void Replay::PutCandidate() {
  if (!scope_.candidate) return;
  EpuDefinition& definition = state_.epus.at(*scope_.epu).definition;
  if (absl::StatusOr<EpuDefinition> under = UnderCandidate(in_force_, *scope_.candidate, catalog_);
      under.ok()) {
    under_ = *under;
  }
  definition.engine = under_.engine;
  definition.settings = under_.settings;
}

void Replay::TakeReview(EpuNumber epu) {
  ExpectNothingBefore(epu);
  if (stopped()) return;
  reviewing_ = true;
  touched_.erase(epu);
  std::vector<Event> decided;
  if (IsJudged(epu)) decided = DecideAgain(epu);
  // The record is looked at from here on.
  const DecisionMade* const decision = DecisionIn(command_);
  if (decision != nullptr && !scope_.candidate) {
    const EngineEntry* const engine = FindEngine(catalog_, decision->engine);
    if (engine == nullptr || engine->version != decision->engine_version) {
      foreign_.insert(epu);
      const bool in_scope = !scope_.epu || *scope_.epu == epu;
      if (in_scope && state_.head + 1 >= scope_.from) {
        ++tally_.skipped[{decision->engine, decision->engine_version}];
      }
      return;
    }
    if (foreign_.erase(epu) > 0) decided = DecideAgain(epu);
  }
  if (!IsJudged(epu)) return;
  const bool agrees = scope_.candidate ? EffectsOf(decided) == EffectsOf(command_)
                                       : AreSameBytes(decided, command_);
  if (decision != nullptr) {
    ++tally_.decisions;
    tally_.agreed += agrees ? 1 : 0;
  }
  if (!agrees) Differ(epu, command_, std::move(decided));
}

// The touched pools before `epu` were reviewed before it, and left nothing.
void Replay::ExpectNothingBefore(EpuNumber epu) {
  while (!touched_.empty() && *touched_.begin() < epu) {
    const EpuNumber next = *touched_.begin();
    touched_.erase(touched_.begin());
    full_ |= !HasRoomForReview(size_);
    if (whole_ && !started_ && !full_ && !state_.disk_full) ExpectNothingOf(next);
  }
}

void Replay::ExpectNothingOf(EpuNumber epu) {
  if (!IsJudged(epu)) return;
  std::vector<Event> decided = DecideAgain(epu);
  if (!decided.empty()) Differ(epu, {}, std::move(decided));
}

// Whether what this build decides for the pool now is to be compared.
bool Replay::IsJudged(EpuNumber epu) const {
  if (state_.head + 1 < scope_.from || (scope_.epu && *scope_.epu != epu)) return false;
  const Epu* const pool = FindEpu(state_, epu);
  return pool != nullptr && !foreign_.contains(epu) &&
         (pool->removed || FindEngine(catalog_, pool->definition.engine) != nullptr);
}

std::vector<Event> Replay::DecideAgain(EpuNumber epu) const {
  const Command review = ReviewOf(epu);
  absl::StatusOr<std::vector<Payload>> payloads = Decide(state_, review, time_, catalog_);
  if (!payloads.ok()) return {};
  return ToEvents(state_, review, *std::move(payloads), time_);
}

void Replay::Differ(EpuNumber epu, std::vector<Event> recorded, std::vector<Event> decided) {
  (recorded.empty() ? tally_.missing : decided.empty() ? tally_.extra : tally_.differing) += 1;
  if (first_difference_) return;
  first_difference_ =
      ReplayDifference{epu, state_.head, time_, std::move(recorded), std::move(decided)};
}

}  // namespace epu
