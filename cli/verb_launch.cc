// The verbs of *Launch*: what is done with the base system of a plan.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/launch_run.h"
#include "cli/launch_walk.h"
#include "cli/plan_reader.h"
#include "cli/user_stop.h"
#include "cli/verb_launch.h"
#include "cli/verbs.h"

namespace epu {
namespace {

// ---- Plans ----

void BindPlan(CLI::App& app, PlanArguments& arguments) {
  app.add_option("plan", arguments.plan, "the plan's top file")->required()->type_name("PLAN");
  app.add_option("--cloud", arguments.clouds, "the driver of a cloud's machines, or of all")
      ->type_name("[CLOUD=]DRIVER");
  app.add_option("-g,--global", arguments.globals, "a global of the plan")->type_name("KEY=VALUE");
  app.add_option("-G,--globals-file", arguments.globals_files, "a file with [globals]")
      ->type_name("FILE");
}

std::optional<std::pair<std::string, std::string>> SplitAtSign(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0) return std::nullopt;
  return std::pair(text.substr(0, sign), text.substr(sign + 1));
}

// None, when the faults were said, and what to end with.
std::optional<LaunchPlan> ReadPlan(Context& context, const PlanArguments& arguments, Exit& exit) {
  OutliveReaders();
  LaunchPlanOptions options;
  options.path = arguments.plan;
  options.known_drivers = LaunchDrivers();
  options.globals_files = arguments.globals_files;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  for (const std::string& cloud : arguments.clouds) {
    const auto named = SplitAtSign(cloud);
    options.drivers[named ? named->first : ""] = named ? named->second : cloud;
  }
  for (const std::string& global : arguments.globals) {
    const auto named = SplitAtSign(global);
    if (!named) {
      exit = context.Fail(Exit::kTyped, fmt::format("-g {}: KEY=VALUE is due", global));
      return std::nullopt;
    }
    options.globals.push_back(*named);
  }
  LaunchPlan plan = ReadLaunchPlan(options);
  for (const Complaint& warning : plan.warnings) {
    context.Note(fmt::format("{}:{}: {}", warning.file, warning.line, warning.message));
  }
  if (plan.faults.empty()) return plan;
  std::vector<Complaint> complaints = plan.faults;
  complaints.push_back(
      {fmt::format("nothing was started ({})", Plural(plan.faults.size(), "error")), "", 0, 0, ""});
  exit = context.Fail(Exit::kFile, complaints);
  return std::nullopt;
}

std::size_t CountLevels(const LaunchPlan& plan) {
  std::set<std::uint32_t> levels;
  for (const ServiceDefinition& service : plan.services) levels.insert(service.level);
  return levels.size();
}

// What would be done, level by level.
std::string WalkOf(const LaunchPlan& plan) {
  Table table;
  table.heading = {"LEVEL", "SERVICE", "WHERE", "BOOT", "READY", "TERMINATE"};
  const auto name = [](const ServiceProgram& program) {
    if (program.path.empty()) return std::string();
    const std::string file = std::filesystem::path(program.path).filename();
    return Escape(program.arguments.empty() ? file : file + " " + program.arguments);
  };
  for (const ServiceDefinition& service : plan.services) {
    std::string where = service.driver.empty() ? Escape(service.hostname)
                                               : fmt::format("a machine of {}", service.driver);
    if (service.local) where += ", run here";
    table.rows.push_back({fmt::format("{}", service.level), Escape(service.name), where,
                          name(service.boot), name(service.ready), name(service.terminate)});
  }
  return FormatTable(table, Terminal{});
}

// ---- Walks ----

// The context of the run that was named, or the global one.
struct Target {
  std::unique_ptr<Context> other;
  Context* context;
};
Target TargetOf(Context& context, const std::string& run) {
  Target target{run.empty() ? nullptr : context.ForRun(run), &context};
  if (target.other != nullptr) target.context = target.other.get();
  return target;
}

void BindTarget(CLI::App& app, TargetArguments& arguments) {
  app.add_option("run", arguments.run, "the launch's run, as -r")->type_name("RUN");
}

// ---- boot ----

void BindBoot(CLI::App& app, BootArguments& arguments) {
  BindPlan(app, arguments.plan);
  app.add_flag("--validate", arguments.validate, "check the plan, and start nothing");
  app.add_flag("--dry-run", arguments.dry_run, "show what would be done, and do nothing");
  app.add_flag("--no-clean", arguments.no_clean, "leave machines that no service came to use");
}

bool IsAsRecorded(const Launch& launch, const LaunchPlan& plan) {
  return plan.globals == launch.globals && plan.services.size() == launch.services.size() &&
         std::all_of(plan.services.begin(), plan.services.end(), [&](const auto& definition) {
           const Service* known = FindService(launch, definition.name);
           return known != nullptr && known->definition == definition;
         });
}

// A boot that was left is gone on with as it was recorded.
absl::Status PlanBoot(Context& context, LaunchRun& run, const LaunchPlan& plan) {
  const std::string& name = context.GetOptions().run;
  const Launch& launch = run.launch();
  if (launch.read == 0) return run.Plan(plan, false);
  const Walk& walk = launch.walk;
  const bool left =
      walk.begun == 0 || (walk.kind == WalkKind::kBoot &&
                          walk.end.value_or(WalkEnd::kInterrupted) == WalkEnd::kInterrupted);
  if (left && launch.plan != plan.path) {
    return absl::FailedPreconditionError(
        fmt::format("run {} has a boot of {} to go on with: boot that, or another run: -r NAME",
                    name, launch.plan));
  }
  if (left && !IsAsRecorded(launch, plan)) {
    context.Note(
        fmt::format("{} was changed since it was read: the boot goes on as it was; launch "
                    "reload reads it anew",
                    Escape(plan.path)));
  }
  if (left) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "run {} has a launch of {} already: launch repair, reload or reboot, or another run: -r NAME",
      name, launch.plan));
}

