#include "cli/config_format.h"

#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/yaml_tree.h"
#include "engines/schedule.h"
#include "engines/values.h"
#include "engines/zone_rule.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

std::string Uniques(const std::vector<UniqueInstance>& uniques) {
  if (uniques.empty()) return " {}";
  std::string text;
  for (const UniqueInstance& unique : uniques) {
    text += fmt::format("\n        {}: {}", QuoteYaml(unique.key), FlowMap(unique.variables));
  }
  return text;
}

std::string Entries(const Schedule& schedule) {
  std::string text;
  for (const ScheduleEntry& entry : schedule) {
    const std::string days =
        entry.days == kEveryDay ? "" : fmt::format("days: {}, ", QuoteYaml(FormatDays(entry.days)));
    text += fmt::format("\n        - {{{}at: \"{}\", count: {}}}", days, FormatMinute(entry.minute),
                        entry.count);
  }
  return text;
}

std::string SettingLine(const Setting& setting, std::string_view indent = "      ") {
  const std::string value = std::visit(
      Overloaded{[](const std::string& text) { return " " + QuoteYaml(text); },
                 [](const std::vector<UniqueInstance>& uniques) { return Uniques(uniques); },
                 [](const TimeZone& zone) { return " " + QuoteYaml(FormatZone(zone)); },
                 [](const Schedule& schedule) { return Entries(schedule); },
                 [](const auto& other) { return " " + FormatValue(other); }},
      setting.value);
  return fmt::format("{}{}:{}\n", indent, setting.key, value);
}

std::string SensorLine(const SensorDefinition& sensor) {
  const std::string every = FormatValue(sensor.every);
  const std::string source = std::visit(
      Overloaded{[](const PutSource&) { return std::string(); },
                 [&](const SpoolSource& spool) {
                   return fmt::format("spool: {}, every: {}", QuoteYaml(spool.directory), every);
                 },
                 [&](const ExecSource& exec) {
                   return fmt::format("exec: {}, every: {}, timeout: {}", FlowList(exec.command),
                                      every, FormatValue(exec.timeout));
                 }},
      sensor.source);
  return fmt::format("      {}: {{{}}}\n", QuoteYaml(sensor.name), source);
}

std::string WorkerLines(const WorkerDefinition& worker) {
  std::string text = "    worker:\n";
  text += fmt::format("      site: {}\n", QuoteYaml(worker.site_name));
  text += fmt::format("      command: {}\n", FlowList(worker.command));
  if (!worker.environment.empty()) {
    text += fmt::format("      environment: {}\n", FlowMap(worker.environment));
  }
  return text + fmt::format("      stop_grace: {}\n      drain_timeout: {}\n",
                            FormatValue(worker.stop_grace), FormatValue(worker.drain_timeout));
}

std::string HealthLines(const HealthDefinition& health) {
  return fmt::format(
      "    health:\n"
      "      monitor: {}\n"
      "      boot_timeout: {}\n"
      "      missing_timeout: {}\n"
      "      zombie_timeout: {}\n",
      health.monitor, FormatValue(health.boot_timeout), FormatValue(health.missing_timeout),
      FormatValue(health.zombie_timeout));
}

std::string ShadowLines(const ShadowDefinition& shadow) {
  std::string text = fmt::format("      {}:\n        engine: {}\n", QuoteYaml(shadow.name),
                                 QuoteYaml(shadow.engine));
  if (!shadow.settings.empty()) text += "        config:\n";
  for (const Setting& setting : shadow.settings) text += SettingLine(setting, "          ");
  return text;
}

std::string EpuLines(const EpuDefinition& epu) {
  std::string text =
      fmt::format("  {}:\n    engine: {}\n", QuoteYaml(epu.name), QuoteYaml(epu.engine));
  if (!epu.settings.empty()) text += "    config:\n";
  for (const Setting& setting : epu.settings) text += SettingLine(setting);
  if (!epu.sensors.empty()) text += "    sensors:\n";
  for (const SensorDefinition& sensor : epu.sensors) text += SensorLine(sensor);
  if (!epu.shadows.empty()) text += "    shadows:\n";
  for (const ShadowDefinition& shadow : epu.shadows) text += ShadowLines(shadow);
  return text + WorkerLines(epu.worker) + HealthLines(epu.health);
}

std::string SiteLines(const SiteDefinition& site) {
  std::string text = fmt::format("  {}:\n    driver: {}\n    max_workers: {}\n",
                                 QuoteYaml(site.name), QuoteYaml(site.driver), site.max_workers);
  if (!site.credentials.empty()) {
    text += fmt::format("    credentials: {}\n", QuoteYaml(site.credentials));
  }
  return text;
}

}  // namespace

std::string FlowMap(const std::vector<Variable>& variables) {
  std::string text;
  for (const Variable& variable : variables) {
    const std::string value = QuoteYaml(variable.value);
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", QuoteYaml(variable.name),
                        variable.secret ? "{secret: " + value + "}" : value);
  }
  return "{" + text + "}";
}

std::string FlowList(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + QuoteYaml(item);
  return "[" + text + "]";
}

std::string FormatConfig(const State& state, const Epu* only) {
  std::string text = fmt::format("version: 1\nmax_workers: {}\n", state.max_workers);
  std::string sites;
  for (const auto& [number, site] : state.sites) {
    const bool is_due = only == nullptr || only->definition.worker.site == number;
    if (is_due) sites += SiteLines(site.definition);
  }
  if (!sites.empty()) text += "\nsites:\n" + sites;
  std::string epus;
  for (const auto& [number, epu] : state.epus) {
    const bool is_due = only == nullptr ? !epu.removed && !epu.removing : only->number == number;
    if (!is_due) continue;
    epus += (epus.empty() ? "" : "\n") + EpuLines(epu.definition);
  }
  if (!epus.empty()) text += "\nepus:\n" + epus;
  return text;
}

}  // namespace epu
