#include "commands/definition_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "engines/values.h"
#include "eventlog/event.h"
#include "eventlog/overloaded.h"
#include "eventlog/utf8.h"

namespace epu {
namespace {

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// ---- How large a definition becomes in a record: an upper bound ----

constexpr std::size_t kPartBytes = 64;  // More than any part's fixed fields, and a text's padding.

std::size_t SizeOf(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += kPartBytes + text.size();
  return bytes;
}

std::size_t SizeOf(const std::vector<Variable>& variables) {
  std::size_t bytes = 0;
  for (const Variable& variable : variables) {
    bytes += kPartBytes + variable.name.size() + variable.value.size();
  }
  return bytes;
}

std::size_t SizeOf(const Setting& setting) {
  std::size_t bytes = 2 * kPartBytes + setting.key.size();
  if (const auto* text = std::get_if<std::string>(&setting.value)) bytes += text->size();
  if (const auto* uniques = std::get_if<std::vector<UniqueInstance>>(&setting.value)) {
    for (const UniqueInstance& unique : *uniques) {
      bytes += kPartBytes + unique.key.size() + SizeOf(unique.variables);
    }
  }
  if (const auto* zone = std::get_if<TimeZone>(&setting.value)) {
    bytes += kPartBytes + zone->name.size() + zone->rule.size();
  }
  if (const auto* schedule = std::get_if<Schedule>(&setting.value)) {
    bytes += kPartBytes * schedule->size();
  }
  return bytes;
}

std::size_t SizeOf(const SensorSource& source) {
  if (const auto* spool = std::get_if<SpoolSource>(&source)) return spool->directory.size();
  if (const auto* program = std::get_if<ExecSource>(&source)) return SizeOf(program->command);
  return 0;
}

std::size_t SizeOf(const EpuDefinition& definition) {
  std::size_t bytes = 4 * kPartBytes + definition.name.size() + definition.engine.size();
  for (const Setting& setting : definition.settings) bytes += SizeOf(setting);
  const WorkerDefinition& worker = definition.worker;
  bytes += worker.site_name.size() + SizeOf(worker.command) + SizeOf(worker.environment);
  for (const SensorDefinition& sensor : definition.sensors) {
    bytes += 2 * kPartBytes + sensor.name.size() + SizeOf(sensor.source);
  }
  for (const ShadowDefinition& shadow : definition.shadows) {
    bytes += 2 * kPartBytes + shadow.name.size() + shadow.engine.size();
    for (const Setting& setting : shadow.settings) bytes += SizeOf(setting);
  }
  return bytes;
}

void CheckSize(Faults& faults, const std::string& path, std::size_t bytes) {
  if (bytes <= kDefinitionBytesMax) return;
  faults.Add(path, fmt::format(" is {} bytes large; at most {}", bytes, kDefinitionBytesMax));
}

// ---- Values ----

void CheckText(Faults& faults, const std::string& path, std::string_view text) {
  if (text.size() > kTextMax) {
    faults.Add(path, fmt::format(" is {} bytes long; {} are allowed", text.size(), kTextMax));
  } else if (!IsUtf8(text)) {
    faults.Add(path, " is no UTF-8");
  } else if (text.find('\0') != text.npos) {
    faults.Add(path, " has a NUL character, which no program can be handed");
  }
}

void CheckDuration(Faults& faults, const std::string& path, Duration value, Duration least,
                   Duration most) {
  if (value < least || value > most) {
    faults.Add(path, fmt::format(" is {}; {} to {} is due", FormatDuration(value),
                                 FormatDuration(least), FormatDuration(most)));
  } else if (value % std::chrono::milliseconds(1) != Duration::zero()) {
    faults.Add(path, " is finer than a millisecond");
  }
}

void CheckCommand(Faults& faults, const std::string& path,
                  const std::vector<std::string>& command) {
  if (command.empty()) {
    faults.Add(path, ": a program is due");
    return;
  }
  if (command.size() > kArgumentsMax) {
    faults.Add(path, fmt::format(" has {} parts; at most {}", command.size(), kArgumentsMax));
  }
  for (std::size_t i = 0; i < command.size(); ++i) {
    CheckText(faults, fmt::format("{}[{}]", path, i), command[i]);
  }
  if (!IsProgram(command[0])) {
    faults.Add(path + "[0]",
               fmt::format(" is {}; a program is due, by its absolute path or its name alone",
                           Quoted(command[0])));
  }
}

void CheckVariables(Faults& faults, const std::string& path,
                    const std::vector<Variable>& variables) {
  if (variables.size() > kVariablesMax) {
    faults.Add(path, fmt::format(" has {} variables; at most {}", variables.size(), kVariablesMax));
  }
  std::set<std::string_view> names;
  for (const Variable& variable : variables) {
    if (IsOwnVariable(variable.name)) {
      faults.Add(path, fmt::format(" has {}, which EPU itself sets", variable.name));
    } else if (!IsVariableName(variable.name)) {
      faults.Add(path, fmt::format(" has {}, which cannot name a variable", Quoted(variable.name)));
    } else if (!names.insert(variable.name).second) {
      faults.Add(path, fmt::format(" has {} twice", Quoted(variable.name)));
    } else if (variable.secret) {
      CheckName(faults, fmt::format("{}.{}", path, variable.name), variable.value);
    } else {
      CheckText(faults, fmt::format("{}.{}", path, variable.name), variable.value);
    }
  }
}

// ---- Parts of an EPU ----

void CheckWorker(Faults& faults, const std::string& path, const WorkerDefinition& worker) {
  CheckCommand(faults, path + ".command", worker.command);
  CheckVariables(faults, path + ".environment", worker.environment);
  CheckDuration(faults, path + ".stop_grace", worker.stop_grace, Duration::zero(), kStopGraceMax);
  CheckDuration(faults, path + ".drain_timeout", worker.drain_timeout, Duration::zero(),
                kDrainTimeoutMax);
}

void CheckHealth(Faults& faults, const std::string& path, const HealthDefinition& health) {
  const struct {
    const char* key;
    Duration window;
  } windows[] = {{"boot_timeout", health.boot_timeout},
                 {"missing_timeout", health.missing_timeout},
                 {"zombie_timeout", health.zombie_timeout}};
  for (const auto& [key, window] : windows) {
    CheckDuration(faults, path + "." + key, window, kWindowMin, kWindowMax);
  }
}

void CheckSource(Faults& faults, const std::string& path, const SensorDefinition& sensor) {
  if (std::holds_alternative<PutSource>(sensor.source)) {
    if (sensor.every != Duration::zero()) {
      faults.Add(path + ".every",
                 " goes with spool or exec; readings by sensor put come when they "
                 "come");
    }
    return;
  }
  CheckDuration(faults, path + ".every", sensor.every, kWindowMin, kEveryMax);
  if (const auto* spool = std::get_if<SpoolSource>(&sensor.source)) {
    CheckText(faults, path + ".spool", spool->directory);
    if (!spool->directory.starts_with('/')) {
      faults.Add(path + ".spool",
                 fmt::format(" is {}; an absolute path is due", Quoted(spool->directory)));
    }
  } else if (const auto* program = std::get_if<ExecSource>(&sensor.source)) {
    CheckCommand(faults, path + ".exec", program->command);
    CheckDuration(faults, path + ".timeout", program->timeout, kWindowMin, kExecTimeoutMax);
  }
}

void CheckSensors(Faults& faults, const std::string& path,
                  const std::vector<SensorDefinition>& sensors) {
  if (sensors.size() > kSensorsMax) {
    faults.Add(path, fmt::format(" has {} sensors; at most {}", sensors.size(), kSensorsMax));
  }
  std::set<std::string_view> names;
  for (const SensorDefinition& sensor : sensors) {
    const std::string sensor_path = path + "." + sensor.name.substr(0, kNameMax);
    CheckName(faults, path, sensor.name);
    if (!names.insert(sensor.name).second) faults.Add(sensor_path, " is declared twice");
    CheckSource(faults, sensor_path, sensor);
  }
}

// What the engine's table says nothing of.
void CheckValue(Faults& faults, const std::string& path, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) CheckText(faults, path, *text);
  const auto* uniques = std::get_if<std::vector<UniqueInstance>>(&value);
  if (uniques == nullptr) return;
  for (const UniqueInstance& unique : *uniques) {
    CheckVariables(faults, path + "." + unique.key.substr(0, kNameMax), unique.variables);
  }
}

void CheckValues(Faults& faults, const std::string& path, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    CheckValue(faults, path + ".config." + setting.key.substr(0, kNameMax), setting.value);
  }
}

