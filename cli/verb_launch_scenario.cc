// launch scenario: a system test by script.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "cli/base_runs.h"
#include "cli/change.h"
#include "cli/input_file.h"
#include "cli/launch_look.h"
#include "cli/launch_walk.h"
#include "cli/look.h"
#include "cli/new_file.h"
#include "cli/progress_bar.h"
#include "cli/scenario_file.h"
#include "cli/scenario_live.h"
#include "cli/scenario_view.h"
#include "cli/user_stop.h"
#include "cli/verb_launch.h"
#include "cli/what_if_run.h"
#include "commands/scenario_model.h"
#include "projections/shell_words.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

struct ScenarioArguments {
  std::string file;
  std::string pool;
  std::string submit;
  std::string controller;
  std::string svg;
  bool simulate = false;
};

void BindScenario(CLI::App& app, ScenarioArguments& arguments) {
  app.add_option("file", arguments.file, "the scenario, or - for standard input")
      ->required()
      ->type_name("FILE");
  app.add_flag("--simulate", arguments.simulate,
               "play it in virtual time, on a model of the pool as it is defined");
  app.add_option("--pool", arguments.pool, "the EPU, whichever the file names")->type_name("EPU");
  app.add_option("--submit", arguments.submit,
                 "what submits jobs; is handed their number, seconds and batch")
      ->type_name("COMMAND");
  app.add_option("--controller", arguments.controller, "the service that KILL_CONTROLLER is about")
      ->type_name("SERVICE");
  app.add_option("--svg", arguments.svg, "draw workers and backlog over time into this file")
      ->type_name("FILE");
}

// ---- What is played, and where ----

std::string DirectoryOf(const std::string& file) {
  const fs::path parent = fs::path(file).parent_path();
  return file == "-" || parent.empty() ? "." : parent.string();
}

// Does not return a scenario where `exit` is what to end with.
std::optional<ScenarioFile> ReadFile(Context& context, const ScenarioArguments& arguments,
                                     Exit& exit) {
  absl::StatusOr<std::vector<std::string>> submit = SplitShellWords(arguments.submit);
  if (!submit.ok()) {
    exit = context.Fail(Exit::kTyped, fmt::format("--submit {}: {}", arguments.submit,
                                                  std::string(submit.status().message())));
    return std::nullopt;
  }
  const absl::StatusOr<std::string> text = ReadInput(context, arguments.file);
  if (!text.ok()) {
    exit = context.Fail(Exit::kFile, std::string(text.status().message()));
    return std::nullopt;
  }
  ScenarioFile file = ReadScenario(*text, DirectoryOf(arguments.file),
                                   {arguments.pool, *std::move(submit), arguments.controller});
  if (file.faults.empty()) return file;
  exit = FailByFaults(context, InputName(arguments.file), file.faults);
  return std::nullopt;
}

// The server whose pool it is, and the launch that it is a part of, if it is one.
struct Stage {
  Launch launch;
  bool is_launch = false;
  std::unique_ptr<Context> other;  // Of the server, where that is another run.
  Context* base = nullptr;
};

// With -s or --log the server that is named, whatever launch has the run's name here.
absl::StatusOr<Stage> FindStage(Context& context, const std::string& pool) {
  Stage stage;
  if (context.GetOptions().server.empty() && context.GetOptions().log.empty()) {
    // Closed again before the launch is opened to be written.
    const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.Paths(), context.GetOptions().run);
    if (look.ok()) stage.launch = look->fold.state.launch;
    stage.is_launch = look.ok();
    if (!look.ok() && !absl::IsFailedPrecondition(look.status())) return look.status();
  }
  if (!stage.is_launch) {
    stage.base = &context;
    return stage;
  }
  std::string unread;
  for (const BaseRun& run : BaseRuns(stage.launch, context.GetOptions().run)) {
    stage.other = ContextOf(context, run);
    const absl::StatusOr<ConfigView> view = ReadView(*stage.other);
    if (!view.ok()) {
      unread += fmt::format("; run {}: {}", run.run, std::string(view.status().message()));
    } else if (FindEpu(view->state, pool) != nullptr) {
      stage.base = stage.other.get();
      return stage;
    }
  }
  return absl::NotFoundError(fmt::format("no server of launch {} has an EPU \"{}\"{}",
                                         context.GetOptions().run, pool, unread));
}

// ---- In virtual time ----

