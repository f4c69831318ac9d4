#include "cli/definition_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "cli/config_format.h"
#include "engines/values.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

// Keys with their values in the order of the file.
using Fields = std::vector<std::pair<std::string, std::string>>;

// Written so that two values look the same only where they are.
std::string SettingText(const Value& value) {
  const auto* uniques = std::get_if<std::vector<UniqueInstance>>(&value);
  if (uniques == nullptr) return FormatValue(value);
  std::string text;
  for (const UniqueInstance& unique : *uniques) {
    text +=
        fmt::format("{}{}: {}", text.empty() ? "" : ", ", unique.key, FlowMap(unique.variables));
  }
  return "{" + text + "}";
}

std::string SourceText(const SensorDefinition& sensor) {
  const std::string every = FormatValue(sensor.every);
  return std::visit(Overloaded{[](const PutSource&) { return std::string("by sensor put"); },
                               [&](const SpoolSource& spool) {
                                 return fmt::format("spool {}, every {}", spool.directory, every);
                               },
                               [&](const ExecSource& exec) {
                                 return fmt::format("exec {}, every {}, timeout {}",
                                                    FlowList(exec.command), every,
                                                    FormatValue(exec.timeout));
                               }},
                    sensor.source);
}

Fields FieldsOf(const EpuDefinition& epu) {
  Fields fields = {{"engine", epu.engine}};
  for (const Setting& setting : epu.settings) {
    fields.emplace_back("config." + setting.key, SettingText(setting.value));
  }
  for (const SensorDefinition& sensor : epu.sensors) {
    fields.emplace_back("sensors." + sensor.name, SourceText(sensor));
  }
  for (const ShadowDefinition& shadow : epu.shadows) {
    const std::string path = "shadows." + shadow.name;
    fields.emplace_back(path + ".engine", shadow.engine);
    for (const Setting& setting : shadow.settings) {
      fields.emplace_back(path + ".config." + setting.key, SettingText(setting.value));
    }
  }
  fields.emplace_back("worker.site", epu.worker.site_name);
  fields.emplace_back("worker.command", FlowList(epu.worker.command));
  for (const Variable& variable : epu.worker.environment) {
    fields.emplace_back("worker.environment." + variable.name,
                        variable.secret ? "secret " + variable.value : variable.value);
  }
  fields.emplace_back("worker.stop_grace", FormatValue(epu.worker.stop_grace));
  fields.emplace_back("worker.drain_timeout", FormatValue(epu.worker.drain_timeout));
  fields.emplace_back("health.monitor", epu.health.monitor ? "true" : "false");
  fields.emplace_back("health.boot_timeout", FormatValue(epu.health.boot_timeout));
  fields.emplace_back("health.missing_timeout", FormatValue(epu.health.missing_timeout));
  fields.emplace_back("health.zombie_timeout", FormatValue(epu.health.zombie_timeout));
  return fields;
}

Fields FieldsOf(const SiteDefinition& site) {
  return {{"driver", site.driver},
          {"max_workers", fmt::format("{}", site.max_workers)},
          {"credentials", site.credentials.empty() ? "-" : site.credentials}};
}

std::vector<FieldChange> Compare(const Fields& before, const Fields& after) {
  const std::map<std::string, std::string> old_values(before.begin(), before.end());
  std::set<std::string> kept;
  std::vector<FieldChange> changes;
  for (const auto& [key, value] : after) {
    kept.insert(key);
    const auto old_value = old_values.find(key);
    if (old_value == old_values.end()) {
      changes.push_back({key, "-", value});
    } else if (old_value->second != value) {
      changes.push_back({key, old_value->second, value});
    }
  }
  for (const auto& [key, value] : before) {
    if (!kept.contains(key)) changes.push_back({key, value, "-"});
  }
  return changes;
}

}  // namespace

std::vector<FieldChange> Differences(const EpuDefinition& before, const EpuDefinition& after) {
  return Compare(FieldsOf(before), FieldsOf(after));
}

std::vector<FieldChange> Differences(const SiteDefinition& before, const SiteDefinition& after) {
  return Compare(FieldsOf(before), FieldsOf(after));
}

std::string SettingsInShort(const EpuDefinition& definition, const std::vector<Setting>& defaults) {
  std::string text;
  for (const Setting& setting : definition.settings) {
    if (std::find(defaults.begin(), defaults.end(), setting) != defaults.end()) continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", setting.key, FormatValue(setting.value));
  }
  return text;
}

}  // namespace epu