void CheckShadows(Faults& faults, const std::string& path,
                  const std::vector<ShadowDefinition>& shadows) {
  if (shadows.size() > kShadowsMax) {
    faults.Add(path, fmt::format(" has {} shadows; at most {}", shadows.size(), kShadowsMax));
  }
  std::set<std::string_view> names;
  for (const ShadowDefinition& shadow : shadows) {
    const std::string shadow_path = path + "." + shadow.name.substr(0, kNameMax);
    CheckName(faults, path, shadow.name);
    if (!names.insert(shadow.name).second) faults.Add(shadow_path, " is declared twice");
    CheckValues(faults, shadow_path, shadow.settings);
  }
}

}  // namespace

bool IsName(std::string_view text) {
  if (text.empty() || text.size() > kNameMax || !IsLetterOrDigit(text[0])) return false;
  const bool characters = std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
  });
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return characters && !digits;
}

bool IsOwnVariable(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"EPU_RUN",   "EPU_NAME",   "EPU_WORKER",
                                                      "EPU_TOKEN", "EPU_REPORT", "EPU_DRAIN"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool IsVariableName(std::string_view name) {
  return !name.empty() && name.size() <= kVariableNameMax && name.find('=') == name.npos &&
         std::none_of(name.begin(), name.end(), IsControl) && IsUtf8(name) && !IsOwnVariable(name);
}

bool IsProgram(std::string_view program) {
  return !program.empty() && (program[0] == '/' || program.find('/') == program.npos);
}

void CheckName(Faults& faults, const std::string& path, std::string_view name) {
  if (IsName(name)) return;
  faults.Add(path, fmt::format(": {} is no name: letters, digits, '.', '_', '-', at most {}, a "
                               "letter or digit first, not only digits",
                               Quoted(name.substr(0, kNameMax + 1)), kNameMax));
}

void CheckMaxWorkers(Faults& faults, const std::string& path, std::uint32_t max_workers) {
  if (max_workers >= 1 && max_workers <= kMaxWorkersLimit) return;
  faults.Add(path, fmt::format(" is {}; it may be 1 to {}", max_workers, kMaxWorkersLimit));
}

void CheckParts(Faults& faults, const std::string& path, const SiteDefinition& site) {
  CheckName(faults, "sites", site.name);
  CheckSize(faults, path, site.driver.size() + site.credentials.size());
  CheckMaxWorkers(faults, path + ".max_workers", site.max_workers);
  if (!site.credentials.empty()) CheckName(faults, path + ".credentials", site.credentials);
}

void CheckParts(Faults& faults, const std::string& path, const EpuDefinition& epu) {
  CheckName(faults, "epus", epu.name);
  CheckSize(faults, path, SizeOf(epu));
  CheckWorker(faults, path + ".worker", epu.worker);
  CheckHealth(faults, path + ".health", epu.health);
  CheckSensors(faults, path + ".sensors", epu.sensors);
  CheckValues(faults, path, epu.settings);
  CheckShadows(faults, path + ".shadows", epu.shadows);
}

EpuDefinition UnderShadow(EpuDefinition definition, const ShadowDefinition& shadow) {
  definition.engine = shadow.engine;
  definition.settings = shadow.settings;
  definition.shadows.clear();
  return definition;
}

}  // namespace epu
