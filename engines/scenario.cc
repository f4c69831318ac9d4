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

// A scenario that makes no sense says why and ends the process.
[[noreturn]] void EndWith(const std::string& mistake) {
  fmt::print(stderr, "in a scenario: {}\n", mistake);
  CHECK(!"a scenario that makes sense");
}

// What CheckSettings is to refuse, an unknown key, is left as it is.
Value ValueIn(std::span<const Key> keys, std::string_view name, std::string_view text) {
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const Key& known) { return known.name == name; });
  if (key == keys.end()) return std::string(text);
  absl::StatusOr<Value> value = ParseValue(*key, text);
  if (!value.ok()) EndWith(fmt::format("{}: {}", name, std::string(value.status().message())));
  return *std::move(value);
}

WorkerNumber TakeNumber(Epu& epu) {
  const WorkerNumber number = epu.next_worker;
  epu.next_worker = WorkerNumber{ToInteger(number) + 1};
  return number;
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
    if (name.size() == word.size()) EndWith(fmt::format("{} is no key=value", word));
    given.push_back({std::string(name), ValueIn(keys, name, word.substr(name.size() + 1))});
  }
  for (const auto& problem : CheckSettings("the engine", keys, given)) {
    EndWith(problem.key + problem.text);
  }
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
  if (const epu::Sensor* known = FindSensor(epu_, name)) {
    speaking_ = known->definition.number;
    return *this;
  }
  SensorDefinition definition;
  definition.number = SensorNumber{kSensorsMax + epu_.sensors.size()};
  definition.name = name;
  epu_.definition.sensors.push_back(definition);
  speaking_ = definition.number;
  epu_.sensors[definition.number].definition = std::move(definition);
  return *this;
}

Pool& Pool::Say(Measure measure, Duration age) {
  CHECK(!epu_.sensors.empty());
  epu::Reading& latest = epu_.sensors.at(speaking_).latest;
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
  epu_.sensors.at(speaking_).latest.in_progress = value;
  return *this;
}

Pool& Pool::Metric(std::string_view name, double value, Duration age) {
  for (const auto& [number, worker] : epu_.workers) {
    if (IsValid(worker) && !IsPending(worker)) MetricOf(ToInteger(number), name, value, age);
  }
  return *this;
}

Pool& Pool::MetricOf(std::uint32_t worker, std::string_view name, double value, Duration age) {
  Worker& speaker = epu_.workers.at(WorkerNumber{worker});
  std::erase_if(speaker.report.metrics, [&](const auto& metric) { return metric.name == name; });
  speaker.report.metrics.push_back({std::string(name), value});
  speaker.report.age = age;
  speaker.reported = ++last_;
  speaker.reported_at = now_;
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

Pool& Pool::CarryOut(const Decision& decision, std::size_t launches) {
  if (Build().wanted == decision.wanted) return *this;
  undecided_ = false;
  Wanted(decision.wanted).Decided();
  const std::vector<WorkerNumber> victims = VictimOrder(epu_);
  for (std::size_t i = 0; i + decision.wanted < victims.size(); ++i) {
    epu_.workers.at(victims[i]).state = WorkerState::kTerminating;
  }
  const std::size_t missing =
      decision.wanted - std::min<std::size_t>(decision.wanted, victims.size());
  return Pending(static_cast<std::uint32_t>(std::min(missing, launches)));
}

Pool& Pool::Arrive() {
  std::erase_if(epu_.workers, [](const auto& entry) { return !IsValid(entry.second); });
  for (auto& [number, worker] : epu_.workers) {
    if (IsPending(worker)) worker = MakeWorker(number, WorkerState::kRunning, worker.request, now_);
  }
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
  Pool copy = pool;
  return Play(engine, copy);
}

std::string Play(const DecisionEngine& engine, Pool& pool) {
  const absl::StatusOr<Decision> decision = engine.Decide(pool.Build(), pool.now());
  if (!decision.ok()) return fmt::format("error: {}", std::string(decision.status().message()));
  pool.CarryOut(*decision, decision->wanted);
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

bool Settles(const DecisionEngine& engine, const Pool& pool) {
  const absl::StatusOr<Decision> decision = engine.Decide(pool.Build(), pool.now());
  if (!decision.ok()) return false;
  for (const std::size_t launches :
       {std::size_t{0}, std::size_t{1}, std::size_t{decision->wanted}}) {
    const Pool after = Pool(pool).CarryOut(*decision, launches);
    const absl::StatusOr<Decision> again = engine.Decide(after.Build(), after.now());
    if (!again.ok() || again->wanted != decision->wanted) return false;
  }
  return true;
}

}  // namespace epu
