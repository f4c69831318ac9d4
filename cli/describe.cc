#include "cli/describe.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/constraint_text.h"
#include "cli/describe_launch.h"
#include "cli/terminal.h"
#include "engines/values.h"
#include "eventlog/check.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

std::string Detail(std::string_view text) { return EscapeAndCut(text, kDetailShown); }

// "+2", "-1", "+1 -1", or "+0" where nothing could be done.
std::string Signs(const DecisionMade& fact) {
  std::string signs;
  if (fact.launches > 0 || fact.retirements.empty()) signs = fmt::format("+{}", fact.launches);
  if (!fact.retirements.empty()) {
    signs += fmt::format("{}-{}", signs.empty() ? "" : " ", fact.retirements.size());
  }
  return signs;
}

std::string Retired(const DecisionMade& fact, Names& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < fact.retirements.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + names.Worker({fact.epu, fact.retirements[i]});
  }
  const std::size_t more = fact.retirements.size() - std::min(kShown, fact.retirements.size());
  return more == 0 ? text : fmt::format("{} and {} more", text, more);
}

// What the doctor had found of the first worker that was retired; empty where no event says.
std::string FindingOf(const DecisionMade& fact, Names& names) {
  for (const Sequence input : fact.inputs) {
    const Event* event = names.At(input);
    if (event == nullptr) continue;
    const auto* health = std::get_if<HealthChanged>(&event->payload);
    if (health != nullptr && health->worker == fact.retirements.front()) return HealthText(*health);
  }
  return "";
}

// " load": the number that the policy names.
std::string MetricOf(const DecisionMade& fact, Names& names) {
  const std::string metric = names.TextSetting(fact.epu, "metric", fact.policy);
  return metric.empty() ? "" : " " + Detail(metric);
}

std::string Constraints(const DecisionMade& fact, Names& names, Zone zone) {
  const std::string sensor = SensorOfDecision(fact, names);
  std::string text;
  for (const Constraint& constraint : fact.constraints) {
    text += (text.empty() ? "" : "; ") + ConstraintText(constraint, sensor, zone);
  }
  return text;
}

std::string_view Ways(bool out, bool in) {
  return out && in ? "grow or shrink" : out ? "grow" : "shrink";
}

std::string_view FateText(StrangerFate fate) {
  switch (fate) {
    case StrangerFate::kUndecided:
      return "is from another history of this log, and left alone";
    case StrangerFate::kAdopted:
      return "is adopted: left alone for good";
    case StrangerFate::kCollected:
      return "is collected: to be ended";
    case StrangerFate::kGone:
      return "is gone";
  }
  CHECK(!"a stranger's fate");
}

// One function a payload, in the order of Payload.
struct Describer {
  Names& names;
  Zone zone;
  Sequence at;  // The event's.

