#include "cli/config_epu.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/config_setting.h"
#include "cli/terminal.h"
#include "commands/definition_rules.h"
#include "engines/suggest.h"
#include "engines/values.h"

namespace epu {
namespace {

using Item = ConfigReader::Item;
using Items = ConfigReader::Items;

std::string Choices(const std::vector<std::string_view>& names, std::string_view word) {
  if (const auto near = Suggest(word, names)) return fmt::format("did you mean {}?", *near);
  return names.empty() ? "there is none" : fmt::format("there is: {}", fmt::join(names, ", "));
}

// The duration of `key`, or `otherwise` where it is not given.
Duration DurationOr(ConfigReader& reader, const Items& fields, std::string_view key, Duration least,
                    Duration most, Duration otherwise) {
  const auto field = fields.find(key);
  if (field == fields.end()) return otherwise;
  return reader.Duration(field->second, least, most).value_or(otherwise);
}

// ---- worker, health, sensors ----

WorkerDefinition ReadWorker(ConfigReader& reader, const Item& item,
                            const ConfigSurroundings& surroundings) {
  constexpr std::array<std::string_view, 5> kKeys = {"site", "command", "environment", "stop_grace",
                                                     "drain_timeout"};
  const Items fields = reader.Fields(item, "a worker", kKeys, std::span(kKeys).first(2));
  WorkerDefinition worker;
  if (const auto site = fields.find("site"); site != fields.end()) {
    worker.site_name = reader.Name(site->second).value_or("");
    if (!worker.site_name.empty() && !surroundings.sites.contains(worker.site_name)) {
      const std::vector<std::string_view> names(surroundings.sites.begin(),
                                                surroundings.sites.end());
      reader.Add(site->second.node->mark, site->second.path,
                 fmt::format(" is {}, which is no site; {}", worker.site_name,
                             Choices(names, worker.site_name)));
    }
  }
  if (const auto command = fields.find("command"); command != fields.end()) {
    worker.command = reader.Command(command->second).value_or(std::vector<std::string>());
  }
  if (const auto variables = fields.find("environment"); variables != fields.end()) {
    worker.environment = reader.Variables(variables->second).value_or(std::vector<Variable>());
  }
  worker.stop_grace =
      DurationOr(reader, fields, "stop_grace", Duration::zero(), kStopGraceMax, kStopGraceDefault);
  worker.drain_timeout = DurationOr(reader, fields, "drain_timeout", Duration::zero(),
                                    kDrainTimeoutMax, kDrainTimeoutDefault);
  return worker;
}

HealthDefinition ReadHealth(ConfigReader& reader, const Items& epu) {
  constexpr std::array<std::string_view, 4> kKeys = {"monitor", "boot_timeout", "missing_timeout",
                                                     "zombie_timeout"};
  HealthDefinition health;
  Items fields;
  if (const auto item = epu.find("health"); item != epu.end()) {
    fields = reader.Fields(item->second, "health", kKeys, {});
  }
  if (const auto monitor = fields.find("monitor"); monitor != fields.end()) {
    health.monitor = reader.Flag(monitor->second).value_or(true);
  }
  const auto window = [&](std::string_view key, Duration otherwise) {
    return DurationOr(reader, fields, key, kWindowMin, kWindowMax, otherwise);
  };
  health.boot_timeout = window("boot_timeout", kBootTimeoutDefault);
  health.missing_timeout = window("missing_timeout", kMissingTimeoutDefault);
  health.zombie_timeout = window("zombie_timeout", kZombieTimeoutDefault);
  return health;
}

SensorDefinition ReadSensor(ConfigReader& reader, const std::string& name, const Item& item) {
  constexpr std::array<std::string_view, 4> kKeys = {"spool", "exec", "every", "timeout"};
  SensorDefinition sensor;
  sensor.name = name;
  if (std::optional<std::string> fault = NameFault(name)) {
    reader.Add(item.mark, item.path, *std::move(fault));
  }
  if (item.node->kind == YamlNode::Kind::kNull) {
    reader.Add(item.mark, item.path,
               " is empty; write {} for readings that come by epumgmt sensor put");
    return sensor;
  }
  const Items fields = reader.Fields(item, "a sensor", kKeys, {});
  const auto spool = fields.find("spool");
  const auto exec = fields.find("exec");
  if (const auto timeout = fields.find("timeout");
      timeout != fields.end() && exec == fields.end()) {
    reader.Add(timeout->second.mark, timeout->second.path, " goes with exec alone; remove it");
  }
  if (spool == fields.end() && exec == fields.end()) {
    if (const auto every = fields.find("every"); every != fields.end()) {
      reader.Add(every->second.mark, every->second.path,
                 " goes with spool or exec; readings by epumgmt sensor put come when they come");
    }
    return sensor;
  }
  if (spool != fields.end() && exec != fields.end()) {
    reader.Add(item.mark, item.path, " has both spool and exec; a sensor has one source");
  }
  sensor.every = DurationOr(reader, fields, "every", kWindowMin, kEveryMax, kSensorEveryDefault);
  if (spool != fields.end()) {
    sensor.source = SpoolSource{reader.Directory(spool->second).value_or("")};
  } else {
    sensor.source = ExecSource{
        reader.Command(exec->second).value_or(std::vector<std::string>()),
        DurationOr(reader, fields, "timeout", kWindowMin, kExecTimeoutMax, kExecTimeoutDefault)};
  }
  return sensor;
}

std::vector<SensorDefinition> ReadSensors(ConfigReader& reader, const Item& item) {
  std::vector<SensorDefinition> sensors;
  for (const auto& [name, sensor] : reader.Entries(item)) {
    sensors.push_back(ReadSensor(reader, name, sensor));
  }
  if (sensors.size() > kSensorsMax) {
    reader.Add(item.mark, item.path,
               fmt::format(" has {} sensors; {} are allowed", sensors.size(), kSensorsMax));
  }
  return sensors;
}

// ---- config ----

// Whether `text` names `word`, not as a part of a longer one.
bool Mentions(std::string_view text, std::string_view word) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) {
      return true;
    }
  }
  return false;
}

