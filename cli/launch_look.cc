#include "cli/launch_look.h"

#include <utility>

#include <fmt/format.h>

#include "cli/snapshot_files.h"
#include "eventlog/overloaded.h"
#include "eventlog/read_events.h"

namespace epu {

namespace {

absl::Status NoPlan(const std::string& run) {
  return absl::FailedPreconditionError(
      fmt::format("run {} is no launch: no plan was read for it", run));
}

absl::StatusOr<std::unique_ptr<LmdbLog>> OpenLog(const RunPaths& paths, const std::string& run) {
  absl::StatusOr<std::unique_ptr<LmdbLog>> log = LmdbLog::OpenToRead(paths.log, LmdbOptions{});
  if (!absl::IsNotFound(log.status())) return log;
  return absl::FailedPreconditionError(
      fmt::format("there is no launch {}: no log at {}; epumgmt launch list shows those there are",
                  run, paths.log));
}

}  // namespace

absl::StatusOr<LaunchLook> LookAtLaunch(const RunPaths& paths, const std::string& run) {
  absl::StatusOr<std::unique_ptr<LmdbLog>> log = OpenLog(paths, run);
  if (!log.ok()) return log.status();
  LaunchLook look{*std::move(log), {}};
  look.fold = SnapshotFiles(paths.log).Nearest(*look.log, ~Sequence{0});
  if (absl::Status read = CatchUp(*look.log, look.fold); !read.ok()) return read;
  if (look.fold.state.launch.read == 0) return NoPlan(run);
  return look;
}

// A launch begins with its plan: little is read before it.
absl::StatusOr<std::unique_ptr<LmdbLog>> OpenLaunchLog(const RunPaths& paths,
                                                       const std::string& run) {
  absl::StatusOr<std::unique_ptr<LmdbLog>> log = OpenLog(paths, run);
  if (!log.ok()) return log;
  bool planned = false;
  const absl::StatusOr<Sequence> read = ReadEvents(
      **log, 0, ~Sequence{0}, [](const Head& head) { return IsKindOf<PlanRead>(head.kind); },
      [&](const Event&, RecordView) {
        planned = true;
        return false;
      });
  if (!read.ok()) return read.status();
  if (!planned) return NoPlan(run);
  return log;
}

absl::StatusOr<std::vector<MachineRecord>> MachinesOf(const EventLog& log) {
  std::vector<MachineRecord> machines;
  State server;  // Nothing but the log's id, which is a part of a token.
  std::map<ServiceNumber, std::string> names;
  std::map<std::pair<ServiceNumber, std::uint32_t>, std::size_t> places;
  const auto note = [&](const Event& event) {
    if (const auto* planned = std::get_if<ServicePlanned>(&event.payload)) {
      names[planned->service] = planned->definition.name;
    } else if (const auto* started = std::get_if<ServerStarted>(&event.payload)) {
      server.log_id = started->log_id;
    } else if (const auto* begun = std::get_if<StepBegun>(&event.payload)) {
      if (begun->step != ServiceStep::kMachine) return;
      const auto [place, fresh] =
          places.try_emplace({begun->service, begun->attempt}, machines.size());
      if (!fresh) return;
      MachineRecord record;
      record.service = names[begun->service];
      record.attempt = begun->attempt;
      record.token = TokenOf(server, begun->launch);
      record.asked = event.time;
      machines.push_back(std::move(record));
    } else if (const auto* ended = std::get_if<StepEnded>(&event.payload)) {
      const auto place = places.find({ended->service, ended->attempt});
      if (place == places.end() || !ended->succeeded) return;
      MachineRecord& record = machines[place->second];
      if (ended->step == ServiceStep::kEnd) record.ended = event.time;
      if (ended->step != ServiceStep::kMachine) return;
      record.machine = ended->machine;
      record.host = ended->host;
      record.started = event.time;
    }
  };
  const absl::StatusOr<Sequence> read = ReadEvents(
      log, 0, ~Sequence{0},
      [](const Head& head) {
        return IsKindOf<ServerStarted, ServicePlanned, StepBegun, StepEnded>(head.kind);
      },
      [&](const Event& event, RecordView) { return note(event), true; });
  if (!read.ok()) return read.status();
  return machines;
}

absl::StatusOr<std::vector<WorkerRecord>> WorkersOf(const EventLog& log) {
  std::vector<WorkerRecord> workers;
  std::map<WorkerId, std::size_t> places;
  const auto record_of = [&](WorkerId id) -> WorkerRecord& {
    const auto [place, fresh] = places.try_emplace(id, workers.size());
    if (fresh) workers.emplace_back().worker = id;
    return workers[place->second];
  };
  const auto note = [&](const Event& event) {
    std::visit(Overloaded{
                   [&](const WorkerRequested& fact) {
                     WorkerRecord& record = record_of({fact.epu, fact.worker});
                     record.launch = fact.launch;
                     record.state = WorkerState::kRequested;
                     record.state_since = event.time;
                   },
                   [&](const WorkerChanged& fact) {
                     WorkerRecord& record = record_of({fact.epu, fact.worker});
                     record.state = fact.to;
                     record.state_since = event.time;
                     if (!fact.machine.empty()) record.machine = fact.machine;
                     if (fact.to == WorkerState::kRunning) record.running = event.time;
                     if (fact.to >= WorkerState::kTerminated) record.terminated = event.time;
                   },
                   [&](const HealthChanged& fact) {
                     WorkerRecord& record = record_of({fact.epu, fact.worker});
                     record.health = fact.to;
                     record.health_since = event.time;
                   },
                   [](const auto&) {},
               },
               event.payload);
  };
  const absl::StatusOr<Sequence> head = log.Head();
  if (!head.ok()) return head.status();
  const absl::StatusOr<Sequence> read = ReadEvents(
      log, 0, *head,
      [](const Head& event) {
        return IsKindOf<WorkerRequested, WorkerChanged, HealthChanged>(event.kind);
      },
      [&](const Event& event, RecordView) { return note(event), true; });
  if (!read.ok()) return read.status();
  return workers;
}

}  // namespace epu