  std::string operator()(const ServerStarted& fact) const {
    return fmt::format("epud began on {}, pid {}, epoch {:04x}", Detail(fact.host), fact.pid,
                       fact.epoch);
  }
  std::string operator()(const ClockDiffered& fact) const {
    if (fact.difference == Duration{0}) return "the wall clock agrees with recorded time again";
    const bool ahead = fact.difference > Duration{0};
    return fmt::format("the wall clock is {} {} recorded time",
                       FormatDuration(ahead ? fact.difference : -fact.difference),
                       ahead ? "ahead of" : "behind");
  }
  std::string operator()(const ActorIntroduced& fact) const {
    return fmt::format("{}, user {}", Detail(fact.name), fact.user_id);
  }
  std::string operator()(const RunLimited& fact) const {
    return fmt::format("at most {} workers in the run", fact.max_workers);
  }
  std::string operator()(const SiteDefined& fact) const {
    return fmt::format("{} {}, at most {} workers", fact.definition.name, fact.definition.driver,
                       fact.definition.max_workers);
  }
  std::string operator()(const SiteAnswered& fact) const {
    const std::string& site = names.Site(fact.site);
    if (fact.answering) return fmt::format("{} answers", site);
    return fmt::format("{} does not answer: {}", site, Detail(fact.error));
  }
  std::string operator()(const LaunchingSwitched& fact) const {
    return fmt::format("launching {}{}", fact.enabled ? "enabled" : "disabled",
                       fact.site == SiteNumber{} ? "" : " at " + names.Site(fact.site));
  }
  std::string operator()(const EpuDefined& fact) const {
    return fmt::format("{} {}: {}", fact.definition.name, fact.definition.engine,
                       PolicyText(fact.definition));
  }
  std::string operator()(const EpuReconfigured& fact) const {
    std::string text = names.Epu(fact.epu);
    for (const Setting& setting : fact.settings) {
      text += fmt::format(" {}={}", setting.key, Detail(FormatValue(setting.value)));
    }
    return text;
  }
  std::string operator()(const RemovalBegun& fact) const {
    return fmt::format("{} is being drained", names.Epu(fact.epu));
  }
  std::string operator()(const EpuRemoved& fact) const {
    return fmt::format("{} has no worker left and is forgotten", names.Epu(fact.epu));
  }
  std::string operator()(const ReadingTaken& fact) const {
    std::string text =
        ReadingText(names.Sensor(fact.epu, fact.sensor), fact.measure, fact.in_progress);
    if (fact.age >= std::chrono::seconds(1))
      text += fmt::format(", {} old", FormatDuration(fact.age));
    return text;
  }
  std::string operator()(const DecisionMade& fact) const { return DecisionText(fact, names, zone); }
  std::string operator()(const EngineErrorChanged& fact) const {
    const std::string& epu = names.Epu(fact.epu);
    if (fact.error.empty()) return fmt::format("{} is decided for again", epu);
    return fmt::format("{} cannot be decided for: {}", epu, Detail(fact.error));
  }
  std::string operator()(const DevModeFailed& fact) const {
    return fmt::format("{} failed, and is not replaced in development mode",
                       names.Worker({fact.epu, fact.worker}));
  }
  std::string operator()(const WorkerRequested& fact) const {
    return fmt::format("{}{} on {}", names.Worker({fact.epu, fact.worker}),
                       fact.unique_key.empty() ? "" : fmt::format(" ({})", fact.unique_key),
                       names.Site(fact.site));
  }
  std::string operator()(const WorkerChanged& fact) const {
    std::string text = fmt::format("{} {} → {}", names.Worker({fact.epu, fact.worker}),
                                   StateName(fact.from), StateName(fact.to));
    if (fact.reason != Reason::kNone) text += fmt::format(", {}", ReasonName(fact.reason));
    if (!fact.machine.empty()) text += fmt::format(", {}", Detail(fact.machine));
    if (!fact.detail.empty()) text += fmt::format(": {}", Detail(fact.detail));
    return text;
  }
  std::string operator()(const MachineChanged& fact) const {
    std::string text = names.Worker({fact.epu, fact.worker});
    if (!fact.machine.empty()) text += " " + Detail(fact.machine);
    return fmt::format("{} {}", text, PresenceName(fact.to));
  }
  std::string operator()(const HealthChanged& fact) const {
    return fmt::format("{} {}", names.Worker({fact.epu, fact.worker}), HealthText(fact));
  }
  std::string operator()(const CommandDenied& fact) const {
    return fmt::format("no right: {}", Detail(fact.what));
  }
  std::string operator()(const ScalingPaused& fact) const {
    return fmt::format("{} does not {}{}", names.Epu(fact.epu), Ways(fact.out, fact.in),
                       fact.until ? " until " + FormatSeconds(*fact.until, zone) : "");
  }
  std::string operator()(const ScalingResumed& fact) const {
    return fmt::format("{} may {} again", names.Epu(fact.epu), Ways(fact.out, fact.in));
  }
  std::string operator()(const WorkReported& fact) const {
    return fmt::format("{} {}", names.Worker({fact.epu, fact.worker}), WorkText(fact.report));
  }
  std::string operator()(const DrainBegun& fact) const {
    return fmt::format("{} is to take no further work, {}; it ends when idle, at {} at the latest",
                       names.Worker({fact.epu, fact.worker}), ReasonName(fact.reason),
                       FormatTimeOfDay(fact.until, zone));
  }
  std::string operator()(const StrangerChanged& fact) const {
    return fmt::format("{} ({} on {}) {}", names.Token(fact.launch, at), Detail(fact.machine),
                       names.Site(fact.site), FateText(fact.to));
  }
  std::string operator()(const DiskFilled& fact) const {
    return fact.full ? "the disk is full: only what ends things is recorded"
                     : "there is room on the disk again";
  }
  std::string operator()(const ShadowDecided& fact) const {
    const std::string who = fmt::format("shadow {} ({})", fact.shadow, fact.engine);
    if (!fact.error.empty()) return fmt::format("{} does not decide: {}", who, Detail(fact.error));
    DecisionMade decision;
    decision.epu = fact.epu;
    decision.constraints = fact.constraints;
    decision.inputs = fact.inputs;
    decision.policy = fact.policy;
    const std::string reasons = Constraints(decision, names, zone);
    return fmt::format("{} {} → {}{}", who, fact.size, fact.wanted,
                       reasons.empty() ? "" : ": " + reasons);
  }
  template <typename Fact>
  std::string operator()(const Fact& fact) const {
    return FactText(fact, names);
  }
};

}  // namespace

std::string Describe(const Event& event, Names& names, Zone zone) {
  std::string text = std::visit(Describer{names, zone, event.sequence}, event.payload);
  if (!event.note.empty()) text += fmt::format("  \"{}\"", Detail(event.note));
  return text;
}

std::optional<Time> TakenAt(const Event& event) {
  if (const auto* reading = std::get_if<ReadingTaken>(&event.payload)) {
    return event.time - reading->age;
  }
  if (const auto* work = std::get_if<WorkReported>(&event.payload)) {
    return event.time - work->report.age;
  }
  return std::nullopt;
}

