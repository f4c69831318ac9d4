#include "engines/scenario.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "projections/pool.h"

namespace epu {
namespace {

Worker MakeWorker(WorkerNumber number, WorkerState state, Sequence request, Time now) {
  Worker worker;
  worker.number = number;
  worker.request = request;
  worker.requested = now;
  worker.state = state;
  worker.state_since = now;
  if (state == WorkerState::kRequested) return worker;
  worker.running_since = now;
  worker.settled = true;
  worker.health = Health::kOk;
  worker.presence = Presence::kListed;
  return worker;
}

WorkerNumber TakeNumber(Epu& epu) {
  const WorkerNumber number = epu.next_worker;
  epu.next_worker = WorkerNumber{ToInteger(number) + 1};
  return number;
}

Sequence LastSequence(const Epu& epu) {
  Sequence last = std::max(epu.policy, epu.decision);
  for (const auto& [number, worker] : epu.workers) last = std::max(last, worker.request);
  for (const auto& [number, sensor] : epu.sensors) last = std::max(last, sensor.latest.sequence);
  return last;
}

}  // namespace

Pool::Pool(std::string_view name) {
  epu_.number = EpuNumber{1};
  epu_.policy = last_ = 1;
  epu_.definition.name = name;
}

Pool& Pool::With(std::span<const Key> keys, std::string_view settings) {
  std::vector<Setting> given;
  while (!settings.empty()) {
    const std::string_view word = settings.substr(0, settings.find(' '));
    settings.remove_prefix(std::min(settings.size(), word.size() + 1));
    if (word.empty()) continue;
    const std::string_view name = word.substr(0, word.find('='));
    CHECK(name.size() < word.size());
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == name; });
    CHECK(key != keys.end());
    absl::StatusOr<Value> value = ParseValue(*key, word.substr(name.size() + 1));
    CHECK(value.ok());
    given.push_back({std::string(name), *std::move(value)});
  }
  CHECK(CheckSettings("the engine", keys, given).empty());
  epu_.definition.settings = Complete(keys, given);
  return *this;
}

Pool& Pool::With(std::string_view key, Value value) {
  CHECK(HasKey(epu_.definition, key));
  epu_.definition.settings =
      Merge(std::move(epu_.definition.settings), {{std::string(key), std::move(value)}});
  return *this;
}

Pool& Pool::Later(Duration passed) { return At(now_ + passed); }
Pool& Pool::At(Time now) {
  CHECK(now >= now_);
  now_ = now;
  return *this;
}

Pool& Pool::Add(std::uint32_t count, WorkerState state, std::string_view unique_key) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const WorkerNumber number = TakeNumber(epu_);
    Worker worker = MakeWorker(number, state, ++last_, now_);
    worker.unique_key = unique_key;
    epu_.workers.emplace(number, std::move(worker));
  }
  return *this;
}

Pool& Pool::Running(std::uint32_t count) { return Add(count, WorkerState::kRunning, ""); }
Pool& Pool::Pending(std::uint32_t count) { return Add(count, WorkerState::kRequested, ""); }
Pool& Pool::Unique(std::string_view key) { return Add(1, WorkerState::kRunning, key); }
Pool& Pool::Ending(std::uint32_t count) { return Add(count, WorkerState::kTerminating, ""); }

Pool& Pool::Sensor(std::string_view name) {
  SensorDefinition definition;
  definition.number = SensorNumber{kSensorsMax + epu_.sensors.size()};
  definition.name = name;
  epu_.definition.sensors.push_back(definition);
  epu_.sensors[definition.number].definition = std::move(definition);
  return *this;
}

Pool& Pool::Say(Measure measure, Duration age) {
  CHECK(!epu_.sensors.empty());
  // The highest number is that of the sensor declared last.
  epu::Reading& latest = epu_.sensors.rbegin()->second.latest;
  latest = epu::Reading();
  latest.sequence = ++last_;
  latest.recorded = now_ - age;
  latest.measure = std::move(measure);
  return *this;
}