Exit RunBoot(Context& context, const BootArguments& arguments) {
  Exit exit = Exit::kDone;
  const std::optional<LaunchPlan> plan = ReadPlan(context, arguments.plan, exit);
  if (!plan) return exit;
  if (arguments.validate || arguments.dry_run) {
    if (arguments.dry_run) context.Print(WalkOf(*plan) + "\n");
    context.Print(fmt::format("{}: {} on {}, as it is to be\n", Escape(plan->path),
                              Plural(plan->services.size(), "service"),
                              Plural(CountLevels(*plan), "level")));
    return Exit::kDone;
  }
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = LaunchRun::Open(context);
  if (!run.ok()) return context.Fail(run.status());
  const absl::Status planned = PlanBoot(context, **run, *plan);
  if (!planned.ok()) return context.Fail(planned);
  return MakeWalk(context, **run, WalkKind::kBoot,
                  arguments.no_clean ? Clean::kNot : Clean::kAfter);
}

// ---- The walks of a launch that is there ----

Exit WalkLaunch(Context& context, const std::string& name, WalkKind kind, Clean clean) {
  const Target target = TargetOf(context, name);
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = OpenLaunch(*target.context);
  if (!run.ok()) return target.context->Fail(run.status());
  return MakeWalk(*target.context, **run, kind, clean);
}

Exit RunRepair(Context& context, const TargetArguments& arguments) {
  return WalkLaunch(context, arguments.run, WalkKind::kRepair, Clean::kAfter);
}

Exit RunVerify(Context& context, const TargetArguments& arguments) {
  return WalkLaunch(context, arguments.run, WalkKind::kVerify, Clean::kAfter);
}

Exit RunClean(Context& context, const TargetArguments& arguments) {
  return WalkLaunch(context, arguments.run, WalkKind::kClean, Clean::kNot);
}

void BindReload(CLI::App& app, PlanArguments& arguments) { BindPlan(app, arguments); }

