#include "cli/verb_wait.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/look.h"
#include "cli/terminal.h"
#include "engines/keys.h"
#include "eventlog/overloaded.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(100);

std::size_t CountHealthyRunning(const Epu& epu) {
  const std::vector<const Worker*> workers = ValidWorkers(epu);
  return static_cast<std::size_t>(
      std::count_if(workers.begin(), workers.end(), [&](const Worker* worker) {
        return worker->state == WorkerState::kRunning && IsHealthy(epu, *worker);
      }));
}

bool WasEverNamed(const State& state, std::string_view name) {
  return std::any_of(state.epus.begin(), state.epus.end(),
                     [&](const auto& entry) { return entry.second.definition.name == name; });
}

Exit Reached(Context& context, const WaitArguments& arguments, const State& state) {
  if (context.GetOptions().json) {
    const Json json = {
        {"epu", arguments.epu}, {"for", arguments.goal}, {"reached", true}, {"at", state.head}};
    context.Print(ToLine(json) + "\n");
  } else if (!context.GetOptions().quiet) {
    context.Print(fmt::format("{} at {}\n", Progress(state, arguments.epu), state.head));
  }
  return Exit::kDone;
}

}  // namespace

void BindWait(CLI::App& app, WaitArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("--for", arguments.goal, "stable, workers=N or gone")->capture_default_str();
}

absl::StatusOr<WaitGoal> ParseGoal(std::string_view text) {
  constexpr std::string_view kWorkers = "workers=";
  if (text == "stable") return WaitGoal(UntilStable{});
  if (text == "gone") return WaitGoal(UntilGone{});
  if (text.starts_with(kWorkers)) {
    const absl::StatusOr<Value> count = ParseValue(KeyType::kInteger, text.substr(kWorkers.size()));
    if (count.ok() && std::get<std::int64_t>(*count) >= 0) {
      return WaitGoal(UntilWorkers{static_cast<std::size_t>(std::get<std::int64_t>(*count))});
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("--for \"{}\" is none of: stable, workers=N, gone", EscapeAndCut(text, 40)));
}

WaitVerdict Judge(const State& state, std::string_view name, const WaitGoal& goal) {
  const Epu* epu = FindEpu(state, name);
  const bool wants_gone = std::holds_alternative<UntilGone>(goal);
  if (epu == nullptr) {
    if (!WasEverNamed(state, name)) return WaitVerdict::kUnknown;
    return wants_gone ? WaitVerdict::kReached : WaitVerdict::kNever;
  }
  if (wants_gone) return WaitVerdict::kNotYet;
  const bool reached = std::visit(
      Overloaded{[&](const UntilStable&) { return PoolStateOf(*epu) == PoolState::kStable; },
                 [&](const UntilWorkers& workers) {
                   return CountHealthyRunning(*epu) == workers.count &&
                          CountValid(*epu) == workers.count;
                 },
                 [](const UntilGone&) { return false; }},
      goal);
  if (reached) return WaitVerdict::kReached;
  return epu->dev_mode_failure ? WaitVerdict::kNever : WaitVerdict::kNotYet;
}

std::string Progress(const State& state, std::string_view name) {
  const Epu* epu = FindEpu(state, name);
  if (epu == nullptr) return fmt::format("{} is gone", name);
  return fmt::format("{} is {}, {} running{}", name,
                     epu->removing ? "REMOVING" : PoolStateName(PoolStateOf(*epu)),
                     CountHealthyRunning(*epu),
                     epu->wanted ? fmt::format(" of {} wanted", *epu->wanted) : std::string());
}

Exit RunWait(Context& context, const WaitArguments& arguments) {
  const absl::StatusOr<WaitGoal> goal = ParseGoal(arguments.goal);
  if (!goal.ok()) return context.Fail(goal.status());
  if (!context.IsServed()) {
    if (const auto server = context.Server(); !server.ok()) return context.Fail(server.status());
  }
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  const Time deadline = context.Now() + context.GetOptions().timeout;
  Projection<State> known = NearestFold(context, **log, ~Sequence{0});
  for (;;) {
    if (const absl::Status status = CatchUp(**log, known); !status.ok()) {
      return context.Fail(status);
    }
    // Without a server its log alone would answer with what was so when it ended.
    WaitVerdict verdict = Judge(known.state, arguments.epu, *goal);
    if (verdict == WaitVerdict::kReached && !context.IsServed()) verdict = WaitVerdict::kNotYet;
    switch (verdict) {
      case WaitVerdict::kReached:
        return Reached(context, arguments, known.state);
      case WaitVerdict::kUnknown:
        return context.Fail(Exit::kTyped, fmt::format("no EPU \"{}\"; epumgmt get epus lists them",
                                                      EscapeAndCut(arguments.epu, 60)));
      case WaitVerdict::kNever:
        return context.Fail(Exit::kGaveUp,
                            fmt::format("{}, which {} will not follow by itself",
                                        Progress(known.state, arguments.epu), arguments.goal));
      case WaitVerdict::kNotYet:
        break;
    }
    if (context.Now() >= deadline) {
      return context.Fail(
          Exit::kGaveUp,
          fmt::format("{} after {}; gave up waiting for {}{}; --timeout waits longer",
                      Progress(known.state, arguments.epu),
                      FormatDuration(context.GetOptions().timeout), arguments.goal,
                      context.IsServed() ? "" : ", and no server is there"));
    }
    Pause(kPoll);
  }
}

}  // namespace epu