Pool& Pool::Reading(double value, Duration age) { return Say(value, age); }
Pool& Pool::Absent() { return Say(epu::Absent(), Duration(0)); }
Pool& Pool::Broken(std::string_view error) {
  return Say(epu::Broken{std::string(error)}, Duration(0));
}

Pool& Pool::InProgress(double value) {
  CHECK(!epu_.sensors.empty());
  epu_.sensors.rbegin()->second.latest.in_progress = value;
  return *this;
}

Pool& Pool::Wanted(std::uint32_t size) {
  wanted_ = size;
  return *this;
}

Pool& Pool::Undecided() {
  undecided_ = true;
  return *this;
}

Pool& Pool::Decided() {
  epu_.decision = epu_.scaling = ++last_;
  epu_.decided = epu_.scaled = now_;
  return *this;
}

Epu Pool::Build() const {
  Epu epu = epu_;
  if (undecided_) return epu;
  epu.wanted = wanted_.value_or(static_cast<std::uint32_t>(CountValid(epu)));
  return epu;
}

std::string FormatDecision(const Decision& decision) {
  std::string text = fmt::format("{}", decision.wanted);
  for (std::size_t i = 0; i < decision.constraints.size(); ++i) {
    const Constraint& constraint = decision.constraints[i];
    text += fmt::format("{} {}", i == 0 ? ":" : ",", ConstraintName(constraint.kind));
    if (constraint.value != 0 || constraint.limit != 0) {
      text += fmt::format(" {}", constraint.value);
    }
    if (constraint.limit != 0) text += fmt::format("/{}", constraint.limit);
    if (constraint.until) text += " until " + FormatSeconds(*constraint.until);
  }
  return text;
}

std::string OutcomeOf(const DecisionEngine& engine, const Pool& pool) {
  const absl::StatusOr<Decision> decision = engine.Decide(pool.Build(), pool.now());
  if (!decision.ok()) return fmt::format("error: {}", std::string(decision.status().message()));
  return FormatDecision(*decision);
}

std::string ProblemsOf(const DecisionEngine& engine, const Pool& pool) {
  std::string text;
  for (const auto& problem : engine.Validate(pool.Build().definition)) {
    if (!text.empty()) text += "; ";
    text += problem.key + problem.text;
  }
  return text;
}

Epu CarryOut(Epu epu, const Decision& decision, std::size_t launches, Time now) {
  if (epu.wanted == decision.wanted) return epu;
  Sequence last = LastSequence(epu);
  epu.wanted = decision.wanted;
  epu.decision = epu.scaling = ++last;
  epu.decided = epu.scaled = now;
  const std::vector<WorkerNumber> victims = VictimOrder(epu);
  for (std::size_t i = 0; i + decision.wanted < victims.size(); ++i) {
    epu.workers.at(victims[i]).state = WorkerState::kTerminating;
  }
  const std::size_t missing =
      decision.wanted - std::min<std::size_t>(decision.wanted, victims.size());
  for (std::size_t i = 0; i < std::min(missing, launches); ++i) {
    const WorkerNumber number = TakeNumber(epu);
    epu.workers.emplace(number, MakeWorker(number, WorkerState::kRequested, ++last, now));
  }
  return epu;
}

bool Settles(const DecisionEngine& engine, const Pool& pool) {
  const absl::StatusOr<Decision> decision = engine.Decide(pool.Build(), pool.now());
  if (!decision.ok()) return false;
  for (const std::size_t launches :
       {std::size_t{0}, std::size_t{1}, std::size_t{decision->wanted}}) {
    const Epu after = CarryOut(pool.Build(), *decision, launches, pool.now());
    const absl::StatusOr<Decision> again = engine.Decide(after, pool.now());
    if (!again.ok() || again->wanted != decision->wanted) return false;
  }
  return true;
}

}  // namespace epu
