// launch status, list and history: they read, and change nothing.

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "cli/base_runs.h"
#include "cli/describe.h"
#include "cli/launch_look.h"
#include "cli/launch_view.h"
#include "cli/look.h"
#include "cli/status_json.h"
#include "cli/status_view.h"
#include "cli/verb_launch.h"

namespace epu {
namespace {

// ---- status ----

struct LaunchStatusArguments {
  TargetArguments target;
  bool no_update = false;
};

void BindLaunchStatus(CLI::App& app, LaunchStatusArguments& arguments) {
  app.add_option("run", arguments.target.run, "the launch's run, as -r")->type_name("RUN");
  app.add_flag("--no-update", arguments.no_update, "the launch's own log alone");
}

std::string TimeCell(const std::optional<Time>& time, Zone zone) {
  return time ? FormatSeconds(*time, zone) : "";
}

Table WorkerTable(const std::vector<WorkerRecord>& workers, Names& names, Zone zone) {
  Table table;
  table.heading = {"WORKER", "STATE", "HEALTH", "MACHINE", "RUNNING SINCE", "TERMINATED"};
  for (const WorkerRecord& worker : workers) {
    table.rows.push_back({names.Worker(worker.worker), std::string(StateName(worker.state)),
                          std::string(HealthName(worker.health)), Escape(worker.machine),
                          TimeCell(worker.running, zone), TimeCell(worker.terminated, zone)});
  }
  return table;
}

// The columns that the original's unfinished reports named, and more.
Json WorkersJson(const std::vector<WorkerRecord>& workers, Names& names) {
  Json json = Json::array();
  for (const WorkerRecord& worker : workers) {
    json.push_back({{"service", names.Epu(worker.worker.epu)},
                    {"worker", names.Worker(worker.worker)},
                    {"node_id", names.Token(worker.launch, ~Sequence{0})},
                    {"instanceid", TextOrNull(worker.machine)},
                    {"iaas_state", StateName(worker.state)},
                    {"iaas_state_time", FormatTime(worker.state_since)},
                    {"heartbeat_state", HealthName(worker.health)},
                    {"heartbeat_time", TimeOrNull(worker.health_since)},
                    {"running", TimeOrNull(worker.running)},
                    {"terminated", TimeOrNull(worker.terminated)}});
  }
  return json;
}

// One server's run, as text and as JSON; what cannot be read is said, and the rest is shown.
struct BaseView {
  std::string text;
  Json json;
};

BaseView LookAtBase(const Context& context, const BaseRun& base) {
  const std::unique_ptr<Context> other = ContextOf(context, base);
  const auto unknown = [&](const absl::Status& status) {
    const std::string why(status.message());
    return BaseView{fmt::format("run {} of {} is unknown: {}\n", base.run, base.service, why),
                    {{"run", base.run}, {"service", base.service}, {"error", why}}};
  };
  absl::StatusOr<View> view = LookAndFold(*other, "");
  if (!view.ok()) return unknown(view.status());
  const absl::StatusOr<std::vector<WorkerRecord>> workers = WorkersOf(*view->log);
  if (!workers.ok()) return unknown(workers.status());
  const Zone zone = ZoneOf(context.GetOptions());
  const StatusFacts facts = epu::FactsOf(*view, zone);
  const Table table = WorkerTable(*workers, *view->names, zone);
  BaseView shown;
  shown.text = fmt::format("{}, served by {}\n{}", base.run, base.service,
                           FormatStatus(facts, context.GetTerminal()));
  if (!table.rows.empty()) shown.text += "\n" + FormatTable(table, context.GetTerminal());
  shown.json = {{"run", base.run}, {"service", base.service}, {"error", nullptr}};
  shown.json["status"] = StatusJson(facts);
  shown.json["workers"] = WorkersJson(*workers, *view->names);
  return shown;
}

Exit RunLaunchStatus(Context& context, const LaunchStatusArguments& arguments) {
  const std::unique_ptr<Context> other =
      arguments.target.run.empty() ? nullptr : context.ForRun(arguments.target.run);
  Context& own = other == nullptr ? context : *other;
  const std::string& run = own.GetOptions().run;
  const absl::StatusOr<LaunchLook> look = LookAtLaunch(own.Paths(), run);
  if (!look.ok()) return context.Fail(look.status());
  const State& state = look->fold.state;
  const LaunchFacts facts{run, state, std::max(own.Now(), state.time), ZoneOf(own.GetOptions())};
  std::string text = FormatLaunch(facts, own.GetTerminal());
  Json json = LaunchJson(facts);
  json["controllers"] = Json::array();
  for (const auto& [service, name] : Controllers(state.launch)) {
    text += fmt::format("{}controller {} is {}\n", json["controllers"].empty() ? "\n" : "",
                        Escape(name), Escape(service));
    json["controllers"].push_back({{"service", service}, {"name", name}});
  }
  json["runs"] = Json::array();
  if (!arguments.no_update) {
    for (const BaseRun& base : BaseRuns(state.launch, run)) {
      if (NeverBegan(*ContextOf(own, base), base)) continue;
      BaseView shown = LookAtBase(own, base);
      text += "\n" + shown.text;
      json["runs"].push_back(std::move(shown.json));
    }
  }
  if (own.GetOptions().json) {
    own.Out() << ToLine(json) << "\n";
  } else {
    own.Print(text);
  }
  return Exit::kDone;
}

// ---- list ----

struct LaunchListArguments {};

void BindLaunchList(CLI::App&, LaunchListArguments&) {}

Exit RunLaunchList(Context& context, const LaunchListArguments&) {
  const std::filesystem::path home = std::filesystem::path(context.Paths().directory).parent_path();
  std::vector<std::string> runs;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(home, error)) {
    if (std::filesystem::exists(entry.path() / "log/data.mdb", error)) {
      runs.push_back(entry.path().filename());
    }
  }
  std::sort(runs.begin(), runs.end());
  Table table;
  table.heading = {"LAUNCH", "SERVICES", "READY", "LAST", "PLAN"};
  Json json = Json::array();
  std::string names;
  for (const std::string& run : runs) {
    const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.ForRun(run)->Paths(), run);
    if (!look.ok()) continue;
    const Launch& launch = look->fold.state.launch;
    const auto ready =
        std::count_if(launch.services.begin(), launch.services.end(),
                      [&](auto& each) { return ServiceWord(launch, each.second) == "ready"; });
    const Time now = std::max(context.Now(), look->fold.state.time);
    table.rows.push_back({run, fmt::format("{}", launch.services.size()), fmt::format("{}", ready),
                          WalkText(launch.walk, now), Escape(launch.plan)});
    json.push_back({{"run", run},
                    {"services", launch.services.size()},
                    {"ready", ready},
                    {"walk", launch.walk.begun == 0 ? Json() : Json(WalkName(launch.walk.kind))},
                    {"end", launch.walk.end ? Json(WalkEndName(*launch.walk.end)) : Json()},
                    {"plan", launch.plan}});
    names += run + "\n";
  }
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"launches", std::move(json)}}) << "\n";
  } else if (context.GetOptions().quiet) {
    context.Out() << names;
  } else if (table.rows.empty()) {
    context.Note(fmt::format("there is no launch in {}", home.string()));
  } else {
    context.Print(FormatTable(table, context.GetTerminal()));
  }
  return Exit::kDone;
}

