#include "engines/scheduled.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engines/schedule.h"
#include "engines/zone_rule.h"

namespace epu {
namespace {

constexpr std::string_view kSchedule = "schedule";
constexpr std::string_view kZone = "zone";
constexpr std::string_view kMinInstances = "min_instances";
constexpr std::string_view kMaxInstances = "max_instances";

class ScheduledEngine final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const override {
    const EpuDefinition& definition = epu.definition;
    const TimeZone& zone = ZoneOf(definition, kZone);
    const absl::StatusOr<ZoneRule> rule = ParseZoneRule(zone.rule);
    if (!rule.ok()) {
      return absl::FailedPreconditionError(
          fmt::format("the rule of zone {} {}", zone.name, std::string(rule.status().message())));
    }
    const auto [count, until] = ScheduledAt(ScheduleOf(definition, kSchedule), *rule, now);
    const auto min = static_cast<std::uint32_t>(IntegerOf(definition, kMinInstances));
    const auto max = static_cast<std::uint32_t>(IntegerOf(definition, kMaxInstances));
    Decision decision;
    decision.wanted = std::clamp(count, min, max);
    decision.constraints.push_back({.kind = ConstraintKind::kScheduled,
                                    .value = static_cast<double>(epu.wanted.value_or(0)),
                                    .limit = static_cast<double>(count),
                                    .until = until});
    if (decision.wanted != count) {
      decision.constraints.push_back(
          {.kind = count < min ? ConstraintKind::kMinimum : ConstraintKind::kMaxInstances,
           .value = static_cast<double>(count),
           .limit = static_cast<double>(decision.wanted),
           .until = {}});
    }
    return decision;
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    const std::int64_t min = IntegerOf(definition, kMinInstances);
    const std::int64_t max = IntegerOf(definition, kMaxInstances);
    if (min <= max) return {};
    return {
        {std::string(kMinInstances), fmt::format(" is {}, above {} {}", min, kMaxInstances, max)}};
  }
};

}  // namespace

std::span<const Key> ScheduledKeys() {
  static const std::vector<Key> keys = WithCommonKeys({
      {.name = kSchedule,
       .type = KeyType::kSchedule,
       .at_most = static_cast<double>(kPoolSizeMax),
       .sentence =
           "A list of {days: mon-fri, at: \"08:00\", count: 6}, every day where no days are "
           "given; each entry holds until the next one."},
      {.name = kZone,
       .type = KeyType::kZone,
       .default_value = TimeZone{"UTC", "UTC0"},
       .sentence = "Whose clocks the schedule follows, summer time included: UTC, a fixed +01:00, "
                   "or a name like Europe/Berlin, recorded with its rule."},
      {.name = kMinInstances,
       .type = KeyType::kInteger,
       .default_value = std::int64_t{0},
       .at_most = static_cast<double>(kPoolSizeMax),
       .sentence = "The workers the pool always has, whatever the schedule."},
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeScheduled() {
  return std::make_unique<ScheduledEngine>();
}

}  // namespace epu
