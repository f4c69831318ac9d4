#include "tests/simulator/trace.h"

#include <fmt/format.h>

#include "eventlog/overloaded.h"

namespace epu::sim {
namespace {

std::string DescribeDecision(const DecisionMade& made) {
  std::string text =
      fmt::format("{}, size {}, wanted {}, launches {}, retirements {}", CauseName(made.cause),
                  made.size, made.wanted, made.launches, made.retirements.size());
  for (const Constraint& constraint : made.constraints) {
    text += fmt::format(", {} {}/{}", ConstraintName(constraint.kind), constraint.value,
                        constraint.limit);
  }
  return text;
}

std::string DescribeDefinition(const EpuDefinition& definition) {
  std::string text =
      fmt::format("{} {} at {}", definition.name, definition.engine, definition.worker.site_name);
  for (const Setting& setting : definition.settings) {
    if (const auto* number = std::get_if<std::int64_t>(&setting.value)) {
      text += fmt::format(" {}={}", setting.key, *number);
    }
  }
  return text;
}

std::string DescribePayload(const Payload& payload) {
  return std::visit(
      Overloaded{
          [](const ServerStarted& fact) { return fmt::format("epoch {:04x}", fact.epoch); },
          [](const RunLimited& fact) { return fmt::format("max_workers {}", fact.max_workers); },
          [](const SiteDefined& fact) {
            return fmt::format("{} max_workers {}", fact.definition.name,
                               fact.definition.max_workers);
          },
          [](const SiteAnswered& fact) {
            return std::string(fact.answering ? "answers" : "does not answer");
          },
          [](const LaunchingSwitched& fact) {
            return fmt::format("site {} {}", ToInteger(fact.site), fact.enabled ? "on" : "off");
          },
          [](const EpuDefined& fact) { return DescribeDefinition(fact.definition); },
          [](const DecisionMade& fact) { return DescribeDecision(fact); },
          [](const WorkerRequested& fact) {
            return fmt::format("launch {:04x}-{} {}", fact.launch.epoch, fact.launch.request,
                               fact.unique_key);
          },
          [](const WorkerChanged& fact) {
            return fmt::format("{} to {} {} {}{}", StateName(fact.from), StateName(fact.to),
                               ReasonName(fact.reason), fact.machine, fact.detail);
          },
          [](const MachineChanged& fact) {
            return fmt::format("{} {}", PresenceName(fact.to), fact.machine);
          },
          [](const HealthChanged& fact) { return std::string(HealthName(fact.to)); },
          [](const WorkReported& fact) { return std::string(ActivityName(fact.report.activity)); },
          [](const DrainBegun& fact) {
            return fmt::format("{} until {}", ReasonName(fact.reason), FormatTimeOfDay(fact.until));
          },
          [](const ReadingTaken& fact) {
            const double* value = std::get_if<double>(&fact.measure);
            return value != nullptr ? fmt::format("{}", *value) : std::string("no value");
          },
          [](const auto&) { return std::string(); },
      },
      payload);
}

}  // namespace

std::string Describe(const Event& event) {
  const WorkerId subject = SubjectOf(event.payload);
  return fmt::format("  {} {:>5} {:<12} {}/{} {}", FormatTimeOfDay(event.time), event.sequence,
                     KindName(event.payload), ToInteger(subject.epu), ToInteger(subject.number),
                     DescribePayload(event.payload));
}

}  // namespace epu::sim