// ---- history ----

const char* StateOf(const MachineRecord& machine) {
  return machine.ended ? "ended" : machine.started ? "running" : "asked for";
}

Table TableOf(const std::vector<MachineRecord>& machines, Zone zone) {
  Table table;
  table.heading = {"SERVICE", "ATTEMPT", "TOKEN", "MACHINE", "STATE", "ASKED", "ENDED"};
  for (const MachineRecord& machine : machines) {
    table.rows.push_back({Escape(machine.service), fmt::format("{}", machine.attempt),
                          machine.token, Escape(machine.machine), StateOf(machine),
                          FormatSeconds(machine.asked, zone), TimeCell(machine.ended, zone)});
  }
  return table;
}

Json JsonOf(const std::vector<MachineRecord>& machines) {
  Json json = Json::array();
  for (const MachineRecord& machine : machines) {
    json.push_back({{"service", machine.service},
                    {"attempt", machine.attempt},
                    {"token", machine.token},
                    {"machine", TextOrNull(machine.machine)},
                    {"host", TextOrNull(machine.host)},
                    {"state", StateOf(machine)},
                    {"asked", FormatTime(machine.asked)},
                    {"started", TimeOrNull(machine.started)},
                    {"ended", TimeOrNull(machine.ended)}});
  }
  return json;
}

Exit RunLaunchHistory(Context& context, const TargetArguments& arguments) {
  const std::unique_ptr<Context> other =
      arguments.run.empty() ? nullptr : context.ForRun(arguments.run);
  Context& own = other == nullptr ? context : *other;
  const absl::StatusOr<std::unique_ptr<LmdbLog>> log =
      OpenLaunchLog(own.Paths(), own.GetOptions().run);
  if (!log.ok()) return context.Fail(log.status());
  const absl::StatusOr<std::vector<MachineRecord>> machines = MachinesOf(**log);
  if (!machines.ok()) return context.Fail(machines.status());
  if (own.GetOptions().json) {
    own.Out() << ToLine({{"machines", JsonOf(*machines)}}) << "\n";
  } else if (machines->empty()) {
    own.Note("no machine was ever asked for");
  } else {
    const Table table = TableOf(*machines, ZoneOf(own.GetOptions()));
    own.Print(FormatTable(table, own.GetTerminal()));
  }
  return Exit::kDone;
}

void BindLaunchHistory(CLI::App& app, TargetArguments& arguments) {
  app.add_option("run", arguments.run, "the launch's run, as -r")->type_name("RUN");
}

}  // namespace

void AddLaunchLooks(Verbs& verbs) {
  verbs.Add<LaunchStatusArguments>(
      {"launch status", VerbGroup::kLaunch, "its services, and the pools of the servers among them",
       "epumgmt launch status -r base\n"
       "epumgmt launch status base --json\n"},
      &BindLaunchStatus, &RunLaunchStatus);
  verbs.Add<LaunchListArguments>(
      {"launch list", VerbGroup::kLaunch, "the launches there are", "epumgmt launch list\n"},
      &BindLaunchList, &RunLaunchList);
  verbs.Add<TargetArguments>(
      {"launch history", VerbGroup::kLaunch, "every machine that was ever asked for",
       "epumgmt launch history -r base\n"},
      &BindLaunchHistory, &RunLaunchHistory);
}

}  // namespace epu
