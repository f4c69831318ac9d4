#include "cli/scenario_live.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/look.h"
#include "commands/pool_model.h"
#include "eventlog/overloaded.h"
#include "eventlog/read_events.h"
#include "projections/pool.h"
#include "provisioner/run_program.h"

namespace epu {
namespace {

constexpr int kKillTries = 3;
constexpr Duration kPoll = std::chrono::milliseconds(50);
// An event is taken to be in the log at the latest this long after the time that it bears.
constexpr Duration kLogged = std::chrono::seconds(2);

class LivePlay {
 public:
  LivePlay(Context& base, const LiveScenario& live, const EventLog& log, Projection<State> known,
           EpuNumber epu, std::stop_token stop)
      : base_(base),
        live_(live),
        log_(log),
        known_(std::move(known)),
        epu_(epu),
        stop_(std::move(stop)),
        begin_(base.Now()),
        watch_(live.scenario, Pool(), QueueOf(Pool()).value_or(SensorNumber{}), begin_),
        told_(live.scenario.steps.size()) {}

  absl::StatusOr<LiveOutcome> Play() {
    const std::vector<ScenarioStep>& steps = live_.scenario.steps;
    for (std::size_t number = 0; number < steps.size() && !stop_.stop_requested(); ++number) {
      if (absl::Status status = FollowUntil(begin_ + steps[number].at); !status.ok()) return status;
      if (stop_.stop_requested()) break;
      watch_.Begin(number, base_.Now(), Pool());
      if (!IsExpectation(steps[number])) Tell();
      Make(number, steps[number]);
      if (absl::Status status = Follow(); !status.ok()) return status;
    }
    while (watch_.IsWaiting() && !stop_.stop_requested()) {
      if (absl::Status status = FollowUntil(base_.Now() + kPoll); !status.ok()) return status;
    }
    return LiveOutcome{watch_.Finish(base_.Now()), stop_.stop_requested()};
  }

 private:
  const Epu& Pool() const { return known_.state.epus.at(epu_); }

  // Takes what is in the log by now.
  absl::Status Follow() {
    const Time now = base_.Now();
    const auto take = [&](const Event& event, RecordView) {
      Evolve(known_.state, event);
      known_.position = event.sequence;
      watch_.Take(event, Pool());
      return true;
    };
    const auto read = ReadEvents(log_, known_.position, ~Sequence{0}, EveryEvent(), take);
    if (!read.ok()) return read.status();
    watch_.PassTo(now - kLogged);
    Tell();
    return absl::OkStatus();
  }

  absl::Status FollowUntil(Time time) {
    for (;;) {
      if (absl::Status status = Follow(); !status.ok()) return status;
      const Time now = base_.Now();
      if (now >= time || stop_.stop_requested()) return absl::OkStatus();
      Pause(std::min(kPoll, time - now));
    }
  }

  // Of every step that was begun or came to its end since.
  void Tell() {
    for (std::size_t number = 0; number < told_.size(); ++number) {
      const StepOutcome& outcome = watch_.steps()[number];
      const int news = (outcome.began && !IsExpectation(live_.scenario.steps[number]) ? 1 : 0) +
                       (outcome.ended ? 1 : 0);
      if (news == told_[number]) continue;
      told_[number] = news;
      if (live_.observe) live_.observe(number, outcome, begin_);
    }
  }

  void Make(std::size_t number, const ScenarioStep& step) {
    std::visit(Overloaded{[&](const SubmitJobs& submit) { Submit(number, submit); },
                          [&](const KillWorkers& kill) { KillFirst(number, kill); },
                          [&](const KillController& kill) { Break(number, kill.service); },
                          [](const PoolExpectation&) {}},
               step.what);
  }

  void EndWith(std::size_t number, const std::string& failure, std::string said) {
    if (failure.empty()) {
      watch_.End(number, base_.Now(), std::move(said));
    } else {
      watch_.Fail(number, base_.Now(), failure);
    }
  }

  void Submit(std::size_t number, const SubmitJobs& submit) {
    std::vector<std::string> command = live_.scenario.submit;
    command.push_back(fmt::format("{}", submit.count));
    command.push_back(fmt::format("{}", std::chrono::duration<double>(submit.runs).count()));
    command.push_back(submit.batch.empty() ? fmt::format("step{}", number + 1) : submit.batch);
    const ProgramLimits limits{kSubmitTimeout, kProgramOutputMax, false, live_.directory};
    const ProgramOutcome outcome = RunProgram(command, limits, stop_);
    EndWith(number, stop_.stop_requested() ? "interrupted" : FailureText(outcome, kSubmitTimeout),
            "");
  }

