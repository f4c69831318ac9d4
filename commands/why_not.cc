#include "commands/why_not.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "commands/decide.h"
#include "commands/review.h"
#include "projections/pool.h"

namespace epu {
namespace {

// What a review comes to.
struct Outcome {
  std::int64_t launches = 0;
  std::int64_t retirements = 0;
  std::uint32_t wanted = 0;
  bool failed = false;  // The engine gave no answer.
  std::vector<Constraint> constraints;

  bool IsLike(const Outcome& other) const {
    return launches == other.launches && retirements == other.retirements &&
           wanted == other.wanted && failed == other.failed;
  }
  std::int64_t change() const { return launches - retirements; }
};

Outcome OutcomeOf(const Epu& epu, const std::vector<Payload>& payloads) {
  Outcome outcome;
  outcome.wanted = epu.wanted.value_or(0);
  for (const Payload& payload : payloads) {
    if (const auto* error = std::get_if<EngineErrorChanged>(&payload)) {
      outcome.failed |= !error->error.empty();
    }
    const auto* decision = std::get_if<DecisionMade>(&payload);
    if (decision == nullptr) continue;
    outcome.wanted = decision->wanted;
    outcome.launches += decision->launches;
    outcome.retirements += static_cast<std::int64_t>(decision->retirements.size());
    outcome.constraints = decision->constraints;
  }
  return outcome;
}

// ---- Numbers in their order ----

// Doubles in their order as whole numbers, so that between any two there is a middle and neighbours
// differ by one.
std::int64_t ToOrdinal(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits >= 0 ? bits : std::int64_t{INT64_MIN} - bits;
}

double FromOrdinal(std::int64_t ordinal) {
  return std::bit_cast<double>(ordinal >= 0 ? ordinal : std::int64_t{INT64_MIN} - ordinal);
}

// The values an input can take: each by a whole number, in their order.
struct Scale {
  bool whole = true;  // Whole numbers; else every double.
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::int64_t own = 0;

  double ValueAt(std::int64_t step) const {
    return whole ? static_cast<double>(step) : FromOrdinal(step);
  }
};

constexpr double kWholeMax = 1e15;  // Up to here doubles count whole numbers one by one.

bool IsWhole(double value) {
  const bool exact = value >= -kWholeMax && value <= kWholeMax;
  return exact && static_cast<double>(static_cast<std::int64_t>(value)) == value;
}

Scale ScaleOf(double own, double least, double most, bool whole) {
  if (whole) {
    return {true, static_cast<std::int64_t>(std::max(least, -kWholeMax)),
            static_cast<std::int64_t>(std::min(most, kWholeMax)), static_cast<std::int64_t>(own)};
  }
  return {false, ToOrdinal(least), ToOrdinal(most), ToOrdinal(own)};
}

// ---- The search ----

class Finder {
 public:
  Finder(const State& state, const Epu& epu, Time now, const EngineEntry& engine,
         const EngineCatalog& catalog)
      : state_(state), epu_(epu), now_(now), engine_(engine), catalog_(catalog) {}

  absl::StatusOr<WhyNot> Find() {
    baseline_ = Ask(epu_);
    WhyNot found;
    found.size = static_cast<std::uint32_t>(CountValid(epu_));
    found.change = baseline_.change();
    found.constraints = baseline_.constraints;
    if (baseline_.constraints.empty()) {
      absl::StatusOr<Decision> decision = engine_.engine->Decide(epu_, now_);
      if (!decision.ok()) return absl::FailedPreconditionError(decision.status().message());
      found.constraints = std::move(decision->constraints);
    }
    for (const auto& [number, sensor] : epu_.sensors) {
      if (sensor.latest.sequence != 0) TryAge(number, sensor.latest, found);
      const double* const value = std::get_if<double>(&sensor.latest.measure);
      if (value == nullptr || sensor.latest.sequence == 0) continue;
      const double least = std::min(*value, 0.0);  // Most sensors count things.
      Try(SensorInput{number}, *value, ScaleOf(*value, least, kWholeMax, IsWhole(*value)), found);
    }
    for (const Key& key : engine_.keys) TryKey(key, found);
    std::size_t moved = 0;
    for (const auto& [number, worker] : epu_.workers) {
      if (worker.state != WorkerState::kRunning || !IsValid(worker)) continue;
      if (moved++ == kWorkersMoved) break;
      TryWorker(worker, found);
    }
    return found;
  }

