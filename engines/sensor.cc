#include "engines/sensor.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engines/limits.h"
#include "engines/readings.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::string_view kMetric = "metric";
constexpr std::string_view kSensor = "sensor";
constexpr std::string_view kUp = "scale_up_threshold";
constexpr std::string_view kUpN = "scale_up_n";
constexpr std::string_view kDown = "scale_down_threshold";
constexpr std::string_view kDownN = "scale_down_n";
constexpr std::string_view kCooldown = "cooldown_period";

// Long enough for a new worker to come up and take its share.
constexpr Duration kCooldownDefault = std::chrono::minutes(5);
constexpr std::chrono::seconds kCooldownMost = std::chrono::days(7);

// The number that is followed, wherever it comes from.
struct Look {
  double value = 0;
  std::optional<Constraint> held;
  std::optional<Constraint> silent;
  bool is_new = false;
  std::vector<Sequence> inputs;
};

absl::StatusOr<Look> LookAtSource(const Epu& epu, Time now) {
  const Duration age_max = DurationOf(epu.definition, kReadingAgeMax);
  if (const std::string& metric = TextOf(epu.definition, kMetric); !metric.empty()) {
    WorkersLook look = LookAtWorkers(epu, metric, age_max, now);
    return Look{look.average, look.held, look.silent, look.is_new, std::move(look.inputs)};
  }
  absl::StatusOr<SensorLook> look = LookAt(epu, TextOf(epu.definition, kSensor), age_max, now);
  if (!look.ok()) return look.status();
  return Look{look->value, look->held, std::nullopt, look->is_new, std::move(look->inputs)};
}

// What the number asks for: the size to go to, and why. None where it is between the thresholds.
struct Wish {
  std::uint32_t size = 0;
  Constraint cause;
};

std::optional<Wish> WishFor(const Epu& epu, double value) {
  const EpuDefinition& definition = epu.definition;
  const std::uint32_t size = epu.wanted.value_or(0);
  if (const double up = NumberOf(definition, kUp); value > up) {
    const auto more = static_cast<std::uint32_t>(IntegerOf(definition, kUpN));
    return Wish{size + more, Because(ConstraintKind::kAboveThreshold, value, up)};
  }
  if (const double down = NumberOf(definition, kDown); value < down) {
    const auto fewer = static_cast<std::uint32_t>(IntegerOf(definition, kDownN));
    // What the last growth could not get is given up first: no worker needs to end for it.
    const auto valid = static_cast<std::uint32_t>(CountValid(epu));
    return Wish{std::min(valid, size - std::min(size, fewer)),
                Because(ConstraintKind::kBelowThreshold, value, down)};
  }
  return std::nullopt;
}

// What puts a change off, if something does.
std::optional<Constraint> Hold(const Epu& epu, const Look& look, bool grows, Time now) {
  const Time until = epu.scaled + DurationOf(epu.definition, kCooldown);
  if (now < until) return Constraint{ConstraintKind::kCoolDown, 0, 0, until};
  const std::size_t size = epu.wanted.value_or(0);
  const std::size_t valid = CountValid(epu);
  const std::size_t missing = grows && valid < size ? size - valid : 0;
  if (const std::size_t pending = std::max(CountPending(epu), missing); pending > 0) {
    return Because(ConstraintKind::kPending, static_cast<double>(pending), 0);
  }
  if (!look.is_new) return Because(ConstraintKind::kDecidedOn, 0, 0);
  return std::nullopt;
}

