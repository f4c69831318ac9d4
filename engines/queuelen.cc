#include "engines/queuelen.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engines/suggest.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::string_view kSensor = "sensor";
constexpr std::string_view kHighWater = "queuelen_high_water";
constexpr std::string_view kLowWater = "queuelen_low_water";
constexpr std::string_view kMinInstances = "min_instances";
constexpr std::string_view kMaxInstances = "max_instances";
constexpr std::string_view kReadingAgeMax = "reading_age_max";

constexpr Duration kReadingAgeMaxDefault = std::chrono::seconds(30);

// A reading older than a week says nothing about a queue: a larger limit is a slip of the unit.
constexpr Duration kReadingAgeMaxMost = std::chrono::days(7);

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Constraint Because(ConstraintKind kind, double value, double limit) {
  return {.kind = kind, .value = value, .limit = limit, .until = {}};
}

struct Policy {
  double high = 0;
  double low = 0;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  Duration age_max{};
};

Policy PolicyOf(const EpuDefinition& definition) {
  return {.high = static_cast<double>(IntegerOf(definition, kHighWater)),
          .low = static_cast<double>(IntegerOf(definition, kLowWater)),
          .min = static_cast<std::uint32_t>(IntegerOf(definition, kMinInstances)),
          .max = static_cast<std::uint32_t>(IntegerOf(definition, kMaxInstances)),
          .age_max = DurationOf(definition, kReadingAgeMax)};
}

// What one decision on a usable reading looks at.
struct Situation {
  Policy policy;
  std::uint32_t size = 0;     // Wanted so far.
  std::uint32_t valid = 0;    // There, or on their way.
  std::uint32_t pending = 0;  // On their way.
  double queue = 0;
  double work = 0;
  bool seen = false;  // Whether the reading is newer than the last change of the size: each drives
                      // one at most.
};

Situation Look(const Epu& epu, const Policy& policy, const Reading& reading, double queue) {
  // A negative number must not hide the work that the other one shows.
  const double work = std::max(0.0, queue) + std::max(0.0, reading.in_progress.value_or(0));
  return {.policy = policy,
          .size = epu.wanted.value_or(0),
          .valid = static_cast<std::uint32_t>(CountValid(epu)),
          .pending = static_cast<std::uint32_t>(CountPending(epu)),
          .queue = queue,
          .work = work,
          .seen = reading.sequence > epu.scaling};
}

struct Choice {
  std::uint32_t wanted = 0;
  std::vector<Constraint> constraints;
};

// One more, because of `cause`, where that is allowed.
Choice Grow(const Situation& now, const Constraint& cause) {
  if (now.size < now.policy.max) return {now.size + 1, {cause}};
  return {now.size,
          {cause, Because(ConstraintKind::kMaxInstances, now.size + 1.0, now.policy.max)}};
}

// One fewer, where that is allowed. What the last growth could not get is given up first: no worker
// needs to end for it.
Choice Shrink(const Situation& now) {
  const Constraint cause = Because(ConstraintKind::kLowWater, now.queue, now.policy.low);
  const std::uint32_t least = std::max(now.policy.min, now.work > 0 ? 1u : 0u);
  const std::uint32_t wanted = std::max(std::min(now.valid, now.size - 1), least);
  if (wanted == now.size) {
    return {now.size,
            {cause, least == now.policy.min
                        ? Because(ConstraintKind::kMinimum, now.size - 1.0, now.policy.min)
                        : Because(ConstraintKind::kWorkRemains, now.work, 0)}};
  }
  if (!now.seen) return {now.size, {cause, Because(ConstraintKind::kDecidedOn, 0, 0)}};
  return {wanted, {cause}};
}

Choice Choose(const Situation& now) {
  if (now.size == 0) {
    if (now.work == 0) return {};
    return Grow(now, Because(ConstraintKind::kFirstWorker, now.work, 0));
  }
  if (now.pending > 0) return {now.size, {Because(ConstraintKind::kPending, now.pending, 0)}};
  if (now.queue > now.policy.high) {
    if (now.valid < now.size) {
      return {now.size, {Because(ConstraintKind::kPending, now.size - now.valid, 0)}};
    }
    const Constraint cause = Because(ConstraintKind::kHighWater, now.queue, now.policy.high);
    if (!now.seen) return {now.size, {cause, Because(ConstraintKind::kDecidedOn, 0, 0)}};
    return Grow(now, cause);
  }
  if (now.queue < now.policy.low) return Shrink(now);
  return {now.size, {}};
}

