// What the original's epumgmt did with logs: logfetch, update-events, find-workers, fetchkill,
// find-versions.

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/base_runs.h"
#include "cli/change.h"
#include "cli/harvest.h"
#include "cli/harvest_view.h"
#include "cli/launch_logs.h"
#include "cli/launch_look.h"
#include "cli/launch_walk.h"
#include "cli/user_stop.h"
#include "cli/verb_change.h"
#include "cli/verb_launch.h"
#include "cli/zone.h"
#include "eventlog/read_events.h"
#include "projections/pool.h"

namespace epu {
namespace {

std::string LogsDirectory(const Context& context) { return context.Paths().directory + "/logs"; }

// ---- logfetch ----

struct LogfetchArguments {};
void BindLogfetch(CLI::App&, LogfetchArguments&) {}

// How many failed; each is said.
std::size_t Fetch(Context& context, const std::vector<LogSource>& sources, Json& json) {
  const UserStop stop;
  std::size_t failures = 0;
  for (const FetchResult& result : FetchLogs(sources, LogsDirectory(context), stop.token())) {
    const std::string why(result.status.message());
    json.push_back({{"name", result.name}, {"error", TextOrNull(why)}});
    if (result.status.ok()) continue;
    ++failures;
    context.Note(fmt::format("{}: {}", result.name, why));
  }
  return failures;
}

Exit RunLogfetch(Context& context, const LogfetchArguments&) {
  const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.Paths(), context.GetOptions().run);
  if (!look.ok()) return context.Fail(look.status());
  Json json = Json::array();
  const std::vector<LogSource> sources = LogSources(context, look->fold.state.launch);
  const std::size_t failures = Fetch(context, sources, json);
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"directory", LogsDirectory(context)}, {"fetched", json}}) << "\n";
  } else {
    context.Print(fmt::format("logs of {} are in {}{}\n",
                              Plural(sources.size() - failures, "source"), LogsDirectory(context),
                              failures == 0 ? "" : fmt::format("; {} failed", failures)));
  }
  return failures == 0 ? Exit::kDone : Exit::kRefused;
}

// ---- update-events ----

struct UpdateArguments {
  bool no_fetch = false;
};
void BindUpdate(CLI::App& app, UpdateArguments& arguments) {
  app.add_flag("--no-fetch", arguments.no_fetch, "look through the logs that are here already");
}

// The event lines that the launch's log has.
absl::StatusOr<std::vector<LineHarvested>> LinesOf(const EventLog& log) {
  std::vector<LineHarvested> lines;
  const absl::StatusOr<Sequence> head = log.Head();
  if (!head.ok()) return head.status();
  const absl::StatusOr<Sequence> read = ReadEvents(
      log, 0, *head, [](const Head& head) { return IsKindOf<LineHarvested>(head.kind); },
      [&](const Event& event, RecordView) {
        lines.push_back(std::get<LineHarvested>(event.payload));
        return true;
      });
  if (!read.ok()) return read.status();
  return lines;
}

// Directories of logs, by what they are of.
std::map<std::string, std::string> FetchedSources(const std::string& logs, HarvestCounts& counts) {
  std::map<std::string, std::string> sources;
  std::error_code error;
  std::filesystem::directory_iterator at(logs, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::error_code unknown;
    if (at->is_directory(unknown)) sources[at->path().filename()] = at->path();
    if (unknown) NoteUnread(counts, at->path(), unknown);
  }
  if (error && error != std::errc::no_such_file_or_directory) NoteUnread(counts, logs, error);
  return sources;
}

// One harvest of all that was fetched, into the launch's log.
absl::Status HarvestFetched(LaunchRun& run, const std::string& logs, HarvestPositions& positions,
                            HarvestCounts& counts) {
  const absl::StatusOr<std::vector<LineHarvested>> had = LinesOf(run.log());
  if (!had.ok()) return had.status();
  std::set<std::string> known;
  for (const LineHarvested& line : *had) known.insert(line.key);
  const std::map<std::string, std::string> sources = FetchedSources(logs, counts);
  for (const auto& [name, directory] : sources) {
    const auto take = [&, &origin = name](const std::vector<EventLine>& lines) {
      std::vector<LineHarvested> fresh;
      for (const EventLine& line : lines) {
        if (!known.insert(line.key).second) continue;
        fresh.push_back({line.source, line.name, line.key, line.said, line.extra, origin});
      }
      counts.known += lines.size() - fresh.size();
      counts.lines -= lines.size() - fresh.size();
      return run.Note(std::move(fresh));
    };
    absl::Status status = Harvest(name, directory, positions, take, counts);
    if (!status.ok()) return status;
  }
  for (auto& [name, files] : positions.files) {
    if (!sources.contains(name)) Settle({}, {}, PassEnd::kWhole, files);
  }
  return absl::OkStatus();
}

