#include "commands/apply.h"

#include <algorithm>
#include <map>
#include <set>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "engines/values.h"
#include "projections/pool.h"

namespace epu {
namespace {

// Of a site or a run; what a State is sized and tested for.
constexpr std::uint32_t kMaxWorkersLimit = 10'000;
constexpr std::size_t kSitesMax = 1'000;    // Each has a thread of its own.
constexpr std::size_t kArgumentsMax = 256;  // Of a worker's command or a sensor's program.

// Of a definition as SizeOf counts: it has to fit a record, beside what an event says of itself.
constexpr std::size_t kDefinitionBytesMax = 48 * 1024;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Everything that is wrong, each with its path.
class Faults {
 public:
  void Add(std::string path, std::string_view text) {
    lines_.push_back(std::move(path) + std::string(text));
  }
  std::size_t count() const { return lines_.size(); }
  absl::Status ToStatus() const {
    return lines_.empty() ? absl::OkStatus()
                          : absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
  }

 private:
  std::vector<std::string> lines_;
};

// One declaration being decided: what it says, and where its names lead.
struct Declaration {
  const State& state;
  Sequence first;
  const EngineCatalog& catalog;
  Faults faults;
  std::vector<Payload> payloads;
  std::map<std::string, SiteNumber> sites;  // By name: those of the state and those declared here.
  std::size_t new_names = 0;                // Of EPUs.