// Where the other key stands that a problem speaks of: " (line 27)", " (the default)".
std::string OtherKey(const DecisionEngine::Problem& problem, const Items& given,
                     std::span<const Key> keys) {
  for (const Key& key : keys) {
    if (key.name == problem.key || !Mentions(problem.text, key.name)) continue;
    const auto item = given.find(key.name);
    if (item == given.end()) return " (the default)";
    return fmt::format(" (line {})", item->second.node->mark.line);
  }
  return "";
}

// Adds a problem with a setting at its value, or at its key where the key itself is wrong, or at
// the whole configuration where the key is missing.
void AddProblem(ConfigReader& reader, const std::string& path, YamlMark mark, const Items& given,
                const DecisionEngine::Problem& problem, const std::string& rest) {
  if (const auto item = given.find(problem.key); item != given.end()) {
    const bool key_is_wrong = problem.text.starts_with(':');
    mark = key_is_wrong ? item->second.mark : item->second.node->mark;
  }
  reader.Add(mark, JoinPath(path, Escape(problem.key)), problem.text + rest);
}

void ReadConfig(ConfigReader& reader, const EngineEntry& engine, const Item& item,
                EpuDefinition& epu) {
  const std::vector<std::pair<std::string, Item>> entries = reader.Entries(item);
  if (item.node->kind != YamlNode::Kind::kMap) return;
  const Items given(entries.begin(), entries.end());
  std::set<std::string> unread;
  for (const auto& [name, entry] : entries) {
    const auto key = std::find_if(engine.keys.begin(), engine.keys.end(),
                                  [&](const Key& known) { return known.name == name; });
    // An unknown key goes on with any value: CheckSettings says what is wrong with it.
    std::optional<Value> value =
        key == engine.keys.end() ? Value(std::string()) : ReadSetting(reader, *key, entry);
    if (!value) unread.insert(name);
    epu.settings.push_back({name, value ? *std::move(value) : Value(std::string())});
  }
  bool sound = unread.empty();
  for (const auto& problem : CheckSettings(engine.name, engine.keys, epu.settings)) {
    if (unread.contains(problem.key)) continue;
    AddProblem(reader, item.path, item.mark, given, problem, "");
    sound = false;
  }
  if (!sound) return;
  EpuDefinition complete = epu;
  complete.settings = Complete(engine.keys, epu.settings);
  for (const auto& problem : engine.engine->Validate(complete)) {
    AddProblem(reader, item.path, item.mark, given, problem, OtherKey(problem, given, engine.keys));
  }
}

