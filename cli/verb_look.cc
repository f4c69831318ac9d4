// The verbs of *Look* that list a folded state: get, config. The others stand in files of their
// own.

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "cli/config_format.h"
#include "cli/list_view.h"
#include "cli/look.h"
#include "cli/reference.h"
#include "cli/status_json.h"
#include "cli/verb_history.h"
#include "cli/verbs.h"
#include "engines/catalog.h"
#include "engines/suggest.h"

namespace epu {
namespace {

void AddAt(CLI::App& app, std::string& at) {
  app.add_option("--at", at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
}

// ---- get ----

struct GetArguments {
  std::string what;
  std::vector<std::string> names;
  std::string epu;
  std::string site;
  std::string state;
  std::string health;
  std::string at;
};

void BindGet(CLI::App& app, GetArguments& arguments) {
  app.add_option("what", arguments.what, "epus, workers, sites or sensors")
      ->required()
      ->check(CLI::IsMember({"epus", "workers", "sites", "sensors"}));
  app.add_option("names", arguments.names, "only these")->type_name("REF");
  app.add_option("--epu", arguments.epu, "only of this EPU")->type_name("EPU");
  app.add_option("--site", arguments.site, "only at this site")->type_name("SITE");
  app.add_option("--state", arguments.state, "only in this state: STABLE; 600 or RUNNING")
      ->type_name("STATE");
  app.add_option("--health", arguments.health, "only of this health: OK, MISSING, …")
      ->type_name("HEALTH");
  AddAt(app, arguments.at);
}

// "600-RUNNING" is also meant by "600" and "RUNNING".
bool IsState(const std::string& typed, std::string_view state) {
  if (typed.empty() || typed == state) return true;
  const std::size_t dash = state.find('-');
  return dash != std::string_view::npos &&
         (typed == state.substr(0, dash) || typed == state.substr(dash + 1));
}

bool IsAmong(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

bool IsSite(const std::string& typed, const State& state, SiteNumber number) {
  if (typed.empty()) return true;
  const auto site = state.sites.find(number);
  return site != state.sites.end() && site->second.definition.name == typed;
}

// One list as all three forms of an answer. Names that were asked for and are not there are
// refused.
struct List {
  std::vector<std::string> names;
  Json json = Json::array();
  Table table;
};

List ListEpus(const StatusFacts& facts, const GetArguments& arguments, const Terminal& terminal) {
  List list;
  std::vector<const Epu*> epus = EpusByName(facts.state);
  std::erase_if(epus, [&](const Epu* epu) {
    const std::string& name = epu->definition.name;
    return !IsAmong(arguments.names, name) || (!arguments.epu.empty() && name != arguments.epu) ||
           !IsSite(arguments.site, facts.state, epu->definition.worker.site) ||
           !IsState(arguments.state, PoolStateText(*epu));
  });
  for (const Epu* epu : epus) {
    list.names.push_back(epu->definition.name);
    list.json.push_back(EpuJson(facts, *epu));
  }
  list.table = EpuTable(facts, epus, terminal);
  return list;
}

List ListWorkers(const StatusFacts& facts, const GetArguments& arguments,
                 const Terminal& terminal) {
  List list;
  std::vector<ListedWorker> workers;
  for (const Epu* epu : EpusByName(facts.state)) {
    if (!arguments.epu.empty() && epu->definition.name != arguments.epu) continue;
    for (const auto& [number, worker] : epu->workers) {
      const std::string name = WorkerName(*epu, number);
      const bool wanted = IsAmong(arguments.names, name) &&
                          IsSite(arguments.site, facts.state, worker.site) &&
                          IsState(arguments.state, StateName(worker.state)) &&
                          IsState(arguments.health, HealthName(worker.health));
      if (!wanted) continue;
      workers.push_back({epu, &worker});
      list.names.push_back(name);
      list.json.push_back(WorkerJson(facts, *epu, worker));
    }
  }
  list.table = WorkerTable(facts, workers, terminal);
  return list;
}

List ListSites(const StatusFacts& facts, const GetArguments& arguments, const Terminal& terminal) {
  List list;
  std::vector<const Site*> sites;
  for (const auto& [number, site] : facts.state.sites) {
    const std::string& name = site.definition.name;
    const std::string_view state = !site.answering   ? "UNKNOWN"
                                   : *site.answering ? "ANSWERING"
                                                     : "SILENT";
    if (!IsAmong(arguments.names, name) || !IsState(arguments.state, state)) continue;
    if (!arguments.site.empty() && name != arguments.site) continue;
    sites.push_back(&site);
    list.names.push_back(name);
    list.json.push_back(SiteJson(facts, site));
  }
  list.table = SiteTable(facts, sites, terminal);
  return list;
}

List ListSensors(const StatusFacts& facts, const GetArguments& arguments,
                 const Terminal& terminal) {
  List list;
  std::vector<ListedSensor> sensors;
  for (const Epu* epu : EpusByName(facts.state)) {
    if (!arguments.epu.empty() && epu->definition.name != arguments.epu) continue;
    for (const auto& [number, sensor] : epu->sensors) {
      const std::string name = epu->definition.name + "/" + sensor.definition.name;
      if (!IsAmong(arguments.names, name)) continue;
      sensors.push_back({epu, &sensor});
      list.names.push_back(name);
      list.json.push_back(SensorJson(facts, *epu, sensor));
    }
  }
  list.table = SensorTable(facts, sensors, terminal);
  return list;
}

// What is wrong with the options that narrow a list; an empty list would hide a slip.
std::string FilterFault(const State& state, const GetArguments& arguments) {
  if (!arguments.epu.empty() && FindEpu(state, arguments.epu) == nullptr) {
    return fmt::format("no EPU \"{}\"; epumgmt get epus lists them",
                       EscapeAndCut(arguments.epu, 60));
  }
  if (!arguments.site.empty() && FindSite(state, arguments.site) == nullptr) {
    return fmt::format("no site \"{}\"; epumgmt get sites lists them",
                       EscapeAndCut(arguments.site, 60));
  }
  bool is_health = arguments.health.empty();
  for (const Health health : {Health::kUnknown, Health::kOk, Health::kMonitorError,
                              Health::kProcessError, Health::kMissing, Health::kZombie}) {
    is_health = is_health || HealthName(health) == arguments.health;
  }
  if (is_health) return "";
  return fmt::format(
      "--health is \"{}\"; UNKNOWN, OK, MONITOR_ERROR, PROCESS_ERROR, MISSING or ZOMBIE",
      EscapeAndCut(arguments.health, 60));
}

Exit RunGet(Context& context, const GetArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  if (const std::string fault = FilterFault(view->fold.state, arguments); !fault.empty()) {
    return context.Fail(Exit::kTyped, fault);
  }
  const Options& options = context.GetOptions();
  const StatusFacts facts = FactsOf(*view, ZoneOf(options));
  const Terminal& terminal = context.GetTerminal();
  const List list = arguments.what == "epus"      ? ListEpus(facts, arguments, terminal)
                    : arguments.what == "workers" ? ListWorkers(facts, arguments, terminal)
                    : arguments.what == "sites"   ? ListSites(facts, arguments, terminal)
                                                  : ListSensors(facts, arguments, terminal);
  std::string missing;
  for (const std::string& name : arguments.names) {
    if (std::find(list.names.begin(), list.names.end(), name) == list.names.end()) {
      missing += fmt::format("no {} among the {}\n", name, arguments.what);
    }
  }
  if (!missing.empty()) return context.Fail(Exit::kTyped, missing);
  if (options.json) {
    const Json answer = {{"sequence", view->position.sequence},
                         {"time", FormatTime(view->position.time)},
                         {arguments.what, list.json}};
    context.Out() << ToLine(answer) << "\n";
  } else if (options.quiet) {
    for (const std::string& name : list.names) context.Out() << name << "\n";
  } else {
    context.Print(MomentLine(*view, facts.zone) + FormatTable(list.table, context.GetTerminal()));
  }
  return Exit::kDone;
}

// ---- config ----

struct ConfigArguments {
  std::string epu;
  std::string at;
};

void BindConfig(CLI::App& app, ConfigArguments& arguments) {
  app.add_option("epu", arguments.epu, "of this EPU alone")->type_name("EPU");
  AddAt(app, arguments.at);
}

Exit RunConfig(Context& context, const ConfigArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const State& state = view->fold.state;
  const Epu* only = nullptr;
  if (!arguments.epu.empty()) {
    const absl::StatusOr<const Epu*> epu = RequireEpu(state, arguments.epu);
    if (!epu.ok()) return context.Fail(epu.status());
    only = *epu;
  }
  if (!context.GetOptions().json) {
    const std::string moment = MomentLine(*view, ZoneOf(context.GetOptions()));
    context.Out() << (moment.empty() ? "" : "# " + moment) << FormatConfig(state, only);
    return Exit::kDone;
  }
  Json sites = Json::array();
  for (const auto& [number, site] : state.sites) sites.push_back(DefinitionJson(site.definition));
  Json epus = Json::array();
  for (const Epu* epu : EpusByName(state)) {
    if (only == nullptr || only == epu) epus.push_back(DefinitionJson(epu->definition));
  }
  const Json answer = {{"sequence", view->position.sequence},
                       {"time", FormatTime(view->position.time)},
                       {"max_workers", state.max_workers},
                       {"sites", std::move(sites)},
                       {"epus", std::move(epus)}};
  context.Out() << ToLine(answer) << "\n";
  return Exit::kDone;
}

}  // namespace

void AddLookVerbs(Verbs& verbs) {
  AddStatusVerb(verbs);
  verbs.Add<GetArguments>(
      {"get", VerbGroup::kLook, "lists: epus, workers, sites, sensors",
       "  epumgmt get workers --epu crunch --state RUNNING\n"
       "  epumgmt get workers --health MISSING -q\n  epumgmt get sites --json\n"},
      &BindGet, &RunGet);
  AddHistoryVerbs(verbs);
  verbs.Add<ConfigArguments>(
      {"config", VerbGroup::kLook, "the configuration in force, as YAML",
       "  epumgmt config > pools.yaml\n  epumgmt config crunch --at 18098\n"},
      &BindConfig, &RunConfig);
  AddLogsVerb(verbs);
  AddEnginesVerb(verbs);
}

}  // namespace epu