  Sequence next() const { return first + payloads.size(); }
};

void CheckRange(Faults& faults, const std::string& path, std::uint32_t value) {
  if (value >= 1 && value <= kMaxWorkersLimit) return;
  faults.Add(path, fmt::format(" is {}; it may be 1 to {}", value, kMaxWorkersLimit));
}

void CheckName(Faults& faults, const std::string& path, std::string_view name) {
  if (IsName(name)) return;
  faults.Add(path, fmt::format(": {} is no name: letters, digits, '.', '_', '-', at most {}, a "
                               "letter or digit first, not only digits",
                               Quoted(name.substr(0, kNameMax + 1)), kNameMax));
}

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
  return bytes;
}

void CheckSize(Faults& faults, const std::string& path, std::size_t bytes) {
  if (bytes <= kDefinitionBytesMax) return;
  faults.Add(path, fmt::format(" is {} bytes large; at most {}", bytes, kDefinitionBytesMax));
}

// ---- Sites ----

void DecideSite(Declaration& declaration, const SiteDefinition& definition) {
  Faults& faults = declaration.faults;
  const std::string path = "sites." + definition.name.substr(0, kNameMax);
  CheckName(faults, "sites", definition.name);
  CheckSize(faults, path, definition.driver.size() + definition.credentials.size());
  CheckRange(faults, path + ".max_workers", definition.max_workers);
  if (definition.driver != "process") {
    faults.Add(path + ".driver",
               fmt::format(" is {}; the drivers are: process", Quoted(definition.driver)));
  }
  const Site* known = FindSite(declaration.state, definition.name);
  if (known == nullptr) {
    const SiteNumber number{declaration.next()};
    declaration.payloads.push_back(SiteDefined{number, definition});
    declaration.sites[definition.name] = number;
    return;
  }
  if (known->definition == definition) return;
  if (known->definition.driver != definition.driver &&
      CountMachines(declaration.state, known->number) > 0) {
    faults.Add(path + ".driver", " cannot change while the site has machines; drain it first");
  }
  declaration.payloads.push_back(SiteDefined{known->number, definition});
}

// ---- EPUs ----

void CheckWorker(Declaration& declaration, const std::string& path,
                 const WorkerDefinition& worker) {
  Faults& faults = declaration.faults;
  if (worker.command.empty()) faults.Add(path + ".command", ": a worker needs a command");
  if (worker.command.size() > kArgumentsMax) {
    faults.Add(path + ".command",
               fmt::format(" has {} parts; at most {}", worker.command.size(), kArgumentsMax));
  }
  if (worker.stop_grace < Duration::zero()) faults.Add(path + ".stop_grace", " is negative");
  if (worker.drain_timeout < Duration::zero()) faults.Add(path + ".drain_timeout", " is negative");
  for (const Variable& variable : worker.environment) {
    if (variable.secret) CheckName(faults, path + ".environment." + variable.name, variable.value);
  }
  if (!declaration.sites.contains(worker.site_name)) {
    faults.Add(path + ".site", fmt::format(": no site {} is defined", Quoted(worker.site_name)));
  }
}

void CheckHealth(Faults& faults, const std::string& path, const HealthDefinition& health) {
  const struct {
    const char* key;
    Duration window;
  } windows[] = {{"boot_timeout", health.boot_timeout},
                 {"missing_timeout", health.missing_timeout},
                 {"zombie_timeout", health.zombie_timeout}};
  for (const auto& [key, window] : windows) {
    if (window <= Duration::zero()) faults.Add(path + "." + key, " must be more than nothing");
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
    const bool read_by_server = !std::holds_alternative<PutSource>(sensor.source);
    if (read_by_server && sensor.every <= Duration::zero()) {
      faults.Add(sensor_path + ".every", " must be more than nothing");
    }
    const auto* program = std::get_if<ExecSource>(&sensor.source);
    if (program == nullptr) continue;
    if (program->command.empty()) faults.Add(sensor_path + ".exec", ": a program is due");
    if (program->command.size() > kArgumentsMax) {
      faults.Add(sensor_path + ".exec",
                 fmt::format(" has {} parts; at most {}", program->command.size(), kArgumentsMax));
    }
    if (program->timeout <= Duration::zero()) {
      faults.Add(sensor_path + ".timeout", " must be more than nothing");
    }
  }
}

// The definition as it will be recorded: settings complete, site and sensors numbered.
EpuDefinition Number(Declaration& declaration, const EngineEntry& engine, const Epu* known,
                     EpuDefinition definition) {
  definition.settings = Complete(engine.keys, definition.settings);
  definition.worker.site = declaration.sites[definition.worker.site_name];
  for (std::size_t place = 0; place < definition.sensors.size(); ++place) {
    SensorDefinition& sensor = definition.sensors[place];
    const Sensor* existing = known == nullptr ? nullptr : FindSensor(*known, sensor.name);
    sensor.number = existing != nullptr ? existing->definition.number
                                        : SensorNumber{kSensorsMax * declaration.next() + place};
  }
  return definition;
}

// The pool of that name, also when it was removed: a name keeps its number, and its workers theirs.
const Epu* FindEverNamed(const State& state, std::string_view name) {
  for (const auto& [number, epu] : state.epus) {
    if (epu.definition.name == name) return &epu;
  }
  return nullptr;
}

// The engine of `given`, if all of it is well.
const EngineEntry* CheckEpu(Declaration& declaration, const EpuDefinition& given) {
  Faults& faults = declaration.faults;
  const std::size_t faults_before = faults.count();
  const std::string path = "epus." + given.name.substr(0, kNameMax);
  CheckName(faults, "epus", given.name);
  CheckSize(faults, path, SizeOf(given));
  CheckWorker(declaration, path + ".worker", given.worker);
  CheckHealth(faults, path + ".health", given.health);
  CheckSensors(faults, path + ".sensors", given.sensors);
  const EngineEntry* engine = FindEngine(declaration.catalog, given.engine);
  if (engine == nullptr) {
    faults.Add(path + ".engine",
               fmt::format(": there is no engine {}; see: epumgmt engines", Quoted(given.engine)));
    return nullptr;
  }
  for (const auto& problem : CheckDefinition(*engine, given)) {
    faults.Add(path + ".config." + problem.key, problem.text);
  }
  return faults.count() == faults_before ? engine : nullptr;
}

// Whether declaring `definition` again changes nothing. Where development mode stopped a pool, it
// sets it going again.
bool IsInForce(const Epu& epu, const EpuDefinition& definition) {
  return !epu.removed && !epu.removing && !epu.dev_mode_failure && epu.definition == definition;
}

void DecideEpu(Declaration& declaration, const EpuDefinition& given) {
  const EngineEntry* engine = CheckEpu(declaration, given);
  if (engine == nullptr) return;
  const Epu* known = FindEverNamed(declaration.state, given.name);
  declaration.new_names += known == nullptr ? 1 : 0;
  const EpuDefinition definition = Number(declaration, *engine, known, given);
  if (known != nullptr && IsInForce(*known, definition)) return;
  const EpuNumber number = known != nullptr ? known->number : EpuNumber{declaration.next()};
  declaration.payloads.push_back(EpuDefined{number, definition});
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

absl::StatusOr<std::vector<Payload>> DecideApply(const State& state, const Apply& apply,
                                                 Sequence first, const EngineCatalog& catalog) {
  Declaration declaration{state, first, catalog, {}, {}, {}};
  if (apply.max_workers) {
    CheckRange(declaration.faults, "max_workers", *apply.max_workers);
    if (*apply.max_workers != state.max_workers) {
      declaration.payloads.push_back(RunLimited{*apply.max_workers});
    }
  }
  for (const auto& [number, site] : state.sites) declaration.sites[site.definition.name] = number;
  std::set<std::string_view> names;
  for (const SiteDefinition& site : apply.sites) {
    if (!names.insert(site.name).second) {
      declaration.faults.Add("sites." + site.name.substr(0, kNameMax), " is declared twice");
    }
    DecideSite(declaration, site);
  }
  if (declaration.sites.size() > kSitesMax) {
    declaration.faults.Add("sites", fmt::format(": a log holds at most {} sites", kSitesMax));
  }
  names.clear();
  for (const EpuDefinition& definition : apply.epus) {
    if (!names.insert(definition.name).second) {
      declaration.faults.Add("epus." + definition.name.substr(0, kNameMax), " is declared twice");
    }
    DecideEpu(declaration, definition);
  }
  if (state.epus.size() + declaration.new_names > kEpusMax) {
    declaration.faults.Add("epus", fmt::format(": a log holds at most {} names of EPUs", kEpusMax));
  }
  if (const absl::Status status = declaration.faults.ToStatus(); !status.ok()) return status;
  return std::move(declaration.payloads);
}

absl::StatusOr<std::vector<Payload>> DecideReconfigure(const State& state,
                                                       const Reconfigure& change,
                                                       const EngineCatalog& catalog) {
  const Epu* epu = FindEpu(state, change.epu);
  if (epu == nullptr) return absl::NotFoundError(fmt::format("no EPU \"{}\"", change.epu));
  if (epu->removing)
    return absl::FailedPreconditionError(fmt::format("{} is being removed", change.epu));
  const EngineEntry* engine = FindEngine(catalog, epu->definition.engine);
  if (engine == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("this build has no engine \"{}\"; {} is left as it is", epu->definition.engine,
                    change.epu));
  }
  Faults faults;
  const std::string path = "epus." + epu->definition.name + ".config.";
  std::set<std::string_view> keys;
  for (const Setting& setting : change.settings) {
    if (!keys.insert(setting.key).second) faults.Add(path + setting.key, " is given twice");
  }
  EpuDefinition definition = epu->definition;
  definition.settings = Merge(definition.settings, change.settings);
  for (const auto& problem : CheckDefinition(*engine, definition)) {
    faults.Add(path + problem.key, problem.text);
  }
  CheckSize(faults, "epus." + epu->definition.name, SizeOf(definition));
  if (const absl::Status status = faults.ToStatus(); !status.ok()) return status;

  std::vector<Setting> changed;
  for (Setting& setting : Complete(engine->keys, definition.settings)) {
    const std::vector<Setting>& old = epu->definition.settings;
    if (std::find(old.begin(), old.end(), setting) == old.end()) {
      changed.push_back(std::move(setting));
    }
  }
  if (changed.empty() && epu->dev_mode_failure) changed = change.settings;  // Sets it going again.
  if (changed.empty()) return std::vector<Payload>{};
  return std::vector<Payload>{EpuReconfigured{epu->number, std::move(changed)}};
}

}  // namespace epu