const EngineEntry* ReadEngine(ConfigReader& reader, const Items& fields,
                              const EngineCatalog& catalog) {
  const auto item = fields.find("engine");
  if (item == fields.end()) return nullptr;
  const std::optional<std::string> name = reader.Text(item->second);
  if (!name) return nullptr;
  const EngineEntry* engine = FindEngine(catalog, *name);
  if (engine != nullptr) return engine;
  std::vector<std::string_view> names;
  for (const EngineEntry& entry : catalog) names.push_back(entry.name);
  reader.Add(item->second.node->mark, item->second.path,
             fmt::format(" is \"{}\", which is no engine of this build; {}",
                         EscapeAndCut(*name, kNameMax), Choices(names, *name)));
  return nullptr;
}

// The settings of `epu`, or of a shadow of it, at the key config of `item`.
void ReadConfigOf(ConfigReader& reader, const EngineEntry& engine, const Item& item,
                  const Items& fields, EpuDefinition& epu) {
  const YamlNode nothing{.kind = YamlNode::Kind::kMap, .mark = item.mark};
  const auto config = fields.find("config");
  const Item none{JoinPath(item.path, "config"), &nothing, item.mark};
  ReadConfig(reader, engine, config == fields.end() ? none : config->second, epu);
}

ShadowDefinition ReadShadow(ConfigReader& reader, const std::string& name, const Item& item,
                            const EpuDefinition& epu, const EngineCatalog& catalog) {
  constexpr std::array<std::string_view, 2> kKeys = {"engine", "config"};
  if (std::optional<std::string> fault = NameFault(name)) {
    reader.Add(item.mark, item.path, *std::move(fault));
  }
  ShadowDefinition shadow{name, "", {}};
  const Items fields = reader.Fields(item, "a shadow", kKeys, std::span(kKeys).first(1));
  const EngineEntry* engine = ReadEngine(reader, fields, catalog);
  if (engine == nullptr) return shadow;
  shadow.engine = engine->name;
  EpuDefinition under = UnderShadow(epu, shadow);
  ReadConfigOf(reader, *engine, item, fields, under);
  shadow.settings = std::move(under.settings);
  return shadow;
}

}  // namespace

EpuDefinition ReadEpu(ConfigReader& reader, const std::string& name, const Item& item,
                      const ConfigSurroundings& surroundings) {
  constexpr std::array<std::string_view, 6> kKeys = {"engine", "worker",  "config",
                                                     "health", "sensors", "shadows"};
  if (std::optional<std::string> fault = NameFault(name)) {
    reader.Add(item.mark, item.path, *std::move(fault));
  }
  EpuDefinition epu;
  epu.name = name;
  const Items fields = reader.Fields(item, "an EPU", kKeys, std::span(kKeys).first(2));
  if (const auto worker = fields.find("worker"); worker != fields.end()) {
    epu.worker = ReadWorker(reader, worker->second, surroundings);
  }
  epu.health = ReadHealth(reader, fields);
  if (const auto sensors = fields.find("sensors"); sensors != fields.end()) {
    epu.sensors = ReadSensors(reader, sensors->second);
  }
  const EngineEntry* engine = ReadEngine(reader, fields, surroundings.catalog);
  if (engine == nullptr) return epu;
  epu.engine = engine->name;
  ReadConfigOf(reader, *engine, item, fields, epu);
  if (const auto shadows = fields.find("shadows"); shadows != fields.end()) {
    for (const auto& [name, shadow] : reader.Entries(shadows->second)) {
      epu.shadows.push_back(ReadShadow(reader, name, shadow, epu, surroundings.catalog));
    }
  }
  return epu;
}

}  // namespace epu