Exit RunReload(Context& context, const PlanArguments& arguments) {
  Exit exit = Exit::kDone;
  const std::optional<LaunchPlan> plan = ReadPlan(context, arguments, exit);
  if (!plan) return exit;
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = OpenLaunch(context);
  if (!run.ok()) return context.Fail(run.status());
  if (absl::Status planned = (*run)->Plan(*plan, true); !planned.ok()) return context.Fail(planned);
  PrintLaunch(context, (*run)->state());
  context.Note(
      fmt::format("the plan is read; epumgmt launch repair -r {} boots what is new, and "
                  "launch clean ends what it lacks",
                  context.GetOptions().run));
  return Exit::kDone;
}

// ---- Ending ----

void BindEnd(CLI::App& app, EndArguments& arguments) {
  BindTarget(app, arguments.target);
  app.add_flag("--leave-workers", arguments.leave_workers,
               "go on though workers may live that nobody will end");
}

Exit EndLaunch(Context& context, const EndArguments& arguments, WalkKind kind) {
  const Target target = TargetOf(context, arguments.target.run);
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = OpenLaunch(*target.context);
  if (!run.ok()) return target.context->Fail(run.status());
  if (!arguments.leave_workers) {
    if (const std::optional<Exit> exit =
            RefuseWhileWorkersLive(*target.context, (*run)->launch())) {
      return *exit;
    }
  }
  return MakeWalk(*target.context, **run, kind,
                  kind == WalkKind::kReboot ? Clean::kAfter : Clean::kNot);
}

Exit RunTerminate(Context& context, const EndArguments& arguments) {
  return EndLaunch(context, arguments, WalkKind::kTerminate);
}

Exit RunReboot(Context& context, const EndArguments& arguments) {
  return EndLaunch(context, arguments, WalkKind::kReboot);
}

}  // namespace

void AddLaunchVerbs(Verbs& verbs) {
  verbs.Add<BootArguments>(
      {"launch boot", VerbGroup::kLaunch, "boot the services of a plan, level by level",
       "epumgmt launch boot plan/main.conf -r base --cloud process\n"
       "epumgmt launch boot plan/main.conf --dry-run\n"
       "epumgmt launch boot plan/main.conf -g scope=test -G site.conf --cloud cloud-ec2=process\n"},
      &BindBoot, &RunBoot);
  AddLaunchLooks(verbs);
  verbs.Add<TargetArguments>(
      {"launch verify", VerbGroup::kLaunch, "run every ready program again; exit 4 unless all is 0",
       "epumgmt launch verify -r base || epumgmt launch repair -r base\n"},
      &BindTarget, &RunVerify);
  verbs.Add<TargetArguments>(
      {"launch repair", VerbGroup::kLaunch, "verify all, and boot anew what fails",
       "epumgmt launch repair -r base\n"},
      &BindTarget, &RunRepair);
  verbs.Add<PlanArguments>({"launch reload", VerbGroup::kLaunch, "read the plan anew",
                            "epumgmt launch reload plan/main.conf -r base --cloud process\n"},
                           &BindReload, &RunReload);
  verbs.Add<EndArguments>({"launch reboot", VerbGroup::kLaunch, "end all, and boot it again",
                           "epumgmt launch reboot -r base\n"},
                          &BindEnd, &RunReboot);
  verbs.Add<EndArguments>(
      {"launch terminate", VerbGroup::kLaunch, "end all services, the last level first",
       "epumgmt launch terminate -r base\n"
       "epumgmt killrun -r base\n"},
      &BindEnd, &RunTerminate);
  verbs.Add<TargetArguments>(
      {"launch clean", VerbGroup::kLaunch, "end machines that no service uses",
       "epumgmt launch clean -r base\n"},
      &BindTarget, &RunClean);
  AddLaunchScenarioVerb(verbs);
  AddLaunchLogVerbs(verbs);
}

}  // namespace epu
