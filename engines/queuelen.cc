#include "engines/queuelen.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "engines/limits.h"
#include "engines/readings.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::string_view kSensor = "sensor";
constexpr std::string_view kHighWater = "queuelen_high_water";
constexpr std::string_view kLowWater = "queuelen_low_water";

struct Policy {
  double high = 0;
  double low = 0;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
};

Policy PolicyOf(const EpuDefinition& definition) {
  return {.high = static_cast<double>(IntegerOf(definition, kHighWater)),
          .low = static_cast<double>(IntegerOf(definition, kLowWater)),
          .min = static_cast<std::uint32_t>(IntegerOf(definition, kMinInstances)),
          .max = static_cast<std::uint32_t>(IntegerOf(definition, kMaxInstances))};
}

// What one decision on a usable reading looks at.
struct Situation {
  Policy policy;
  std::uint32_t size = 0;     // Wanted so far.
  std::uint32_t valid = 0;    // There, or on their way.
  std::uint32_t pending = 0;  // On their way.
  double queue = 0;
  double work = 0;
  bool is_new = false;  // Whether the reading is newer than the last change of the size: each
                        // drives one at most.
};

Situation SituationOf(const Epu& epu, const Policy& policy, const SensorLook& look) {
  // A negative number must not hide the work that the other one shows.
  const double work = std::max(0.0, look.value) + std::max(0.0, look.in_progress);
  return {.policy = policy,
          .size = epu.wanted.value_or(0),
          .valid = static_cast<std::uint32_t>(CountValid(epu)),
          .pending = static_cast<std::uint32_t>(CountPending(epu)),
          .queue = look.value,
          .work = work,
          .is_new = look.is_new};
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
  if (!now.is_new) return {now.size, {cause, Because(ConstraintKind::kDecidedOn, 0, 0)}};
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
    if (!now.is_new) return {now.size, {cause, Because(ConstraintKind::kDecidedOn, 0, 0)}};
    return Grow(now, cause);
  }
  if (now.queue < now.policy.low) return Shrink(now);
  return {now.size, {}};
}

class QueueLen final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const override {
    const std::uint32_t size = epu.wanted.value_or(0);
    const Limited limited = WithinLimits(epu.definition, size);
    if (limited.limit) return Decision{limited.size, {*limited.limit}, {}};
    absl::StatusOr<SensorLook> look = LookAt(epu, TextOf(epu.definition, kSensor),
                                             DurationOf(epu.definition, kReadingAgeMax), now);
    if (!look.ok()) return look.status();
    if (look->held) return Decision{size, {*look->held}, std::move(look->inputs)};
    Choice choice = Choose(SituationOf(epu, PolicyOf(epu.definition), *look));
    return Decision{choice.wanted, std::move(choice.constraints), std::move(look->inputs)};
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    return Gather({SensorProblem(definition, kSensor),
                   OrderProblem(definition, kLowWater, kHighWater), LimitsProblem(definition)});
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
      MinInstancesKey(0),
      ReadingAgeMaxKey(),
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeQueueLen() { return std::make_unique<QueueLen>(); }

}  // namespace epu