std::string DecisionText(const DecisionMade& fact, Names& names, Zone zone) {
  std::string text = fmt::format("{}{} {} ({} → {})", fact.engine,
                                 fact.cause == DecisionCause::kRepair ? " repair" : "", Signs(fact),
                                 fact.size, fact.wanted);
  const std::string reasons = Constraints(fact, names, zone);
  return reasons.empty() ? text : text + ": " + reasons;
}

std::string ChangeText(const DecisionMade& fact, Names& names, Zone zone) {
  if (fact.cause == DecisionCause::kRepair && !fact.retirements.empty()) {
    const std::string finding = FindingOf(fact, names);
    return fmt::format("{} {}{}", fact.launches > 0 ? "replaced" : "ended", Retired(fact, names),
                       finding.empty() ? ": unhealthy" : ": " + finding);
  }
  const std::string reasons = Constraints(fact, names, zone);
  return reasons.empty() ? Signs(fact) : Signs(fact) + ": " + reasons;
}

std::string ReasonText(const DecisionMade& fact, Names& names, Zone zone) {
  if (fact.constraints.empty()) return "";
  return ConstraintText(fact.constraints.front(), SensorOfDecision(fact, names), zone);
}

std::string SensorOfDecision(const DecisionMade& fact, Names& names) {
  for (const Sequence input : fact.inputs) {
    const Event* event = names.At(input);
    if (event == nullptr) continue;
    if (const auto* reading = std::get_if<ReadingTaken>(&event->payload)) {
      return names.SensorAlone(reading->sensor);
    }
    if (std::holds_alternative<WorkReported>(event->payload)) {
      return "average" + MetricOf(fact, names);
    }
  }
  return "reading";
}

std::string ReadingText(std::string_view sensor, const Measure& measure,
                        const std::optional<double>& in_progress) {
  std::string text =
      std::visit(Overloaded{
                     [&](double value) { return fmt::format("{} {}", sensor, value); },
                     [&](const Absent&) { return fmt::format("{} absent", sensor); },
                     [&](const Broken& broken) {
                       return fmt::format("{} broken: {}", sensor, Detail(broken.error));
                     },
                 },
                 measure);
  if (in_progress) text += fmt::format(", {} in progress", *in_progress);
  return text;
}

std::string HealthText(const HealthChanged& fact) {
  std::string text(HealthName(fact.to));
  if (fact.silence > Duration{0})
    text += fmt::format(", silent for {}", FormatDuration(fact.silence));
  if (!fact.detail.empty()) text += fmt::format(": {}", Detail(fact.detail));
  return text;
}

std::string WorkText(const WorkReport& report) {
  std::string text = fmt::format("says: {}", ActivityName(report.activity));
  if (!report.doing.empty()) text += ", " + Detail(report.doing);
  for (const Metric& metric : report.metrics) {
    text += fmt::format(", {} {}", Detail(metric.name), metric.value);
  }
  if (!report.error.empty()) text += fmt::format(", unreadable: {}", Detail(report.error));
  if (report.age >= std::chrono::seconds(1)) {
    text += fmt::format(", {} old",
                        FormatDuration(std::chrono::floor<std::chrono::seconds>(report.age)));
  }
  return text;
}

std::string PolicyText(const EpuDefinition& definition) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kShort = {
      {{"queuelen_high_water", "high"},
       {"queuelen_low_water", "low"},
       {"min_instances", "min"},
       {"max_instances", "max"},
       {"preserve_n", "preserve_n"},
       {"schedule", "schedule"},
       {"zone", "zone"},
       {"metric", "average"},
       {"scale_up_threshold", "up above"},
       {"scale_down_threshold", "down below"},
       {"cooldown_period", "cool-down"}}};
  std::string text;
  const auto add = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value);
  };
  for (const Setting& setting : definition.settings) {
    for (const auto& [key, name] : kShort) {
      if (setting.key != key) continue;
      const auto* zone = std::get_if<TimeZone>(&setting.value);
      const std::string value = zone == nullptr ? FormatValue(setting.value) : zone->name;
      if (!value.empty()) add(name, value);
    }
    const auto* uniques = std::get_if<std::vector<UniqueInstance>>(&setting.value);
    if (uniques != nullptr && !uniques->empty()) {
      std::string keys;
      for (const UniqueInstance& unique : *uniques) keys += (keys.empty() ? "" : " ") + unique.key;
      add("unique", keys);
    }
    if (setting.key == "devmode_no_failure_compensation" && setting.value == Value(true)) {
      add("development", "mode");
    }
  }
  return Detail(text);
}

std::string AgeText(Duration age) {
  return FormatDuration(std::chrono::floor<std::chrono::seconds>(std::max(age, Duration{0})));
}

std::string ShortDuration(Duration duration) {
  if (duration < Duration{0} || duration >= std::chrono::seconds(10))
    return FormatDuration(duration);
  return fmt::format("{:.1f}s", std::chrono::duration<double>(duration).count());
}

}  // namespace epu
