#include "cli/describe_launch.h"

#include <string_view>

#include <fmt/format.h>

#include "cli/terminal.h"

namespace epu {
namespace {

std::string Detail(std::string_view text) { return EscapeAndCut(text, kDetailShown); }

// Which of its machines or boots, where it is not the first.
std::string Attempt(std::uint32_t attempt) {
  return attempt > 1 ? fmt::format(" (attempt {})", attempt) : "";
}

}  // namespace

std::string_view StepText(ServiceStep step) {
  switch (step) {
    case ServiceStep::kMachine:
      return "machine";
    case ServiceStep::kReach:
      return "reaching its host";
    case ServiceStep::kBoot:
      return "boot program";
    case ServiceStep::kReady:
      return "ready program";
    case ServiceStep::kTerminate:
      return "terminate program";
    case ServiceStep::kEnd:
      return "ending";
  }
  return "";
}

std::string FactText(const PlanRead& fact, Names&) {
  return fmt::format("plan {} read", Detail(fact.plan));
}

std::string FactText(const ServicePlanned& fact, Names&) {
  const ServiceDefinition& service = fact.definition;
  std::string where = service.hostname.empty() ? "" : "on " + Detail(service.hostname);
  if (!service.driver.empty()) {
    where = fmt::format("on a machine of {}{}", Detail(service.driver),
                        service.cloud.empty() ? "" : fmt::format(" ({})", Detail(service.cloud)));
  }
  if (service.local) where += where.empty() ? "run here" : ", run here";
  return fmt::format("{}, level {}, {}", service.name, service.level, where);
}

std::string FactText(const ServiceDropped& fact, Names& names) {
  return fmt::format("{} is in the plan no more", names.Service(fact.service));
}

std::string FactText(const WalkBegun& fact, Names&) {
  return fmt::format("{} begins", WalkName(fact.kind));
}

std::string FactText(const WalkEnded& fact, Names&) {
  return fmt::format("{} {}", WalkName(fact.kind), WalkEndName(fact.end));
}

std::string FactText(const StepBegun& fact, Names& names) {
  return fmt::format("{} {} begins{}", names.Service(fact.service), StepText(fact.step),
                     Attempt(fact.attempt));
}

std::string FactText(const StepEnded& fact, Names& names) {
  std::string text = fmt::format("{} {} {}{}", names.Service(fact.service), StepText(fact.step),
                                 fact.succeeded ? "done" : "failed", Attempt(fact.attempt));
  if (!fact.machine.empty()) text += fmt::format(", {}", Detail(fact.machine));
  if (!fact.host.empty()) text += fmt::format(" at {}", Detail(fact.host));
  for (const Variable& variable : fact.attributes) {
    text += fmt::format(", {}={}", Detail(variable.name),
                        variable.secret ? "(secret)" : Detail(variable.value));
  }
  if (!fact.error.empty()) text += ": " + Detail(fact.error);
  return text;
}

std::string FactText(const LineHarvested& fact, Names&) {
  std::string text = fmt::format("{} {}", Detail(fact.source), Detail(fact.name));
  if (!fact.extra.empty()) text += " " + Detail(fact.extra);
  return text + fmt::format(", in the log of {}", Detail(fact.origin));
}

}  // namespace epu