Exit RunUpdate(Context& context, const UpdateArguments& arguments) {
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = OpenLaunch(context);
  if (!run.ok()) return context.Fail(run.status());
  const std::string logs = LogsDirectory(context);
  const std::string path = logs + "/positions.json";
  std::string warning;
  absl::StatusOr<HarvestPositions> positions = ReadPositions(path, warning);
  if (!positions.ok()) return context.Fail(positions.status());
  if (!warning.empty()) context.Note(warning);
  Json fetched = Json::array();
  const std::size_t failures =
      arguments.no_fetch ? 0 : Fetch(context, LogSources(context, (*run)->launch()), fetched);
  HarvestCounts counts;
  absl::Status status = HarvestFetched(**run, logs, *positions, counts);
  for (const std::string& note : HarvestNotes(counts)) context.Note(note);
  // Also after an error: what was taken before it is in the log.
  const absl::Status written = WritePositions(*positions, path);
  if (status.ok()) status = written;
  if (!status.ok()) return context.Fail(status);
  if (context.GetOptions().json) {
    Json json = HarvestJson(counts);
    json["fetched"] = std::move(fetched);
    context.Out() << ToLine(json) << "\n";
  } else {
    context.Print(HarvestText(counts));
  }
  return failures == 0 && counts.unread == 0 ? Exit::kDone : Exit::kRefused;
}

// ---- find-workers ----

struct FindWorkersArguments {};
void BindFindWorkers(CLI::App&, FindWorkersArguments&) {}

// A worker as event lines tell of it. New nodes come first, so that one that never started is
// known.
struct FoundWorker {
  std::string node;
  std::string machine;
  std::string host;
  std::string origin;
  std::optional<Time> launched;
  std::optional<Time> started;
  std::optional<Time> terminated;
};

std::vector<FoundWorker> FindWorkers(const std::vector<LineHarvested>& lines) {
  std::map<std::string, FoundWorker> found;
  for (const LineHarvested& line : lines) {
    if (line.source != "provisioner" || line.extra.empty()) continue;
    const Json extra = Json::parse(line.extra, nullptr, false);
    const auto text = [&](const char* key) {
      const auto value = extra.find(key);
      return value != extra.end() && value->is_string() ? value->get<std::string>() : "";
    };
    const std::string node = text("node_id").empty() ? text("iaas_id") : text("node_id");
    if (node.empty()) continue;
    FoundWorker& worker = found[node];
    worker.node = node;
    worker.origin = line.origin;
    if (!text("iaas_id").empty()) worker.machine = text("iaas_id");
    if (!text("public_ip").empty()) worker.host = text("public_ip");
    if (line.name == "new_node") worker.launched = line.said;
    if (line.name == "node_started") worker.started = line.said;
    if (line.name == "node_terminated" || line.name == "terminated_node") {
      worker.terminated = line.said;
    }
  }
  std::vector<FoundWorker> workers;
  for (auto& [node, worker] : found) {
    if (worker.launched || worker.started) workers.push_back(std::move(worker));
  }
  return workers;
}

Exit RunFindWorkers(Context& context, const FindWorkersArguments&) {
  const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.Paths(), context.GetOptions().run);
  if (!look.ok()) return context.Fail(look.status());
  const absl::StatusOr<std::vector<LineHarvested>> lines = LinesOf(*look->log);
  if (!lines.ok()) return context.Fail(lines.status());
  const Zone zone = context.GetOptions().local ? Zone::kLocal : Zone::kUtc;
  const auto cell = [&](const std::optional<Time>& time) {
    return time ? FormatSeconds(*time, zone) : "";
  };
  Table table;
  table.heading = {"NODE", "MACHINE", "HOST", "LAUNCHED", "STARTED", "TERMINATED", "LOG OF"};
  Json json = Json::array();
  for (const FoundWorker& worker : FindWorkers(*lines)) {
    table.rows.push_back({Escape(worker.node), Escape(worker.machine), Escape(worker.host),
                          cell(worker.launched), cell(worker.started), cell(worker.terminated),
                          Escape(worker.origin)});
    json.push_back({{"node_id", worker.node},
                    {"instanceid", TextOrNull(worker.machine)},
                    {"hostname", TextOrNull(worker.host)},
                    {"launched", TimeOrNull(worker.launched)},
                    {"started", TimeOrNull(worker.started)},
                    {"terminated", TimeOrNull(worker.terminated)},
                    {"origin", worker.origin}});
  }
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"workers", std::move(json)}}) << "\n";
  } else if (table.rows.empty()) {
    context.Note(
        fmt::format("no event line tells of a worker; epumgmt update-events -r {} reads the logs",
                    context.GetOptions().run));
  } else {
    context.Print(FormatTable(table, context.GetTerminal()));
  }
  return Exit::kDone;
}

// ---- fetchkill ----