absl::StatusOr<ScenarioOutcome> Simulate(Context& base, const ScenarioFile& file) {
  const absl::StatusOr<View> view = LookAndFold(base, "");
  if (!view.ok()) return view.status();
  const absl::StatusOr<const Epu*> pool = RequireEpu(view->fold.state, file.scenario.pool);
  if (!pool.ok()) return pool.status();
  ProgressBar bar(base);
  ScenarioTrial trial;
  const SequenceRange whole{1, view->position.sequence};
  absl::StatusOr<Workload> ways = FitWorkload(*view->log, whole, **pool, view->position.time, bar);
  if (!ways.ok()) return ways.status();
  trial.ways = *std::move(ways);
  if (const auto queue = QueueOf(**pool)) {
    const Duration every = (*pool)->sensors.at(*queue).definition.every;
    if (every > Duration{}) trial.ways.every = every;
  }
  trial.ways.every = file.every.value_or(trial.ways.every);
  trial.ways.boots = file.boots.value_or(trial.ways.boots);
  trial.ways.ends = file.ends.value_or(trial.ways.ends);
  trial.ways.failures_per_hour = 0;  // Who fails when is the scenario's word.
  trial.begin = base.Now();
  const EngineCatalog catalog = BuiltInEngines();
  absl::StatusOr<State> fresh =
      FreshPool(view->fold.state, **pool, trial.begin - kSettleMax, catalog);
  if (!fresh.ok()) return fresh.status();
  trial.epu = FindEpu(*fresh, file.scenario.pool)->number;
  return RunScenarioModel(
      *std::move(fresh), file.scenario, trial, catalog, [&](Duration done, Duration all) {
        bar.Show(static_cast<std::uint64_t>(done.count()), static_cast<std::uint64_t>(all.count()));
      });
}

// ---- In real time ----

bool Does(const LaunchScenario& scenario, const auto& is) {
  return std::any_of(scenario.steps.begin(), scenario.steps.end(), is);
}

// The program that submits with references filled in, and found.
absl::Status PrepareSubmission(LaunchScenario& scenario, const Stage& stage,
                               const std::string& run) {
  const bool submits = Does(scenario, [](const ScenarioStep& step) {
    return std::holds_alternative<SubmitJobs>(step.what);
  });
  if (!submits) return absl::OkStatus();
  if (scenario.submit.empty()) {
    return absl::InvalidArgumentError(
        "submit is missing: what program submits the jobs? add it, or --submit COMMAND");
  }
  for (std::string& word : scenario.submit) {
    absl::StatusOr<std::string> filled = FillFromLaunch(stage.launch, run, word);
    if (!filled.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("submit: {}", std::string(filled.status().message())));
    }
    word = *std::move(filled);
  }
  const std::string& program = scenario.submit.front();
  if (program.find('/') != program.npos && ::access(program.c_str(), X_OK) != 0) {
    return absl::InvalidArgumentError(
        fmt::format("submit: {} is no program that can be run", program));
  }
  return absl::OkStatus();
}

absl::StatusOr<LiveOutcome> PlayInRealTime(Context& context, const Stage& stage,
                                           const ScenarioFile& file, const std::string& name) {
  const bool kills_controllers = Does(file.scenario, [](const ScenarioStep& step) {
    return std::holds_alternative<KillController>(step.what);
  });
  std::unique_ptr<LaunchRun> launch;
  if (kills_controllers && !stage.is_launch) {
    return absl::FailedPreconditionError(
        fmt::format("kill_controller: run {} is no launch, and has no services to be killed",
                    context.GetOptions().run));
  }
  if (kills_controllers) {
    absl::StatusOr<std::unique_ptr<LaunchRun>> opened = OpenLaunch(context);
    if (!opened.ok()) return opened.status();
    launch = *std::move(opened);
    if (absl::Status checked = CheckControllers(file.scenario, launch->launch()); !checked.ok()) {
      return checked;
    }
  }
  const UserStop stop;
  LiveScenario live{file.scenario, file.directory, "scenario " + name, launch.get(), {}};
  const LaunchScenario& scenario = file.scenario;
  live.observe = [&](std::size_t step, const StepOutcome& outcome, Time begin) {
    if (context.GetOptions().quiet || context.GetOptions().json) return;
    context.Err() << WithGlyphs(StepLine(scenario.steps[step], outcome, begin),
                                context.GetTerminal())
                  << std::endl;
  };
  return PlayLive(*stage.base, live, stop.token());
}