  // Whom the server ended is told by its answer: some may have ended meanwhile, and then others are
  // the first.
  void KillFirst(std::size_t number, const KillWorkers& kill) {
    for (int tries = 0; tries < kKillTries; ++tries) {
      if (absl::Status status = Follow(); !status.ok()) {
        return watch_.Fail(number, base_.Now(), std::string(status.message()));
      }
      const std::vector<WorkerNumber> victims = FirstRunning(Pool(), kill.count);
      if (victims.empty()) break;
      Kill order;
      std::vector<std::string> words = {"kill"};
      for (const WorkerNumber victim : victims) {
        order.workers.push_back({Pool().definition.name, ToInteger(victim)});
        words.push_back(WorkerName(Pool(), victim));
      }
      CommandSender sender(base_, words, live_.note);
      const absl::StatusOr<Answer> answer =
          sender.Send(std::move(order), "the end of these workers");
      if (absl::IsNotFound(answer.status())) continue;
      if (!answer.ok()) {
        return watch_.Fail(number, base_.Now(), std::string(answer.status().message()));
      }
      const std::vector<std::string> ended = EndedBy(log_, *answer);
      if (!ended.empty()) return watch_.EndKill(number, base_.Now(), ended);
    }
    watch_.EndKill(number, base_.Now(), {});
  }

  void Break(std::size_t number, const std::string& service) {
    const auto nothing = [](const State&, const LaunchNews&) {};
    const absl::Status broken = live_.launch->BreakMachine(service, stop_);
    if (absl::IsCancelled(broken)) {
      return EndWith(number, "interrupted; epumgmt launch repair goes on from here", "");
    }
    if (!broken.ok()) return EndWith(number, std::string(broken.message()), "");
    const Time gone = base_.Now();
    const absl::StatusOr<WalkEnd> end = live_.launch->Walk(WalkKind::kRepair, stop_, nothing);
    std::string failure;
    if (!end.ok()) {
      failure = std::string(end.status().message());
    } else if (*end == WalkEnd::kInterrupted) {
      failure = "interrupted; epumgmt launch repair goes on from here";
    } else if (*end == WalkEnd::kFailed) {
      failure = "its machine was ended, and the repair failed; epumgmt launch status tells why";
    }
    EndWith(number, failure,
            fmt::format("ended, and repaired within {:.1f}s",
                        std::chrono::duration<double>(base_.Now() - gone).count()));
  }

  Context& base_;
  const LiveScenario& live_;
  const EventLog& log_;
  Projection<State> known_;
  const EpuNumber epu_;
  const std::stop_token stop_;
  const Time begin_;
  ScenarioWatch watch_;
  std::vector<int> told_;  // How much of each step.
};

}  // namespace

absl::StatusOr<LiveOutcome> PlayLive(Context& base, const LiveScenario& live,
                                     const std::stop_token& stop) {
  const absl::StatusOr<const EventLog*> log = base.Log();
  if (!log.ok()) return log.status();
  Projection<State> known = NearestFold(base, **log, ~Sequence{0});
  if (absl::Status status = CatchUp(**log, known); !status.ok()) return status;
  const absl::StatusOr<const Epu*> pool = RequireEpu(known.state, live.scenario.pool);
  if (!pool.ok()) return pool.status();
  const EpuNumber epu = (*pool)->number;
  return LivePlay(base, live, **log, std::move(known), epu, stop).Play();
}

absl::Status CheckControllers(const LaunchScenario& scenario, const Launch& launch) {
  for (const ScenarioStep& step : scenario.steps) {
    const auto* kill = std::get_if<KillController>(&step.what);
    if (kill == nullptr) continue;
    const Service* service = FindService(launch, kill->service);
    const char* what = service == nullptr         ? "the launch has no such service"
                       : !HasOwnMachine(*service) ? "it has no machine of its own to be ended"
                       : !IsThere(*service)       ? "it is not booted"
                                                  : nullptr;
    if (what == nullptr) continue;
    return absl::FailedPreconditionError(
        fmt::format("kill_controller {}: {}", kill->service, what));
  }
  return absl::OkStatus();
}

}  // namespace epu
