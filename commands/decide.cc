#include "commands/decide.h"

#include <algorithm>
#include <set>
#include <utility>

#include <absl/strings/str_join.h>

#include <fmt/format.h>

#include "commands/apply.h"
#include "commands/launch_orders.h"
#include "commands/review.h"
#include "commands/strangers.h"
#include "eventlog/check.h"
#include "eventlog/overloaded.h"
#include "projections/pool.h"

namespace epu {
namespace {

using Payloads = std::vector<Payload>;

bool IsFinite(double value) { return value - value == 0; }

WorkerChanged ChangeOf(EpuNumber epu, const Worker& worker, WorkerState to, Reason reason) {
  return {epu, worker.number, worker.state, to, reason, "", ""};
}

absl::Status NoEpu(std::string_view name) {
  return absl::NotFoundError(fmt::format("no EPU \"{}\"", name));
}

absl::Status NoDirection(std::string_view verb) {
  return absl::InvalidArgumentError(fmt::format("nothing to {}: out, in or both is due", verb));
}

// ---- People's orders ----

absl::StatusOr<Payloads> DecideKill(const State& state, const Kill& kill) {
  if (kill.workers.size() > kReviewChangesMax) {
    return absl::InvalidArgumentError(fmt::format("{} workers at once; at most {} in one command",
                                                  kill.workers.size(), kReviewChangesMax));
  }
  Payloads payloads;
  std::set<WorkerId> seen;
  std::vector<std::string> faults;
  for (const WorkerReference& reference : kill.workers) {
    const Epu* epu = FindEpu(state, reference.epu);
    if (epu == nullptr) {
      faults.push_back(fmt::format("no EPU \"{}\"", reference.epu));
      continue;
    }
    const WorkerId id{epu->number, WorkerNumber{reference.number}};
    const Worker* worker = FindWorker(state, id);
    if (worker == nullptr) {
      faults.push_back(fmt::format("no worker {}/{}: it has ended, or never was", reference.epu,
                                   reference.number));
    } else if (IsAlive(*worker) && seen.insert(id).second) {
      payloads.push_back(
          ChangeOf(epu->number, *worker, WorkerState::kTerminating, Reason::kKilled));
    }
  }
  if (!faults.empty()) return absl::NotFoundError(absl::StrJoin(faults, "\n"));
  return payloads;
}

absl::StatusOr<Payloads> DecideKillSome(const State& state, const KillSome& kill) {
  const Epu* epu = FindEpu(state, kill.epu);
  if (epu == nullptr) return NoEpu(kill.epu);
  const std::vector<WorkerNumber> victims = VictimOrder(*epu);
  if (kill.count > kReviewChangesMax) {
    return absl::InvalidArgumentError(fmt::format("{} workers at once; at most {} in one command",
                                                  kill.count, kReviewChangesMax));
  }
  if (kill.count > victims.size()) {
    return absl::InvalidArgumentError(
        fmt::format("{} workers are to end, {} has {}; nothing was ended", kill.count, kill.epu,
                    victims.size()));
  }
  Payloads payloads;
  for (std::size_t i = 0; i < kill.count; ++i) {
    const Worker& worker = epu->workers.at(victims[i]);
    payloads.push_back(ChangeOf(epu->number, worker, WorkerState::kTerminating, Reason::kKilled));
  }
  return payloads;
}

absl::StatusOr<Payloads> DecideRemove(const State& state, const Remove& remove) {
  const Epu* epu = FindEpu(state, remove.epu);
  if (epu == nullptr) return NoEpu(remove.epu);
  if (epu->removing) return Payloads{};
  return Payloads{RemovalBegun{epu->number}};
}

absl::StatusOr<Payloads> DecideSwitch(const State& state, const SwitchLaunching& launching) {
  if (launching.site.empty()) {
    if (state.enabled == launching.enabled) return Payloads{};
    return Payloads{LaunchingSwitched{SiteNumber{}, launching.enabled}};
  }
  const Site* site = FindSite(state, launching.site);
  if (site == nullptr) return absl::NotFoundError(fmt::format("no site \"{}\"", launching.site));
  if (site->enabled == launching.enabled) return Payloads{};
  return Payloads{LaunchingSwitched{site->number, launching.enabled}};
}

// Only what changes: who paused a direction before stays known where it is so already.
absl::StatusOr<Payloads> DecidePause(const State& state, const PauseScaling& pause, Time now) {
  const Epu* epu = FindEpu(state, pause.epu);
  if (epu == nullptr) return NoEpu(pause.epu);
  if (!pause.out && !pause.in) return NoDirection("pause");
  if (pause.length && (*pause.length <= Duration::zero() || *pause.length > kPauseMax)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is to be paused for {}; more than nothing is due, and at most {}",
                    pause.epu, FormatDuration(*pause.length), FormatDuration(kPauseMax)));
  }
  if (epu->removing) {
    return absl::FailedPreconditionError(fmt::format("{} is being removed", pause.epu));
  }
  ScalingPaused fact{epu->number, false, false, {}};
  if (pause.length) fact.until = now + *pause.length;
  const auto is_new = [&](const Hold* hold) {
    return hold == nullptr || hold->until != fact.until;
  };
  fact.out = pause.out && is_new(HoldOut(*epu, now));
  fact.in = pause.in && is_new(HoldIn(*epu, now));
  return fact.out || fact.in ? Payloads{fact} : Payloads{};
}