// Why `reading` cannot be used, if so.
std::optional<Constraint> Unusable(const Reading& reading, const Policy& policy, Time now) {
  if (std::holds_alternative<Absent>(reading.measure)) {
    return Because(ConstraintKind::kReadingAbsent, 0, 0);
  }
  if (std::holds_alternative<Broken>(reading.measure)) {
    return Because(ConstraintKind::kReadingBroken, 0, 0);
  }
  const Duration age = AgeOf(reading, now);
  if (age <= policy.age_max) return std::nullopt;
  return Because(ConstraintKind::kReadingOld, Seconds(age), Seconds(policy.age_max));
}

class QueueLen final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const override {
    const Policy policy = PolicyOf(epu.definition);
    const std::uint32_t size = epu.wanted.value_or(0);
    if (size < policy.min) {
      return Decision{policy.min, {Because(ConstraintKind::kMinimum, size, policy.min)}, {}};
    }
    if (size > policy.max) {
      return Decision{policy.max, {Because(ConstraintKind::kMaxInstances, size, policy.max)}, {}};
    }
    const std::string& name = TextOf(epu.definition, kSensor);
    const Sensor* sensor = FindSensor(epu, name);
    if (sensor == nullptr) {
      return absl::FailedPreconditionError(fmt::format("there is no sensor {}", Quoted(name)));
    }
    const Reading& reading = sensor->latest;
    std::vector<Sequence> inputs;
    if (reading.sequence != 0) inputs.push_back(reading.sequence);
    if (const std::optional<Constraint> held = Unusable(reading, policy, now)) {
      return Decision{size, {*held}, std::move(inputs)};
    }
    const double queue = std::get<double>(reading.measure);
    Choice choice = Choose(Look(epu, policy, reading, queue));
    return Decision{choice.wanted, std::move(choice.constraints), std::move(inputs)};
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    std::vector<Problem> problems;
    const std::string& sensor = TextOf(definition, kSensor);
    std::vector<std::string_view> names;
    for (const SensorDefinition& defined : definition.sensors) names.push_back(defined.name);
    if (std::find(names.begin(), names.end(), sensor) == names.end()) {
      const std::optional<std::string_view> near = Suggest(sensor, names);
      problems.push_back({std::string(kSensor),
                          fmt::format(" is {}, which is no sensor of this EPU{}", Quoted(sensor),
                                      near ? fmt::format("; did you mean {}?", *near) : "")});
    }
    const auto ordered = [&](std::string_view lower, std::string_view upper) {
      const std::int64_t low = IntegerOf(definition, lower);
      const std::int64_t high = IntegerOf(definition, upper);
      if (low <= high) return;
      problems.push_back(
          {std::string(lower), fmt::format(" is {}, above {} {}", low, upper, high)});
    };
    ordered(kLowWater, kHighWater);
    ordered(kMinInstances, kMaxInstances);
    return problems;
  }
};

}  // namespace

std::span<const Key> QueueLenKeys() {
  static const std::vector<Key> keys = WithCommonKeys({
      {.name = kSensor,
       .type = KeyType::kText,
       .sentence = "The sensor of this EPU that reads the length of the queue."},
      {.name = kHighWater,
       .type = KeyType::kInteger,
       .at_most = kExactMax,
       .sentence = "Strictly above it: one worker more."},
      {.name = kLowWater,
       .type = KeyType::kInteger,
       .at_most = kExactMax,
       .sentence = "Strictly below it: one worker fewer, never to zero while work is there."},
      {.name = kMinInstances,
       .type = KeyType::kInteger,
       .default_value = std::int64_t{0},
       .at_most = static_cast<double>(kPoolSizeMax),
       .sentence = "The workers the pool always has, whatever the queue."},
      {.name = kReadingAgeMax,
       .type = KeyType::kDuration,
       .default_value = kReadingAgeMaxDefault,
       .at_least = 0.001,
       .at_most = Seconds(kReadingAgeMaxMost),
       .sentence = "A reading older than this, an absent or a broken one holds the size; the "
                   "minimum and repair go on."},
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeQueueLen() { return std::make_unique<QueueLen>(); }

}  // namespace epu
