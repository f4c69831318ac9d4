#include "cli/constraint_text.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "cli/zone.h"
#include "engines/values.h"
#include "eventlog/check.h"

namespace epu {
namespace {

struct ConstraintProse {
  ConstraintKind kind;
  // {sensor}, {value}, {limit}; {value_age} and {limit_age} for those in seconds; {until}, and
  // {until_date} for what may be days ahead.
  std::string_view text;
};

// In the order of ConstraintKind.
constexpr std::array<ConstraintProse, 28> kProse = {{
    {ConstraintKind::kPreserveN, "preserve_n {limit}"},
    {ConstraintKind::kUniques, "{value} of {limit} unique instances are there"},
    {ConstraintKind::kHighWater, "{sensor} {value} > high water {limit}"},
    {ConstraintKind::kLowWater, "{sensor} {value} < low water {limit}"},
    {ConstraintKind::kFirstWorker, "{sensor} {value} and no worker"},
    {ConstraintKind::kMinimum, "size {value} < min_instances {limit}"},
    {ConstraintKind::kWorkRemains,
     "the last worker stays while {value} are waiting or in progress"},
    {ConstraintKind::kPending, "{value} pending"},
    {ConstraintKind::kReadingAbsent, "{sensor} absent"},
    {ConstraintKind::kReadingBroken, "{sensor} broken"},
    {ConstraintKind::kReadingOld, "{sensor} {value_age} old (limit {limit_age})"},
    {ConstraintKind::kMaxInstances, "{value} machines wanted, max_instances {limit}"},
    {ConstraintKind::kSiteMaxWorkers,
     "{value} machines wanted at the site, its max_workers {limit}"},
    {ConstraintKind::kRunMaxWorkers, "{value} machines wanted in the run, its max_workers {limit}"},
    {ConstraintKind::kBackOff, "back-off after {value} failed launches{until}"},
    {ConstraintKind::kDisabled, "launching is disabled"},
    {ConstraintKind::kSiteDisabled, "launching is disabled at the site"},
    {ConstraintKind::kUnhealthy, "{value} unhealthy"},
    {ConstraintKind::kLost, "{value} of {limit} workers left"},
    {ConstraintKind::kReviewMax, "{value} at once, a review's limit {limit}"},
    {ConstraintKind::kDecidedOn, "decided on that reading before"},
    {ConstraintKind::kScheduled, "scheduled {limit}{until_date}"},
    {ConstraintKind::kPaused, "{value} wanted, scaling is paused at {limit}{until}"},
    {ConstraintKind::kNeeded, "{sensor} {value} needs {limit} workers"},
    {ConstraintKind::kAboveThreshold, "{sensor} {value:.10g} > scale_up_threshold {limit}"},
    {ConstraintKind::kBelowThreshold, "{sensor} {value:.10g} < scale_down_threshold {limit}"},
    {ConstraintKind::kCoolDown, "cooling down{until}"},
    {ConstraintKind::kReporting, "{value} of {limit} workers report"},
}};

Duration FromSeconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

std::string ConstraintText(const Constraint& constraint, std::string_view sensor, Zone zone) {
  const auto index = static_cast<std::size_t>(constraint.kind);
  CHECK(index < kProse.size() && kProse[index].kind == constraint.kind);
  const auto until = [&](auto format) {
    return constraint.until ? " until " + format(*constraint.until, zone) : std::string();
  };
  return fmt::format(
      fmt::runtime(kProse[index].text), fmt::arg("sensor", sensor),
      fmt::arg("value", constraint.value), fmt::arg("limit", constraint.limit),
      fmt::arg("value_age", FormatDuration(FromSeconds(constraint.value))),
      fmt::arg("limit_age", FormatDuration(FromSeconds(constraint.limit))),
      fmt::arg("until", until([](Time time, Zone shown) { return FormatTimeOfDay(time, shown); })),
      fmt::arg("until_date",
               until([](Time time, Zone shown) { return FormatSeconds(time, shown); })));
}

}  // namespace epu