absl::StatusOr<Payloads> DecideResume(const State& state, const ResumeScaling& resume, Time now) {
  const Epu* epu = FindEpu(state, resume.epu);
  if (epu == nullptr) return NoEpu(resume.epu);
  if (!resume.out && !resume.in) return NoDirection("resume");
  const ScalingResumed fact{epu->number, resume.out && HoldOut(*epu, now) != nullptr,
                            resume.in && HoldIn(*epu, now) != nullptr};
  return fact.out || fact.in ? Payloads{fact} : Payloads{};
}

Payloads DecideEndRun(const State& state) {
  Payloads payloads;
  if (state.enabled) payloads.push_back(LaunchingSwitched{SiteNumber{}, false});
  for (const auto& [number, epu] : state.epus) {
    for (const auto& [worker_number, worker] : epu.workers) {
      if (payloads.size() > kReviewChangesMax) return payloads;
      if (!IsAlive(worker)) continue;
      payloads.push_back(ChangeOf(number, worker, WorkerState::kTerminating, Reason::kRunEnded));
    }
  }
  return payloads;
}

absl::StatusOr<Payloads> DecideReading(const State& state, const PutReading& put) {
  const Epu* epu = FindEpu(state, put.epu);
  if (epu == nullptr) return NoEpu(put.epu);
  const Sensor* sensor = FindSensor(*epu, put.sensor);
  if (sensor == nullptr)
    return absl::NotFoundError(fmt::format("{} has no sensor \"{}\"", put.epu, put.sensor));
  if (put.age < -kReadingAheadMax) {
    const Duration ahead = -std::max(put.age, -kReadingOldMax);
    return absl::InvalidArgumentError(
        fmt::format("{}/{} is said to be taken {} in the future; at most {}", put.epu, put.sensor,
                    FormatDuration(ahead), FormatDuration(kReadingAheadMax)));
  }
  if (put.age > kReadingOldMax) {
    return absl::InvalidArgumentError(fmt::format("{}/{} is said to be {} old; at most {}", put.epu,
                                                  put.sensor, FormatDuration(put.age),
                                                  FormatDuration(kReadingOldMax)));
  }
  ReadingTaken reading{epu->number,     sensor->definition.number,           put.measure,
                       put.in_progress, std::max(put.age, Duration::zero()), CutText(put.source)};
  if (const double* value = std::get_if<double>(&put.measure);
      value != nullptr && !IsFinite(*value)) {
    reading.measure = Broken{"the value is no finite number"};
  } else if (const Broken* broken = std::get_if<Broken>(&put.measure); broken != nullptr) {
    reading.measure = Broken{CutText(broken->error)};
  }
  if (reading.in_progress && !IsFinite(*reading.in_progress)) {
    reading.measure = Broken{"the number in progress is no finite number"};
    reading.in_progress.reset();
  }
  return Payloads{std::move(reading)};
}

// ---- Reports ----

