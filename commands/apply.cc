#include "commands/apply.h"

#include <algorithm>
#include <map>
#include <set>
#include "commands/drivers.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "engines/values.h"
#include "projections/pool.h"

namespace epu {
namespace {

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

// ---- Sites ----

void DecideSite(Declaration& declaration, const SiteDefinition& definition) {
  Faults& faults = declaration.faults;
  const std::string path = "sites." + definition.name.substr(0, kNameMax);
  CheckParts(faults, path, definition);
  const DriverEntry* driver = FindDriver(definition.driver);
  if (driver == nullptr) {
    faults.Add(path + ".driver",
               fmt::format(" is {}; the drivers are: process", Quoted(definition.driver)));
  } else if (!driver->takes_credentials && !definition.credentials.empty()) {
    faults.Add(path + ".credentials",
               fmt::format(": driver {} takes none; leave it out", driver->name));
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

// The definition as it will be recorded: settings complete, site and sensors numbered.
EpuDefinition Number(Declaration& declaration, const EngineEntry& engine, const Epu* known,
                     EpuDefinition definition) {
  definition.settings = Complete(engine.keys, definition.settings);
  definition.worker.site = declaration.sites[definition.worker.site_name];
  for (ShadowDefinition& shadow : definition.shadows) {
    const EngineEntry* own = FindEngine(declaration.catalog, shadow.engine);
    if (own != nullptr) shadow.settings = Complete(own->keys, shadow.settings);
  }
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

// A shadow is held to what the pool would be held to under its engine.
void CheckShadow(Declaration& declaration, const std::string& path, const EpuDefinition& given,
                 const ShadowDefinition& shadow) {
  const EngineEntry* engine = FindEngine(declaration.catalog, shadow.engine);
  if (engine == nullptr) {
    declaration.faults.Add(path + ".engine", fmt::format(": there is no engine {}; see: epumgmt "
                                                         "engines",
                                                         Quoted(shadow.engine)));
    return;
  }
  for (const auto& problem : CheckDefinition(*engine, UnderShadow(given, shadow))) {
    declaration.faults.Add(path + ".config." + problem.key, problem.text);
  }
}

// The engine of `given`, if all of it is well.
const EngineEntry* CheckEpu(Declaration& declaration, const EpuDefinition& given) {
  Faults& faults = declaration.faults;
  const std::size_t faults_before = faults.count();
  const std::string path = "epus." + given.name.substr(0, kNameMax);
  CheckParts(faults, path, given);
  if (!declaration.sites.contains(given.worker.site_name)) {
    faults.Add(path + ".worker.site",
               fmt::format(": no site {} is defined", Quoted(given.worker.site_name)));
  }
  const EngineEntry* engine = FindEngine(declaration.catalog, given.engine);
  if (engine == nullptr) {
    faults.Add(path + ".engine",
               fmt::format(": there is no engine {}; see: epumgmt engines", Quoted(given.engine)));
    return nullptr;
  }
  for (const auto& problem : CheckDefinition(*engine, given)) {
    faults.Add(path + ".config." + problem.key, problem.text);
  }
  for (const ShadowDefinition& shadow : given.shadows) {
    CheckShadow(declaration, path + ".shadows." + shadow.name.substr(0, kNameMax), given, shadow);
  }
  return faults.count() == faults_before ? engine : nullptr;
}

// `definition` in an order that means nothing: variables, sensors and shadows are known by
// their names.
EpuDefinition ByName(EpuDefinition definition) {
  const auto by_name = [](const auto& left, const auto& right) { return left.name < right.name; };
  std::sort(definition.worker.environment.begin(), definition.worker.environment.end(), by_name);
  std::sort(definition.sensors.begin(), definition.sensors.end(), by_name);
  std::sort(definition.shadows.begin(), definition.shadows.end(), by_name);
  return definition;
}

// Whether declaring `definition` again changes nothing. Keys that its engine has got since the pool
// was defined stand at their defaults. Where development mode stopped a pool, it sets it going
// again.
bool IsInForce(const Epu& epu, const EngineEntry& engine, const EpuDefinition& definition) {
  if (epu.removed || epu.removing || epu.dev_mode_failure) return false;
  EpuDefinition known = epu.definition;
  if (known.engine == engine.name && CheckDefinition(engine, known).empty()) {
    known.settings = Complete(engine.keys, known.settings);
  }
  return ByName(std::move(known)) == ByName(definition);
}

void DecideEpu(Declaration& declaration, const EpuDefinition& given) {
  const EngineEntry* engine = CheckEpu(declaration, given);
  if (engine == nullptr) return;
  const Epu* known = FindEverNamed(declaration.state, given.name);
  declaration.new_names += known == nullptr ? 1 : 0;
  const EpuDefinition definition = Number(declaration, *engine, known, given);
  if (known != nullptr && IsInForce(*known, *engine, definition)) return;
  const EpuNumber number = known != nullptr ? known->number : EpuNumber{declaration.next()};
  declaration.payloads.push_back(EpuDefined{number, definition});
}

bool IsThere(const Epu& epu) { return !epu.removed && !epu.removing; }

std::set<std::string_view> NamesOf(const std::vector<EpuDefinition>& epus) {
  std::set<std::string_view> names;
  for (const EpuDefinition& epu : epus) names.insert(epu.name);
  return names;
}

void Prune(Declaration& declaration, const std::vector<EpuDefinition>& declared) {
  const std::set<std::string_view> names = NamesOf(declared);
  for (const auto& [number, epu] : declaration.state.epus) {
    if (!IsThere(epu) || names.contains(epu.definition.name)) continue;
    declaration.payloads.push_back(RemovalBegun{number});
  }
}

}  // namespace

std::vector<std::string> ChangedSince(const State& state, const Apply& apply) {
  std::vector<std::string> changes;
  if (!apply.basis) return changes;
  const auto look = [&](const std::string& path, Sequence changed) {
    if (changed <= *apply.basis) return;
    changes.push_back(fmt::format("{} was changed at {}, after {}, which this was made for", path,
                                  changed, *apply.basis));
  };
  if (apply.max_workers) look("max_workers", state.limited);
  for (const SiteDefinition& definition : apply.sites) {
    const Site* site = FindSite(state, definition.name);
    if (site != nullptr) look("sites." + definition.name, site->policy);
  }
  const std::set<std::string_view> names = NamesOf(apply.epus);
  for (const auto& [number, epu] : state.epus) {
    const bool declared = names.contains(epu.definition.name);
    if (!declared && !(apply.prune && IsThere(epu))) continue;
    look("epus." + epu.definition.name, std::max(epu.policy, epu.removal));
  }
  return changes;
}

absl::StatusOr<std::vector<Payload>> DecideApply(const State& state, const Apply& apply,
                                                 Sequence first, const EngineCatalog& catalog) {
  if (apply.basis && *apply.basis > state.head) {
    return absl::InvalidArgumentError(
        fmt::format("basis is {}, and the last event is {}", *apply.basis, state.head));
  }
  if (const std::vector<std::string> changes = ChangedSince(state, apply); !changes.empty()) {
    return absl::FailedPreconditionError(absl::StrJoin(changes, "\n"));
  }
  Declaration declaration{state, first, catalog, {}, {}, {}};
  if (apply.max_workers) {
    CheckMaxWorkers(declaration.faults, "max_workers", *apply.max_workers);
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
  if (apply.prune) Prune(declaration, apply.epus);
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
  CheckParts(faults, "epus." + epu->definition.name, definition);
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
