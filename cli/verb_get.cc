// get: lists of the folded state. Only the form that was asked for is made: a run may have ten
// thousand workers.

#include <algorithm>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "cli/cells.h"
#include "cli/list_filter.h"
#include "cli/list_view.h"
#include "cli/look.h"
#include "cli/status_json.h"
#include "cli/verb_history.h"
#include "cli/verbs.h"

namespace epu {
namespace {

struct GetArguments {
  std::string what;
  ListFilter filter;
  std::string at;
};

void BindGet(CLI::App& app, GetArguments& arguments) {
  std::set<std::string> lists;
  for (const ListKind& kind : ListKinds()) lists.emplace(kind.name);
  ListFilter& filter = arguments.filter;
  app.add_option("what", arguments.what, "epus, workers, sites, sensors or strangers")
      ->required()
      ->check(CLI::IsMember(lists));
  app.add_option("names", filter.names, "only these")->type_name("REF");
  app.add_option("--epu", filter.epu, "only of this EPU")->type_name("EPU");
  app.add_option("--site", filter.site, "only at this site")->type_name("SITE");
  app.add_option("--state", filter.state, "only in this state: STABLE; 600 or RUNNING")
      ->type_name("STATE");
  app.add_option("--health", filter.health, "only workers of this health: OK, MISSING, …")
      ->type_name("HEALTH");
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
}

bool IsAmong(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

bool IsSite(const std::string& typed, const State& state, SiteNumber number) {
  if (typed.empty()) return true;
  const auto site = state.sites.find(number);
  return site != state.sites.end() && site->second.definition.name == typed;
}

bool IsEpu(const std::string& typed, const Epu& epu) {
  return typed.empty() || epu.definition.name == typed;
}

std::string_view SiteState(const Site& site) {
  if (!site.answering) return "UNKNOWN";
  return *site.answering ? "ANSWERING" : "SILENT";
}

// ---- What the filter leaves of each list ----

std::vector<const Epu*> FindEpus(const State& state, const ListFilter& filter) {
  std::vector<const Epu*> epus = EpusByName(state);
  std::erase_if(epus, [&](const Epu* epu) {
    return !IsAmong(filter.names, epu->definition.name) || !IsEpu(filter.epu, *epu) ||
           !IsSite(filter.site, state, epu->definition.worker.site) ||
           !IsMeant(filter.state, PoolStateText(*epu));
  });
  return epus;
}

std::vector<ListedWorker> FindWorkers(const State& state, const ListFilter& filter) {
  std::vector<ListedWorker> workers;
  for (const Epu* epu : EpusByName(state)) {
    if (!IsEpu(filter.epu, *epu)) continue;
    for (const auto& [number, worker] : epu->workers) {
      const bool wanted = IsSite(filter.site, state, worker.site) &&
                          IsMeant(filter.state, StateName(worker.state)) &&
                          IsMeant(filter.health, HealthName(worker.health)) &&
                          IsAmong(filter.names, WorkerName(*epu, number));
      if (wanted) workers.push_back({epu, &worker});
    }
  }
  return workers;
}

std::vector<const Site*> FindSites(const State& state, const ListFilter& filter) {
  std::vector<const Site*> sites;
  for (const auto& [number, site] : state.sites) {
    const std::string& name = site.definition.name;
    if (!IsAmong(filter.names, name) || !IsMeant(filter.state, SiteState(site))) continue;
    if (filter.site.empty() || name == filter.site) sites.push_back(&site);
  }
  return sites;
}

std::string NameOf(const ListedSensor& listed) {
  return listed.epu->definition.name + "/" + listed.sensor->definition.name;
}

std::vector<ListedSensor> FindSensors(const State& state, const ListFilter& filter) {
  std::vector<ListedSensor> sensors;
  for (const Epu* epu : EpusByName(state)) {
    if (!IsEpu(filter.epu, *epu)) continue;
    for (const auto& [number, sensor] : epu->sensors) {
      if (IsAmong(filter.names, NameOf({epu, &sensor}))) sensors.push_back({epu, &sensor});
    }
  }
  return sensors;
}

std::vector<ListedStranger> FindStrangers(const State& state, const ListFilter& filter) {
  std::vector<ListedStranger> strangers;
  for (const auto& [launch, stranger] : state.strangers) {
    const bool wanted = IsSite(filter.site, state, stranger.site) &&
                        IsMeant(filter.state, FateName(stranger.fate)) &&
                        IsAmong(filter.names, TokenOf(state, launch));
    if (wanted) strangers.push_back({launch, &stranger});
  }
  return strangers;
}

// ---- The answer ----

// One list in the form that was asked for. Names that were asked for and are not there are refused.
struct Answering {
  Context& context;
  const GetArguments& arguments;
  const View& view;
  const StatusFacts& facts;

  template <typename Items, typename NameOne, typename JsonOne, typename MakeTable>
  Exit With(const Items& items, NameOne name, JsonOne json, MakeTable table) const {
    std::set<std::string> missing(arguments.filter.names.begin(), arguments.filter.names.end());
    if (!missing.empty()) {
      for (const auto& item : items) missing.erase(name(item));
    }
    if (!missing.empty()) return Refuse(missing);
    const Options& options = context.GetOptions();
    if (options.json) {
      Json list = Json::array();
      for (const auto& item : items) list.push_back(json(item));
      const Json answer = {{"sequence", view.position.sequence},
                           {"time", FormatTime(view.position.time)},
                           {arguments.what, std::move(list)}};
      context.Out() << ToLine(answer) << "\n";
    } else if (options.quiet) {
      for (const auto& item : items) context.Out() << name(item) << "\n";
    } else {
      context.Print(MomentLine(view, facts.zone) +
                    FormatTable(table(items), context.GetTerminal()));
    }
    return Exit::kDone;
  }

  Exit Refuse(const std::set<std::string>& missing) const {
    std::string message;
    for (const std::string& name : missing) {
      message += fmt::format("no {} among the {}\n", EscapeAndCut(name, 60), arguments.what);
    }
    return context.Fail(Exit::kTyped, message);
  }
};

Exit Answer(const Answering& answering) {
  const StatusFacts& facts = answering.facts;
  const State& state = facts.state;
  const ListFilter& filter = answering.arguments.filter;
  const std::string& what = answering.arguments.what;
  const Terminal& terminal = answering.context.GetTerminal();
  if (what == "epus") {
    return answering.With(
        FindEpus(state, filter), [](const Epu* epu) { return epu->definition.name; },
        [&](const Epu* epu) { return EpuJson(facts, *epu); },
        [&](const auto& epus) { return EpuTable(facts, epus, terminal); });
  }
  if (what == "workers") {
    return answering.With(
        FindWorkers(state, filter),
        [](const ListedWorker& listed) { return WorkerName(*listed.epu, listed.worker->number); },
        [&](const ListedWorker& listed) { return WorkerJson(facts, *listed.epu, *listed.worker); },
        [&](const auto& workers) { return WorkerTable(facts, workers, terminal); });
  }
  if (what == "sites") {
    return answering.With(
        FindSites(state, filter), [](const Site* site) { return site->definition.name; },
        [&](const Site* site) { return SiteJson(facts, *site); },
        [&](const auto& sites) { return SiteTable(facts, sites, terminal); });
  }
  if (what == "sensors") {
    return answering.With(
        FindSensors(state, filter), &NameOf,
        [&](const ListedSensor& listed) { return SensorJson(facts, *listed.epu, *listed.sensor); },
        [&](const auto& sensors) { return SensorTable(facts, sensors, terminal); });
  }
  return answering.With(
      FindStrangers(state, filter),
      [&](const ListedStranger& listed) { return TokenOf(state, listed.launch); },
      [&](const ListedStranger& listed) {
        return StrangerJson(facts, listed.launch, *listed.stranger);
      },
      [&](const auto& strangers) { return StrangerTable(facts, strangers); });
}

Exit RunGet(Context& context, const GetArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const std::string fault = FilterFault(view->fold.state, arguments.what, arguments.filter);
  if (!fault.empty()) return context.Fail(Exit::kTyped, fault);
  const StatusFacts facts = FactsOf(*view, ZoneOf(context.GetOptions()));
  return Answer({context, arguments, *view, facts});
}

}  // namespace

void AddGetVerb(Verbs& verbs) {
  verbs.Add<GetArguments>(
      {"get", VerbGroup::kLook, "lists: epus, workers, sites, sensors, strangers",
       "  epumgmt get workers --epu crunch --state RUNNING\n"
       "  epumgmt get workers --health MISSING -q\n  epumgmt get sites --json\n"
       "  epumgmt get strangers -q | xargs epumgmt collect\n"},
      &BindGet, &RunGet);
}

}  // namespace epu