absl::StatusOr<Payloads> DecideStart(const State& state, const StartServer& start) {
  if (state.requests.contains(start.fact.epoch)) {
    return absl::AlreadyExistsError("the epoch was used before; draw another");
  }
  if (state.head == 0) return Payloads{start.fact};
  const bool renamed = state.log_id != start.fact.log_id;
  if (start.succession == Succession::kNewIdentity) {
    if (!renamed) return absl::AlreadyExistsError("the copy has the log's own id; draw another");
    Payloads payloads = {start.fact};
    // Nobody has looked at the copy yet: it launches nothing before somebody says so.
    if (state.enabled) payloads.push_back(LaunchingSwitched{SiteNumber{}, false});
    return payloads;
  }
  if (renamed) {
    return absl::FailedPreconditionError(
        fmt::format("the log is {}, not {}", state.log_id, start.fact.log_id));
  }
  const bool moved = state.host != start.fact.host || state.path != start.fact.path;
  if (moved && start.succession == Succession::kSame) {
    return absl::FailedPreconditionError(fmt::format(
        "the log {} was last written on {} at {}; --take-over if that server is gone for good, "
        "--new-identity if this is a copy",
        start.fact.path, state.host, state.path));
  }
  return Payloads{start.fact};
}

// A state never goes back, and a report that says nothing new leaves no event.
Payloads DecideWorkerReport(const State& state, const ReportWorker& report) {
  const Worker* worker = FindWorker(state, report.worker);
  if (worker == nullptr || report.to <= worker->state) return {};
  WorkerChanged change = ChangeOf(report.worker.epu, *worker, report.to, report.reason);
  change.detail = CutText(report.detail);
  change.machine = CutText(report.machine);
  return {std::move(change)};
}

Payloads DecideMachineReport(const State& state, const ReportMachine& report) {
  const Worker* worker = FindWorker(state, report.worker);
  if (worker == nullptr || worker->presence == report.to) return {};
  if (report.to == Presence::kUnasked) return {};  // What was asked for once may exist.
  return {
      MachineChanged{report.worker.epu, report.worker.number, report.to, CutText(report.machine)}};
}

Payloads DecideHealthReport(const State& state, const ReportHealth& report) {
  const Worker* worker = FindWorker(state, report.worker);
  if (worker == nullptr) return {};
  const std::string detail = CutText(report.detail);
  if (worker->health == report.to && (detail.empty() || detail == worker->health_detail)) return {};
  return {
      HealthChanged{report.worker.epu, report.worker.number, report.to, report.silence, detail}};
}

// The same, said anew, is news: it shows that it still holds.
Payloads DecideWorkReport(const State& state, const ReportWork& report, Time now) {
  const Worker* worker = FindWorker(state, report.worker);
  if (worker == nullptr) return {};
  WorkReport known = worker->report;
  const Time said = now - report.report.age;
  const bool anew = worker->reported == 0 || said > worker->reported_at - known.age;
  known.age = report.report.age;
  if (!anew && known == report.report) return {};
  return {WorkReported{report.worker.epu, report.worker.number, report.report}};
}

Payloads DecideSiteReport(const State& state, const ReportSite& report) {
  const auto site = state.sites.find(report.site);
  if (site == state.sites.end()) return {};
  const std::string error = CutText(report.error);
  if (site->second.answering == report.answering && site->second.error == error) return {};
  return {SiteAnswered{report.site, report.answering, error}};
}

Payloads DecideShadowReport(const State& state, const ReportShadow& report) {
  const Epu* epu = FindEpu(state, report.fact.epu);
  if (epu == nullptr || epu->removed || epu->policy != report.fact.policy) return {};
  const auto known = epu->shadows.find(report.fact.shadow);
  if (known != epu->shadows.end() && known->second.decision > report.fact.basis) return {};
  ShadowDecided fact = report.fact;
  fact.error = CutText(fact.error);
  return {std::move(fact)};
}