 private:
  void TryAge(SensorNumber sensor, const Reading& reading, WhyNot& found) {
    const auto seconds = [](Duration duration) {
      return static_cast<double>(std::chrono::floor<std::chrono::seconds>(duration).count());
    };
    const double own = std::max(seconds(AgeOf(reading, now_)), 0.0);
    Try(AgeInput{sensor}, own, ScaleOf(own, 0, seconds(kReadingOldMax), true), found);
  }

  void TryWorker(const Worker& worker, WhyNot& found) {
    if (epu_.definition.health.monitor) {
      const double own = IsHealthy(epu_, worker) ? 1 : 0;
      Try(HealthInput{worker.number}, own, ScaleOf(own, 0, 1, true), found);
    }
    for (const auto& [name, value] : worker.report.metrics) {
      Try(MetricInput{worker.number, name}, value,
          ScaleOf(value, std::min(value, 0.0), kWholeMax, IsWhole(value)), found);
    }
  }

  void TryKey(const Key& key, WhyNot& found) {
    const KeyInput input{std::string(key.name)};
    const auto setting =
        std::find_if(epu_.definition.settings.begin(), epu_.definition.settings.end(),
                     [&](const Setting& one) { return one.key == key.name; });
    if (setting == epu_.definition.settings.end()) return;
    if (const auto* whole = std::get_if<std::int64_t>(&setting->value)) {
      const auto own = static_cast<double>(*whole);
      Try(input, own, ScaleOf(own, key.at_least, key.at_most, true), found);
    } else if (const auto* number = std::get_if<double>(&setting->value)) {
      Try(input, *number, ScaleOf(*number, key.at_least, key.at_most, IsWhole(*number)), found);
    } else if (const auto* duration = std::get_if<Duration>(&setting->value)) {
      const auto seconds = std::chrono::duration<double>(*duration).count();
      if (!IsWhole(seconds)) return;
      Try(input, seconds, ScaleOf(seconds, key.at_least, key.at_most, true), found);
    }
  }

  void Try(const Input& input, double value, const Scale& scale, WhyNot& found) {
    const std::size_t before = found.flips.size();
    for (const bool above : {false, true}) {
      const std::optional<std::int64_t> step = Nearest(input, scale, above);
      if (!step) continue;
      Outcome outcome = *AskWith(input, scale.ValueAt(*step));
      found.flips.push_back({input, value, above, scale.ValueAt(*step), outcome.change(),
                             outcome.wanted, std::move(outcome.constraints)});
    }
    if (found.flips.size() == before) found.fixed.push_back(input);
  }

  // What a step away from the input's own value leads to.
  enum class Step { kSame, kOther, kRefused };