struct FetchkillArguments {
  std::size_t count = 0;
  std::string epu;
};
void BindFetchkill(CLI::App& app, FetchkillArguments& arguments) {
  app.add_option("n", arguments.count, "how many")->required()->check(CLI::Range(1, 100'000));
  app.add_option("epu", arguments.epu, "whose workers")->required()->type_name("EPU");
}

Exit FetchAndKill(Context& context, LaunchRun& launch, Context& base, const State& state,
                  const Epu& epu, const FetchkillArguments& arguments) {
  const std::vector<WorkerNumber> workers = FirstRunning(epu, arguments.count);
  if (workers.empty()) {
    return context.Fail(Exit::kRefused, fmt::format("{} has no worker that runs", arguments.epu));
  }
  if (workers.size() < arguments.count) {
    context.Note(fmt::format("{} has {} that run: all of them", arguments.epu,
                             Plural(workers.size(), "worker")));
  }
  Json fetched = Json::array();  // Whatever came of it, they are killed.
  Fetch(context, WorkerLogSources(base, state, epu, workers), fetched);
  KillArguments kill;
  std::vector<LineHarvested> lines;
  for (const WorkerNumber worker : workers) {
    kill.what.push_back(WorkerName(epu, worker));
    const Json extra = {{"iaas_id", epu.workers.at(worker).machine}, {"controller", arguments.epu}};
    lines.push_back(
        {"epumgmt", "fetch_killed",
         fmt::format("{}-{:04x}-{}-{}", state.log_id, state.epoch, kill.what.back(), state.head),
         context.Now(), extra.dump(), "epumgmt"});
  }
  const Exit exit = RunKill(base, kill);
  if (exit != Exit::kDone) return exit;
  const absl::Status noted = launch.Note(std::move(lines));
  return noted.ok() ? Exit::kDone : context.Fail(noted);
}

Exit RunFetchkill(Context& context, const FetchkillArguments& arguments) {
  absl::StatusOr<std::unique_ptr<LaunchRun>> launch = OpenLaunch(context);
  if (!launch.ok()) return context.Fail(launch.status());
  for (const BaseRun& run : BaseRuns((*launch)->launch(), context.GetOptions().run)) {
    const std::unique_ptr<Context> base = ContextOf(context, run);
    const absl::StatusOr<ConfigView> view = ReadView(*base);
    if (!view.ok()) continue;
    const Epu* epu = FindEpu(view->state, arguments.epu);
    if (epu == nullptr) continue;
    return FetchAndKill(context, **launch, *base, view->state, *epu, arguments);
  }
  return context.Fail(Exit::kTyped, fmt::format("no server of launch {} has an EPU \"{}\"",
                                                context.GetOptions().run, arguments.epu));
}

// ---- find-versions ----

struct FindVersionsArguments {};
void BindFindVersions(CLI::App&, FindVersionsArguments&) {}

Exit RunFindVersions(Context& context, const FindVersionsArguments&) {
  const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.Paths(), context.GetOptions().run);
  if (!look.ok()) return context.Fail(look.status());
  const absl::StatusOr<std::vector<LineHarvested>> lines = LinesOf(*look->log);
  if (!lines.ok()) return context.Fail(lines.status());
  std::map<std::pair<std::string, std::string>, std::set<std::string>> seen;  // To its reporters.
  for (const LineHarvested& line : *lines) {
    if (line.name != "deplist" || line.extra.empty()) continue;
    const Json extra = Json::parse(line.extra, nullptr, false);
    for (const auto& [key, value] : extra.items()) {
      if (key == "depsource") continue;
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      seen[{key, text}].insert(line.origin);
    }
  }
  Table table;
  table.heading = {"WHAT", "VERSION", "REPORTERS"};
  Json json = Json::array();
  for (const auto& [what, reporters] : seen) {
    table.rows.push_back(
        {Escape(what.first), Escape(what.second), fmt::format("{}", reporters.size())});
    json.push_back(
        {{"what", what.first}, {"version", what.second}, {"reporters", reporters.size()}});
  }
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"versions", std::move(json)}}) << "\n";
  } else if (table.rows.empty()) {
    context.Note("no event line (deplist) tells of a version");
  } else {
    context.Print(FormatTable(table, context.GetTerminal()));
  }
  return Exit::kDone;
}

}  // namespace

void AddLaunchLogVerbs(Verbs& verbs) {
  verbs.Add<LogfetchArguments>(
      {"logfetch", VerbGroup::kLaunch, "copy the logs of a launch's services and workers",
       "epumgmt logfetch -r base\n"},
      &BindLogfetch, &RunLogfetch);
  verbs.Add<UpdateArguments>(
      {"update-events", VerbGroup::kLaunch, "record the event lines that are new in those logs",
       "epumgmt update-events -r base\n"
       "epumgmt history -r base --kind line\n"},
      &BindUpdate, &RunUpdate);
  verbs.Add<FindWorkersArguments>(
      {"find-workers", VerbGroup::kLaunch, "the workers that event lines tell of",
       "epumgmt find-workers -r base\n"},
      &BindFindWorkers, &RunFindWorkers);
  verbs.Add<FetchkillArguments>(
      {"fetchkill", VerbGroup::kLaunch, "copy the logs of N workers of an EPU, and kill them",
       "epumgmt fetchkill 2 crunch -r base\n"},
      &BindFetchkill, &RunFetchkill);
  verbs.Add<FindVersionsArguments>(
      {"find-versions", VerbGroup::kLaunch, "the versions that event lines tell of",
       "epumgmt find-versions -r base\n"},
      &BindFindVersions, &RunFindVersions);
  AddLaunchFileVerbs(verbs);
}

}  // namespace epu
