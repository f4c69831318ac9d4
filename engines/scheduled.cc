#include "engines/scheduled.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "engines/limits.h"
#include "engines/schedule.h"
#include "engines/zone_rule.h"

namespace epu {
namespace {

constexpr std::string_view kSchedule = "schedule";
constexpr std::string_view kZone = "zone";

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
    const Limited limited = WithinLimits(definition, count);
    Decision decision{limited.size, {}, {}};
    decision.constraints.push_back({.kind = ConstraintKind::kScheduled,
                                    .value = static_cast<double>(epu.wanted.value_or(0)),
                                    .limit = static_cast<double>(count),
                                    .until = until});
    if (limited.limit) decision.constraints.push_back(*limited.limit);
    return decision;
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    return Gather({LimitsProblem(definition)});
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
      MinInstancesKey(0),
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeScheduled() {
  return std::make_unique<ScheduledEngine>();
}

}  // namespace epu
