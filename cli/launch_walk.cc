#include "cli/launch_walk.h"

#include <filesystem>
#include <ostream>

#include <fmt/format.h>

#include "cli/base_runs.h"
#include "cli/change.h"
#include "cli/describe_launch.h"
#include "cli/launch_progress.h"
#include "cli/launch_view.h"
#include "cli/user_stop.h"
#include "cli/verb_killrun.h"

namespace epu {
namespace {

LaunchFacts FactsOf(const Context& context, const State& state) {
  return {context.GetOptions().run, state, state.time,
          context.GetOptions().local ? Zone::kLocal : Zone::kUtc};
}

// A clean that would find nothing is no walk worth remembering.
bool HasToClean(const Launch& launch) {
  Launch cleaning = launch;
  cleaning.walk = {WalkKind::kClean, ~Sequence{0}, {}, std::nullopt, {}};
  return !LookAhead(cleaning).end;
}

Exit FailByServices(Context& context, const Launch& launch, WalkKind kind) {
  std::string text = fmt::format("{} failed", WalkName(kind));
  for (const auto& [number, service] : launch.services) {
    if (!IsFailed(service)) continue;
    text += fmt::format("\nlevel {}: {}: {}: {}", service.definition.level, service.definition.name,
                        StepText(service.failed_step), service.error);
  }
  const std::string run = context.GetOptions().run;
  const bool ends = kind == WalkKind::kTerminate || kind == WalkKind::kClean;
  text += ends
              ? fmt::format("\nepumgmt launch {} -r {} goes on from here", WalkName(kind), run)
              : fmt::format("\nwhat its programs printed: {}/services; epumgmt launch repair -r {}",
                            context.Paths().directory, run);
  return context.Fail(Exit::kRefused, text);
}

}  // namespace

std::string Plural(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

absl::StatusOr<std::unique_ptr<LaunchRun>> OpenLaunch(Context& context) {
  if (!std::filesystem::exists(context.Paths().log)) {
    return absl::FailedPreconditionError(fmt::format(
        "there is no launch {}: no log at {}; epumgmt launch list shows those there are",
        context.GetOptions().run, context.Paths().log));
  }
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = LaunchRun::Open(context);
  if (run.ok() && (*run)->launch().read == 0) {
    return absl::FailedPreconditionError(
        fmt::format("run {} is no launch: no plan was read for it", context.GetOptions().run));
  }
  return run;
}

std::optional<Exit> RefuseWhileWorkersLive(Context& context, const Launch& launch) {
  const std::string& name = context.GetOptions().run;
  std::string why;
  for (const BaseRun& base : BaseRuns(launch, name)) {
    const std::unique_ptr<Context> other = ContextOf(context, base);
    if (NeverBegan(*other, base)) continue;
    const absl::StatusOr<ConfigView> view = ReadView(*other);
    if (!view.ok()) {
      why += fmt::format("run {} of {} cannot be read ({}): its workers may live\n", base.run,
                         base.service, std::string(view.status().message()));
      continue;
    }
    const std::vector<std::string> workers = OpenWorkers(view->state);
    if (workers.empty()) continue;
    why += fmt::format("{} of run {} may live: {}\n", Plural(workers.size(), "worker"), base.run,
                       fmt::join(workers, ", "));
  }
  for (const std::string& service : SilentProvisioners(launch, name)) {
    why += fmt::format(
        "{} has no attribute epu_run that names a run: whether it has workers is unknown\n",
        service);
  }
  if (why.empty()) return std::nullopt;
  why += fmt::format(
      "epumgmt killrun -r {} ends the workers first, then the launch; "
      "--leave-workers leaves them to nobody",
      name);
  return context.Fail(Exit::kRefused, why);
}

void PrintLaunch(Context& context, const State& state) {
  const LaunchFacts facts = FactsOf(context, state);
  if (context.GetOptions().json) {
    context.Print(ToLine(LaunchJson(facts)) + "\n");
  } else if (!context.GetOptions().quiet) {
    context.Print(FormatLaunch(facts, context.GetTerminal()));
  }
}

Exit MakeWalk(Context& context, LaunchRun& run, WalkKind kind, Clean clean) {
  UserStop signals;
  LaunchProgress progress(context);
  const auto observe = [&](const State& state, const LaunchNews& news) {
    progress.Show(state, news);
  };
  const absl::StatusOr<WalkEnd> end = run.Walk(kind, signals.token(), observe);
  if (!end.ok()) return context.Fail(end.status());
  const Launch as_it_ended = run.launch();
  if (*end == WalkEnd::kInterrupted) {
    PrintLaunch(context, run.state());
    return context.Fail(Exit::kInterrupted,
                        fmt::format("interrupted; programs go on running; the same command goes on "
                                    "from here: epumgmt launch {} … -r {}",
                                    WalkName(kind), context.GetOptions().run));
  }
  if (clean == Clean::kAfter && HasToClean(run.launch())) {
    const absl::StatusOr<WalkEnd> cleaned = run.Walk(WalkKind::kClean, signals.token(), observe);
    if (!cleaned.ok()) return context.Fail(cleaned.status());
  }
  PrintLaunch(context, run.state());
  return *end == WalkEnd::kDone ? Exit::kDone : FailByServices(context, as_it_ended, kind);
}

}  // namespace epu