  // The step nearest to the input's own at which the review comes out otherwise: looked for ever
  // further away, then by halves. Where the configuration would not be accepted, the search ends at
  // the last value that would.
  std::optional<std::int64_t> Nearest(const Input& input, const Scale& scale, bool above) const {
    if (above ? scale.most <= scale.own : scale.own <= scale.least) return std::nullopt;
    const auto own = static_cast<std::uint64_t>(scale.own);
    std::uint64_t room = above ? static_cast<std::uint64_t>(scale.most) - own
                               : own - static_cast<std::uint64_t>(scale.least);
    const auto at = [&](std::uint64_t distance) {
      return static_cast<std::int64_t>(above ? own + distance : own - distance);
    };
    const auto look = [&](std::uint64_t distance) {
      const std::optional<Outcome> outcome = AskWith(input, scale.ValueAt(at(distance)));
      if (!outcome) return Step::kRefused;
      return outcome->failed || outcome->IsLike(baseline_) ? Step::kSame : Step::kOther;
    };
    std::uint64_t same = 0;
    std::uint64_t distance = 1;
    for (Step step = look(distance); step != Step::kOther; step = look(distance)) {
      if (step == Step::kRefused) {
        room = Last(same, distance, [&](std::uint64_t one) { return look(one) != Step::kRefused; });
      } else {
        same = distance;
      }
      if (same >= room) return std::nullopt;
      distance = same > room / 2 || step == Step::kRefused ? room : 2 * same;
    }
    return at(1 +
              Last(same, distance, [&](std::uint64_t one) { return look(one) == Step::kSame; }));
  }

  // The last number from `holds_at` on for which `holds`, before `fails_at`, where it does not.
  template <typename Holds>
  static std::uint64_t Last(std::uint64_t holds_at, std::uint64_t fails_at, Holds holds) {
    while (fails_at - holds_at > 1) {
      const std::uint64_t middle = holds_at + (fails_at - holds_at) / 2;
      (holds(middle) ? holds_at : fails_at) = middle;
    }
    return holds_at;
  }

  Outcome Ask(const Epu& epu) const {
    return OutcomeOf(epu, DecideReview(state_, epu, now_, catalog_));
  }

  // None where the configuration would not be accepted so.
  std::optional<Outcome> AskWith(const Input& input, double value) const {
    Epu moved = epu_;
    if (const auto* sensor = std::get_if<SensorInput>(&input)) {
      Reading& reading = moved.sensors.at(sensor->sensor).latest;
      reading.measure = value;
      reading.sequence = state_.head + 1;
      return Ask(moved);
    }
    if (const auto* age = std::get_if<AgeInput>(&input)) {
      Reading& reading = moved.sensors.at(age->sensor).latest;
      const auto wanted = std::chrono::seconds(static_cast<std::int64_t>(value));
      reading.age = wanted - (now_ - reading.recorded);
      return Ask(moved);
    }
    if (const auto* health = std::get_if<HealthInput>(&input)) {
      moved.workers.at(health->worker).health = value > 0 ? Health::kOk : Health::kMissing;
      return Ask(moved);
    }
    if (const auto* metric = std::get_if<MetricInput>(&input)) {
      for (Metric& one : moved.workers.at(metric->worker).report.metrics) {
        if (one.name == metric->name) one.value = value;
      }
      return Ask(moved);
    }
    for (Setting& setting : moved.definition.settings) {
      if (setting.key != std::get<KeyInput>(input).key) continue;
      if (std::holds_alternative<std::int64_t>(setting.value)) {
        setting.value = static_cast<std::int64_t>(value);
      } else if (std::holds_alternative<double>(setting.value)) {
        setting.value = value;
      } else {
        setting.value = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
      }
    }
    if (!CheckDefinition(engine_, moved.definition).empty()) return std::nullopt;
    return Ask(moved);
  }

  const State& state_;
  const Epu& epu_;
  const Time now_;
  const EngineEntry& engine_;
  const EngineCatalog& catalog_;
  Outcome baseline_;
};

}  // namespace

absl::StatusOr<WhyNot> ExplainWhyNot(const State& state, EpuNumber epu, Time now,
                                     const EngineCatalog& catalog) {
  const Epu* const pool = FindEpu(state, epu);
  if (pool == nullptr || pool->removed) return absl::NotFoundError("no such EPU");
  const EngineEntry* const engine = FindEngine(catalog, pool->definition.engine);
  if (engine == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("this build has no engine \"{}\"", pool->definition.engine));
  }
  return Finder(state, *pool, now, *engine, catalog).Find();
}

}  // namespace epu