class SensorEngine final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const override {
    const std::uint32_t size = epu.wanted.value_or(0);
    if (const Limited limited = WithinLimits(epu.definition, size); limited.limit) {
      return Decision{limited.size, {*limited.limit}, {}};
    }
    absl::StatusOr<Look> look = LookAtSource(epu, now);
    if (!look.ok()) return look.status();
    Decision decision{size, {}, std::move(look->inputs)};
    if (look->held) {
      decision.constraints.push_back(*look->held);
    } else if (const std::optional<Wish> wish = WishFor(epu, look->value)) {
      decision.constraints.push_back(wish->cause);
      const Limited limited = WithinLimits(epu.definition, wish->size);
      const bool grows = wish->cause.kind == ConstraintKind::kAboveThreshold;
      const std::optional<Constraint> hold =
          limited.size == size ? std::nullopt : Hold(epu, *look, grows, now);
      if (!hold) decision.wanted = limited.size;
      if (hold) decision.constraints.push_back(*hold);
      if (limited.limit) decision.constraints.push_back(*limited.limit);
    }
    if (look->silent) decision.constraints.push_back(*look->silent);
    return decision;
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    return Gather({SourceProblem(definition), MetricProblem(definition),
                   OrderProblem(definition, kDown, kUp), LimitsProblem(definition)});
  }

 private:
  // Exactly one source.
  static std::optional<Problem> SourceProblem(const EpuDefinition& definition) {
    const bool has_metric = !TextOf(definition, kMetric).empty();
    const bool has_sensor = !TextOf(definition, kSensor).empty();
    if (has_metric && has_sensor) {
      return Problem{std::string(kSensor), " is given with metric; one of them is followed"};
    }
    if (has_sensor) return SensorProblem(definition, kSensor);
    if (has_metric) return std::nullopt;
    return Problem{std::string(kMetric), " is missing, or sensor: one of them is followed"};
  }

  static std::optional<Problem> MetricProblem(const EpuDefinition& definition) {
    const std::string& metric = TextOf(definition, kMetric);
    if (metric.size() > kMetricNameMax) {
      return Problem{std::string(kMetric),
                     fmt::format(" is {}, longer than {} letters", Quoted(metric), kMetricNameMax)};
    }
    if (metric.empty() || IntegerOf(definition, kMinInstances) > 0) return std::nullopt;
    return Problem{std::string(kMinInstances),
                   " is 0; with metric 1 is due, since a pool without "
                   "a worker has none to report it"};
  }
};

}  // namespace

std::span<const Key> SensorKeys() {
  static const std::vector<Key> keys = WithCommonKeys({
      {.name = kMetric,
       .type = KeyType::kText,
       .default_value = std::string(),
       .sentence = "The number that is followed: the average over the workers that report it, "
                   "silent ones left out. Either this or sensor."},
      {.name = kSensor,
       .type = KeyType::kText,
       .default_value = std::string(),
       .sentence = "The sensor of this EPU whose number is followed instead."},
      {.name = kUp,
       .type = KeyType::kNumber,
       .at_least = -kExactMax,
       .at_most = kExactMax,
       .sentence = "Strictly above it: scale_up_n workers more."},
      {.name = kUpN,
       .type = KeyType::kInteger,
       .default_value = std::int64_t{1},
       .at_least = 1,
       .at_most = static_cast<double>(kPoolSizeMax),
       .sentence = "The workers of one step up."},
      {.name = kDown,
       .type = KeyType::kNumber,
       .at_least = -kExactMax,
       .at_most = kExactMax,
       .sentence = "Strictly below it: scale_down_n workers fewer."},
      {.name = kDownN,
       .type = KeyType::kInteger,
       .default_value = std::int64_t{1},
       .at_least = 1,
       .at_most = static_cast<double>(kPoolSizeMax),
       .sentence = "The workers of one step down."},
      {.name = kCooldown,
       .type = KeyType::kDuration,
       .default_value = kCooldownDefault,
       .at_most = static_cast<double>(kCooldownMost.count()),
       .sentence = "So long after a change of the size there is no other; repair and the limits "
                   "do not wait for it."},
      MinInstancesKey(1),
      ReadingAgeMaxKey(),
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeSensor() { return std::make_unique<SensorEngine>(); }

}  // namespace epu
