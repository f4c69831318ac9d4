#include "cli/plan_check.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "projections/launch.h"
#include "projections/references.h"
#include "projections/shell_words.h"

namespace epu {
namespace {

// What stands for a value that is known only once its service has booted.
constexpr std::string_view kLater = "later";

class Checker {
 public:
  Checker(LaunchPlan& plan, const PlanPlaces& places) : plan_(plan), places_(places) {
    for (const ServiceDefinition& definition : plan.services) {
      Service service;
      service.definition = definition;
      services_[definition.name] = std::move(service);
    }
  }

  void Check() {
    for (const Variable& variable : plan_.globals) {
      Fill("global", variable.value, "global." + variable.name, 0);
    }
    for (const ServiceDefinition& service : plan_.services) CheckService(service);
  }

 private:
  void CheckService(const ServiceDefinition& service) {
    for (const Variable& variable : service.attributes) {
      const std::string place = service.name + "." + variable.name;
      if (variable.secret) {
        CheckSecret(service, variable, place);
      } else {
        Fill(service.name, variable.value, place, service.level);
      }
    }
    Fill(service.name, service.hostname, service.name, service.level);
    for (const ServiceProgram* program : {&service.boot, &service.ready, &service.terminate}) {
      Fill(service.name, program->path, service.name, service.level);
      const auto words = SplitShellWords(program->arguments);
      if (!words.ok()) Fault(service.name, std::string(words.status().message()));
      if (!words.ok()) continue;
      for (const std::string& word : *words) Fill(service.name, word, service.name, service.level);
    }
    CheckTemplate(service);
  }

  // Nothing of it is repeated, not even what it refers to.
  void CheckSecret(const ServiceDefinition& service, const Variable& variable,
                   const std::string& place) {
    const auto source = [&](std::string_view owner, std::string_view name) {
      return Find(service.name, owner, name, service.level);
    };
    const std::string& text = plan_.secrets.at(variable.value);
    if (FillReferences(text, service.name, source).ok()) return;
    Fault(place, "it holds a reference that leads nowhere");
  }

  void Fill(const std::string& self, const std::string& text, const std::string& place,
            std::uint32_t level) {
    const auto source = [&](std::string_view owner, std::string_view name) {
      return Find(self, owner, name, level);
    };
    const absl::StatusOr<std::string> filled = FillReferences(text, self, source);
    if (!filled.ok()) Fault(place, std::string(filled.status().message()));
  }

  // A boot program of an earlier level may say anything; so may one of its own to what is filled in
  // after it, which cannot be told from here.
  std::optional<std::string> Find(const std::string& self, std::string_view owner,
                                  std::string_view name, std::uint32_t level) const {
    if (owner == "global") {
      const Variable* variable = FindVariable(plan_.globals, name);
      return variable == nullptr ? std::nullopt : std::optional(variable->value);
    }
    const auto found = services_.find(std::string(owner));
    if (found == services_.end()) return std::nullopt;
    if (name == "run_name") return std::string(kLater);
    const Service& service = found->second;
    if (const std::optional<Variable> variable = FindAttribute(service, name)) {
      return variable->secret ? std::string(kLater) : variable->value;
    }
    if (service.definition.level >= level && owner != self) return std::nullopt;
    const bool of_machine = name == "hostname" || name == "instance_id";
    const bool said_later =
        of_machine ? HasOwnMachine(service) : !service.definition.boot.path.empty();
    return said_later ? std::optional(std::string(kLater)) : std::nullopt;
  }

  void CheckTemplate(const ServiceDefinition& service) {
    if (service.boot_template.empty()) return;
    std::ifstream file(service.boot_template, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::pair<std::string, std::string>> attributes = {
        {"run_name", ""}, {"hostname", ""}, {"instance_id", ""}};
    for (const Variable& variable : service.attributes) attributes.emplace_back(variable.name, "");
    const absl::StatusOr<std::string> filled = FillTemplate(text, attributes);
    if (filled.ok()) return;
    plan_.faults.push_back({fmt::format("boot configuration of {}: {}", service.name,
                                        std::string(filled.status().message())),
                            service.boot_template, 0, 0, service.name});
  }

  void Fault(const std::string& place, std::string message) {
    const auto found = places_.find(place);
    const PlanPlace where = found == places_.end() ? PlanPlace{plan_.path, 0} : found->second;
    Complaint complaint{fmt::format("{}: {}", place, message), where.file, where.line, 0, place};
    const bool known =
        std::find(plan_.faults.begin(), plan_.faults.end(), complaint) != plan_.faults.end();
    if (!known) plan_.faults.push_back(std::move(complaint));
  }

  LaunchPlan& plan_;
  const PlanPlaces& places_;
  std::map<std::string, Service> services_;
};

}  // namespace

void CheckReferences(LaunchPlan& plan, const PlanPlaces& places) { Checker(plan, places).Check(); }

}  // namespace epu
