#include "cli/kill_launch.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/base_runs.h"
#include "cli/change.h"
#include "cli/launch_logs.h"
#include "cli/launch_look.h"
#include "cli/launch_walk.h"

namespace epu {
namespace {

bool HasProvisioner(const Launch& launch) {
  return std::any_of(launch.services.begin(), launch.services.end(),
                     [](const auto& entry) { return IsProvisioner(entry.second.definition.name); });
}

// Why it cannot be known that no worker lives; empty where it can.
std::string WhyUnknown(const Launch& launch, const std::string& run) {
  if (!HasProvisioner(launch)) {
    return "the launch has no service named provisioner: whether it has workers is unknown";
  }
  const std::vector<std::string> silent = SilentProvisioners(launch, run);
  if (silent.empty()) return "";
  return fmt::format(
      "{} has no attribute epu_run that names a run: whether it has workers is unknown",
      fmt::join(silent, ", "));
}

// A run whose server is gone already, as after a killrun that went on from here, needs no killing.
bool IsOver(Context& context) {
  if (context.IsServed()) return false;
  const absl::StatusOr<ConfigView> view = ReadView(context);
  return view.ok() && OpenWorkers(view->state).empty() && !view->state.enabled;
}

// What is not copied now is gone. Whatever fails, the workers are ended.
void FetchBefore(Context& context, const Launch& launch) {
  const std::string directory = context.Paths().directory + "/logs";
  for (const FetchResult& fetched : FetchLogs(LogSources(context, launch), directory, {})) {
    if (fetched.status.ok()) continue;
    context.Note(fmt::format("logs of {} are not copied: {}", fetched.name,
                             std::string(fetched.status.message())));
  }
}

// Workers that servers left which are gone themselves. Nobody here can end them.
std::string LeftWorkers(const Context& context, const Launch& launch) {
  std::string left;
  for (const BaseRun& base : PastBaseRuns(launch, context.GetOptions().run)) {
    const std::unique_ptr<Context> other = ContextOf(context, base);
    const absl::StatusOr<ConfigView> view = ReadView(*other);
    if (!view.ok()) continue;  // Its log went with its machine, as the workers on it did.
    const std::vector<std::string> workers = OpenWorkers(view->state);
    if (workers.empty()) continue;
    left += fmt::format(
        "{}{} of run {} may live, whose server {} was ended: {}; start it with: epud "
        "--run {}, then: epumgmt killrun -r {}",
        left.empty() ? "" : "\n", Plural(workers.size(), "worker"), base.run, base.service,
        fmt::join(workers, ", "), base.run, base.run);
  }
  return left;
}

Exit KillLaunch(Context& context, const KillrunArguments& arguments, const Launch& launch) {
  const std::string& run = context.GetOptions().run;
  const std::string unknown = WhyUnknown(launch, run);
  if (!unknown.empty() && !arguments.without_provisioner) {
    return context.Fail(Exit::kRefused,
                        unknown +
                            "\nthe launch is kept; --without-provisioner ends it all the same, "
                            "and workers that live are nobody's then");
  }
  if (!unknown.empty()) context.Note(unknown + "; its workers, if any, are left to nobody");
  const std::vector<BaseRun> bases = BaseRuns(launch, run);
  const std::string left = LeftWorkers(context, launch);
  std::string names;
  for (const BaseRun& base : bases) names += (names.empty() ? "" : ", ") + base.run;
  const std::string question =
      fmt::format("Ends every worker of {}, then the {} of launch {}.",
                  names.empty() ? "no run" : names, Plural(launch.services.size(), "service"), run);
  if (const std::optional<Exit> exit = Confirm(context, question)) return *exit;
  if (!arguments.no_fetch) FetchBefore(context, launch);
  for (const BaseRun& base : bases) {
    const std::unique_ptr<Context> other =
        context.ForRun(base.run, base.home, Context::Assent::kGiven);
    if (NeverBegan(*other, base) || IsOver(*other)) continue;
    const Exit exit = RunKillrun(*other, arguments);
    if (exit == Exit::kDone) continue;
    context.Fail(exit,
                 fmt::format("workers of run {} may live: launch {} is kept as it is; epumgmt "
                             "killrun -r {} goes on from here",
                             base.run, run, run));
    return exit == Exit::kSurroundings ? Exit::kRefused : exit;
  }
  absl::StatusOr<std::unique_ptr<LaunchRun>> owned = OpenLaunch(context);
  if (!owned.ok()) return context.Fail(owned.status());
  const Exit exit = MakeWalk(context, **owned, WalkKind::kTerminate, Clean::kNot);
  return exit == Exit::kDone && !left.empty() ? context.Fail(Exit::kRefused, left) : exit;
}

}  // namespace

Exit RunKillrunOfAny(Context& context, const KillrunArguments& arguments) {
  const Options& options = context.GetOptions();
  if (!options.log.empty() || !options.server.empty()) return RunKillrun(context, arguments);
  Launch launch;
  {
    // Closed again before it is opened to be written.
    const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.Paths(), options.run);
    if (!look.ok()) return RunKillrun(context, arguments);
    launch = look->fold.state.launch;
  }
  return KillLaunch(context, arguments, launch);
}

}  // namespace epu