absl::StatusOr<Payloads> DecideOrder(const State& state, const Order& order, Sequence first,
                                     Time now, const EngineCatalog& catalog) {
  using Result = absl::StatusOr<Payloads>;
  return std::visit(
      Overloaded{
          [&](const Apply& apply) { return DecideApply(state, apply, first, catalog); },
          [&](const Reconfigure& change) { return DecideReconfigure(state, change, catalog); },
          [&](const Kill& kill) { return DecideKill(state, kill); },
          [&](const KillSome& kill) { return DecideKillSome(state, kill); },
          [&](const Remove& remove) { return DecideRemove(state, remove); },
          [&](const SwitchLaunching& launching) { return DecideSwitch(state, launching); },
          [&](const EndRun&) -> Result { return DecideEndRun(state); },
          [&](const PutReading& put) { return DecideReading(state, put); },
          [&](const StartServer& start) { return DecideStart(state, start); },
          [&](const NoteClock& note) -> Result {
            if (note.difference == state.clock_difference) return Payloads{};
            return Payloads{ClockDiffered{note.difference}};
          },
          [&](const ReportWorker& report) -> Result { return DecideWorkerReport(state, report); },
          [&](const ReportMachine& report) -> Result { return DecideMachineReport(state, report); },
          [&](const ReportHealth& report) -> Result { return DecideHealthReport(state, report); },
          [&](const ReportSite& report) -> Result { return DecideSiteReport(state, report); },
          [&](const ReportWork& report) -> Result { return DecideWorkReport(state, report, now); },
          [&](const NoteDenied& denied) -> Result {
            return Payloads{CommandDenied{CutText(denied.what)}};
          },
          [&](const Review& review) -> Result {
            const Epu* epu = FindEpu(state, review.epu);
            return epu == nullptr ? Payloads{} : DecideReview(state, *epu, now, catalog);
          },
          [&](const PauseScaling& pause) { return DecidePause(state, pause, now); },
          [&](const ResumeScaling& resume) { return DecideResume(state, resume, now); },
          [&](const Adopt& adopt) {
            return DecideStrangers(state, adopt.tokens, StrangerFate::kAdopted);
          },
          [&](const Collect& collect) {
            return DecideStrangers(state, collect.tokens, StrangerFate::kCollected);
          },
          [&](const ReportStranger& report) -> Result {
            return DecideStrangerReport(state, report);
          },
          [&](const NoteDisk& note) -> Result {
            if (note.full == state.disk_full) return Payloads{};
            return Payloads{DiskFilled{note.full}};
          },
          [&](const ReportShadow& report) -> Result { return DecideShadowReport(state, report); },
          [&](const PlanLaunch& plan) { return DecidePlan(state, plan, first); },
          [&](const BeginWalk& begin) { return DecideWalk(state, begin); },
          [&](const EndWalk& end) -> Result { return DecideWalkEnd(state, end); },
          [&](const BeginStep& begin) { return DecideStep(state, begin); },
          [&](const EndStep& end) -> Result { return DecideStepEnd(state, end); },
          [&](const NoteLines& note) { return DecideLines(note); },
      },
      order);
}

}  // namespace

absl::StatusOr<std::vector<Payload>> Decide(const State& state, const Command& command, Time now,
                                            const EngineCatalog& catalog) {
  if (FindOutcome(state, command.id) != nullptr) return Payloads{};
  if (command.id.client != 0 && !state.clients.contains(command.id.client) &&
      state.clients.size() >= kClientsMax) {
    return absl::UnavailableError("too many clients were heard within a day; try again later");
  }
  const bool introduces = command.author && FindActor(state, command.author->user_id) == nullptr;
  if (introduces && state.actors.size() >= kActorsMax) {
    return absl::FailedPreconditionError(
        fmt::format("a log holds at most {} users, and you are not among them", kActorsMax));
  }
  const Sequence first = state.head + 1 + (introduces ? 1 : 0);
  absl::StatusOr<Payloads> payloads = DecideOrder(state, command.order, first, now, catalog);
  if (!payloads.ok() || payloads->empty()) return payloads;
  if (introduces) {
    payloads->insert(payloads->begin(),
                     ActorIntroduced{command.author->user_id, CutText(command.author->name)});
  }
  if (payloads->size() > kEventsPerCommandMax) {
    return absl::InvalidArgumentError(fmt::format("the command would make {} events; at most {}",
                                                  payloads->size(), kEventsPerCommandMax));
  }
  return payloads;
}

std::vector<Event> ToEvents(const State& state, const Command& command,
                            std::vector<Payload> payloads, Time now) {
  CHECK(payloads.size() <= kEventsPerCommandMax);
  ActorNumber actor = kServer;
  if (command.author) {
    const Actor* known = FindActor(state, command.author->user_id);
    actor = known != nullptr ? known->number : ActorNumber{state.head + 1};
  }
  std::vector<Event> events;
  events.reserve(payloads.size());
  const auto count = static_cast<std::uint16_t>(payloads.size());
  for (std::uint16_t index = 0; index < count; ++index) {
    events.push_back({state.head + 1 + index,
                      now,
                      actor,
                      command.id,
                      {index, count},
                      index == 0 ? CutText(command.note) : "",
                      std::move(payloads[index])});
  }
  return events;
}

}  // namespace epu