// ---- The verb ----

Exit Show(Context& context, const ScenarioArguments& arguments, const PlayedScenario& played) {
  const Zone zone = ZoneOf(context.GetOptions());
  if (context.GetOptions().json) {
    context.Out() << ToLine(ScenarioJson(played)) << "\n";
  } else {
    context.Print(ScenarioText(played, context.GetTerminal(), zone));
  }
  if (!arguments.svg.empty()) {
    const absl::Status drawn =
        WriteNewFile(arguments.svg, ScenarioSvg(played, zone), Existing::kReplace);
    if (!drawn.ok()) return context.Fail(drawn);
  }
  return played.outcome.Held() ? Exit::kDone : Exit::kRefused;
}

// Empty where the pool has no sensor.
absl::StatusOr<std::string> SensorNameOf(Context& base, const std::string& pool) {
  const absl::StatusOr<ConfigView> view = ReadView(base);
  if (!view.ok()) return view.status();
  const absl::StatusOr<const Epu*> epu = RequireEpu(view->state, pool);
  if (!epu.ok()) return epu.status();
  const std::optional<SensorNumber> queue = QueueOf(**epu);
  return queue ? (*epu)->sensors.at(*queue).definition.name : "";
}

// Whether something is expected that only a reading of the pool's queue tells.
bool NeedsReadings(const LaunchScenario& scenario) {
  return scenario.throughout.queue_under || Does(scenario, [](const ScenarioStep& step) {
           const auto* expected = std::get_if<PoolExpectation>(&step.what);
           return expected != nullptr && (expected->queue_at_most || expected->jobs_done);
         });
}

Exit RunScenario(Context& context, const ScenarioArguments& arguments) {
  if (!context.GetOptions().id.empty()) {
    return context.Fail(Exit::kTyped, "--id: a scenario sends commands of its own; leave it out");
  }
  if (!arguments.simulate) OutliveReaders();
  Exit exit = Exit::kDone;
  std::optional<ScenarioFile> file = ReadFile(context, arguments, exit);
  if (!file) return exit;
  const absl::StatusOr<Stage> stage = FindStage(context, file->scenario.pool);
  if (!stage.ok()) return context.Fail(stage.status());
  const std::string name = InputName(arguments.file);
  const absl::StatusOr<std::string> sensor = SensorNameOf(*stage->base, file->scenario.pool);
  if (!sensor.ok()) return context.Fail(sensor.status());
  const std::string& run = stage->base->GetOptions().run;
  if (sensor->empty() && NeedsReadings(file->scenario)) {
    return context.Fail(
        Exit::kFile,
        fmt::format(
            "{}: {} has no sensor; queue_at_most, queue_under and jobs_done need its readings",
            name, file->scenario.pool));
  }
  if (arguments.simulate) {
    const absl::StatusOr<ScenarioOutcome> outcome = Simulate(*stage->base, *file);
    if (!outcome.ok()) return context.Fail(outcome.status());
    return Show(context, arguments, {file->scenario, *outcome, name, run, true, *sensor});
  }
  const absl::Status prepared = PrepareSubmission(file->scenario, *stage, context.GetOptions().run);
  if (!prepared.ok()) {
    return context.Fail(Exit::kFile, fmt::format("{}: {}", name, std::string(prepared.message())));
  }
  if (absl::Status served = AwaitServer(*stage->base); !served.ok())
    return stage->base->Fail(served);
  const absl::StatusOr<LiveOutcome> played = PlayInRealTime(context, *stage, *file, name);
  if (!played.ok()) return context.Fail(played.status());
  exit = Show(context, arguments, {file->scenario, played->outcome, name, run, false, *sensor});
  if (!played->interrupted) return exit;
  return context.Fail(Exit::kInterrupted, "interrupted; what was submitted or ended stays so");
}

}  // namespace

void AddLaunchScenarioVerb(Verbs& verbs) {
  verbs.Add<ScenarioArguments>(
      {"launch scenario", VerbGroup::kLaunch,
       "play a script of submissions, kills and expectations; exit 4 unless all came about",
       "epumgmt launch scenario scenario.yaml -r base\n"
       "epumgmt launch scenario scenario.yaml -r base --simulate --svg scenario.svg\n"
       "epumgmt launch scenario workload.txt -r base --pool crunch --submit './feed.sh jobs'\n"},
      &BindScenario, &RunScenario);
}

}  // namespace epu
