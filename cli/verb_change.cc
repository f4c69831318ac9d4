#include "cli/verb_change.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cli/apply_plan.h"
#include "cli/change.h"
#include "cli/change_words.h"
#include "cli/kill_launch.h"
#include "cli/plan_view.h"
#include "cli/verb_apply.h"
#include "cli/verb_pause.h"
#include "cli/verb_revert.h"
#include "cli/verb_sensor.h"
#include "cli/verb_stranger.h"
#include "cli/verb_submit.h"
#include "cli/verb_wait.h"
#include "engines/catalog.h"
#include "projections/pool.h"

namespace epu {
namespace {

// Says what a plan of one EPU is about to do, and asks where it empties the pool.
std::optional<Exit> ShowAndAsk(Context& context, const ApplyPlan& plan) {
  const Options& options = context.GetOptions();
  if (!options.json && !options.quiet) {
    context.Print(FormatPlan(plan, context.Now()));
    context.Out().flush();
  }
  const std::string question = PlanQuestion(plan);
  return question.empty() ? std::nullopt : Confirm(context, question);
}

// The names of an EPU's workers that a removal would end.
std::vector<std::string> WorkersOf(const Epu& epu) {
  std::vector<std::string> names;
  for (const Worker* worker : ValidWorkers(epu)) names.push_back(WorkerName(epu, worker->number));
  return names;
}

// The state, once a server is there to change it.
absl::StatusOr<ConfigView> ServedView(Context& context) {
  if (absl::Status status = AwaitServer(context); !status.ok()) return status;
  return ReadView(context);
}

Exit Switch(Context& context, const SwitchArguments& arguments, bool enabled) {
  const std::string verb = enabled ? "enable" : "disable";
  std::vector<std::string> words = {verb};
  if (!arguments.site.empty()) words.push_back(arguments.site);
  CommandSender sender(context, words);
  const absl::StatusOr<Answer> answer = sender.Send(SwitchLaunching{arguments.site, enabled}, verb);
  if (!answer.ok()) return context.Fail(answer.status());
  const std::string what = arguments.site.empty() ? "the provisioner" : "site " + arguments.site;
  const std::string text =
      fmt::format("{} is {}d{}\n", what, verb, enabled ? "" : "; workers that run go on running");
  return Finish(context, *answer, text,
                {{"site", TextOrNull(arguments.site)}, {"enabled", enabled}});
}

// One pool of reconfigure-n. Returns what to end with.
Exit ResizeOne(Context& context, CommandSender& sender, const PoolSize& pool) {
  const Order order = Reconfigure{pool.epu, {{"preserve_n", Value(pool.size)}}};
  const std::string what = fmt::format("{}:{}", pool.epu, pool.size);
  const absl::StatusOr<Answer> answer = sender.Send(order, what);
  if (!answer.ok()) {
    const absl::Status status(answer.status().code(),
                              fmt::format("{}: {}", what, std::string(answer.status().message())));
    return context.Fail(status);
  }
  return Finish(context, *answer, fmt::format("{}  preserve_n {}  ", pool.epu, pool.size),
                {{"epu", pool.epu}, {"preserve_n", pool.size}});
}

}  // namespace

// ---- reconfigure ----

void BindReconfigure(CLI::App& app, ReconfigureArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("settings", arguments.settings, "key=value, as the engine has them")->required();
}

Exit RunReconfigure(Context& context, const ReconfigureArguments& arguments) {
  const absl::StatusOr<ConfigView> view = ServedView(context);
  if (!view.ok()) return context.Fail(view.status());
  const EngineCatalog catalog = BuiltInEngines();
  const absl::StatusOr<Reconfigure> change =
      ParseReconfigure(view->state, arguments.epu, arguments.settings, catalog);
  if (!change.ok()) return context.Fail(change.status());
  const absl::StatusOr<ApplyPlan> plan = PlanReconfigure(*view, *change, context.Now(), catalog);
  if (!plan.ok()) return context.Fail(plan.status());
  if (const std::optional<Exit> exit = ShowAndAsk(context, *plan)) return *exit;

  std::vector<std::string> words = {"reconfigure", arguments.epu};
  words.insert(words.end(), arguments.settings.begin(), arguments.settings.end());
  CommandSender sender(context, words);
  const absl::StatusOr<Answer> answer =
      sender.Send(*change, fmt::format("{}", fmt::join(arguments.settings, " ")));
  if (!answer.ok()) return context.Fail(answer.status());
  return Finish(context, *answer, "",
                {{"epu", arguments.epu},
                 {"ends", plan->items.empty() ? std::vector<std::string>() : plan->items[0].ends}});
}

// ---- reconfigure-n ----

void BindReconfigureN(CLI::App& app, ReconfigureNArguments& arguments) {
  app.add_option("sizes", arguments.sizes, "EPU:N[,EPU:N…]")->required();
}

Exit RunReconfigureN(Context& context, const ReconfigureNArguments& arguments) {
  const absl::StatusOr<std::vector<PoolSize>> sizes = ParseSizes(arguments.sizes);
  if (!sizes.ok()) return context.Fail(sizes.status());
  const absl::StatusOr<ConfigView> view = ServedView(context);
  if (!view.ok()) return context.Fail(view.status());
  std::vector<std::string> emptied;
  for (const PoolSize& pool : *sizes) {
    const Epu* epu = FindEpu(view->state, pool.epu);
    if (epu == nullptr || pool.size != 0) continue;
    for (const std::string& worker : WorkersOf(*epu)) emptied.push_back(worker);
  }
  if (!emptied.empty()) {
    const std::string what = fmt::format("Ends {} workers ({}) and leaves their pools empty.",
                                         emptied.size(), FormatWorkers(emptied));
    if (const std::optional<Exit> exit = Confirm(context, what)) return *exit;
  }
  CommandSender sender(context, {"reconfigure-n", arguments.sizes});
  Exit exit = Exit::kDone;
  for (const PoolSize& pool : *sizes) {
    const Exit one = ResizeOne(context, sender, pool);
    if (exit == Exit::kDone) exit = one;
  }
  return exit;
}

// ---- kill ----

void BindKill(CLI::App& app, KillArguments& arguments) {
  app.add_option("what", arguments.what, "WORKER… or N EPU")->required();
}

Exit RunKill(Context& context, const KillArguments& arguments) {
  absl::StatusOr<Order> order = ParseKill(arguments.what);
  if (!order.ok()) return context.Fail(order.status());
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  std::vector<std::string> words = {"kill"};
  words.insert(words.end(), arguments.what.begin(), arguments.what.end());
  CommandSender sender(context, words);
  const absl::StatusOr<Answer> answer = sender.Send(*std::move(order), "the end of these workers");
  if (!answer.ok()) return context.Fail(answer.status());
  const std::vector<std::string> workers = EndedBy(**log, *answer);
  if (context.GetOptions().quiet) {
    for (const std::string& worker : workers) context.Print(worker + "\n");
  }
  const std::string text =
      workers.empty() ? "" : fmt::format("ends {}\n", fmt::join(workers, ", "));
  return Finish(context, *answer, text, {{"ends", workers}});
}

// ---- remove ----

void BindRemove(CLI::App& app, RemoveArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
}

Exit RunRemove(Context& context, const RemoveArguments& arguments) {
  const absl::StatusOr<ConfigView> view = ServedView(context);
  if (!view.ok()) return context.Fail(view.status());
  const Epu* epu = FindEpu(view->state, arguments.epu);
  if (epu == nullptr) {
    return context.Fail(Exit::kTyped, NoSuchEpu(view->state, arguments.epu));
  }
  const std::vector<std::string> workers = WorkersOf(*epu);
  const std::string ends =
      workers.empty() ? "no worker"
                      : fmt::format("{} worker{} ({})", workers.size(),
                                    workers.size() == 1 ? "" : "s", FormatWorkers(workers));
  if (!epu->removing) {
    const std::string what =
        fmt::format("Drains {}, ends {} and forgets its configuration.", arguments.epu, ends);
    if (const std::optional<Exit> exit = Confirm(context, what)) return *exit;
  }
  CommandSender sender(context, {"remove", arguments.epu});
  const absl::StatusOr<Answer> answer =
      sender.Send(Remove{arguments.epu}, "the removal of " + arguments.epu);
  if (!answer.ok()) return context.Fail(answer.status());
  return Finish(context, *answer,
                fmt::format("{} is being drained: ends {}\n", arguments.epu, ends),
                {{"epu", arguments.epu}, {"ends", workers}});
}

// ---- enable, disable ----

void BindSwitch(CLI::App& app, SwitchArguments& arguments) {
  app.add_option("site", arguments.site, "one site alone");
}

Exit RunEnable(Context& context, const SwitchArguments& arguments) {
  return Switch(context, arguments, true);
}

Exit RunDisable(Context& context, const SwitchArguments& arguments) {
  return Switch(context, arguments, false);
}

// ---- The table ----

void AddChangeVerbs(Verbs& verbs) {
  verbs.Add<ApplyArguments>({"apply", VerbGroup::kChange, "declare sites and EPUs by a file",
                             "epumgmt apply pools.yaml --dry-run\n"
                             "epumgmt apply pools.yaml --review 7d --dry-run\n"
                             "epumgmt apply pools.yaml -m \"night batch\"\n"},
                            &BindApply, &RunApply);
  verbs.Add<ReconfigureArguments>(
      {"reconfigure", VerbGroup::kChange, "change some values of an EPU's policy",
       "epumgmt reconfigure crunch queuelen_high_water=80 max_instances=12\n"},
      &BindReconfigure, &RunReconfigure);
  verbs.Add<ReconfigureNArguments>(
      {"reconfigure-n", VerbGroup::kChange, "change the sizes of several preserving EPUs",
       "epumgmt reconfigure-n web:3,thumbs:5\n"},
      &BindReconfigureN, &RunReconfigureN);
  verbs.Add<RevertArguments>(
      {"revert", VerbGroup::kChange, "an earlier policy of an EPU again",
       "epumgmt history crunch --kind policy\nepumgmt revert crunch --at 16902\n"
       "epumgmt revert crunch --at 09:12 --dry-run\n"},
      &BindRevert, &RunRevert);
  verbs.Add<PauseArguments>(
      {"pause", VerbGroup::kChange, "hold the scaling of an EPU; repair goes on",
       "epumgmt pause crunch --for 2h -m \"the database is being moved\"\n"
       "epumgmt pause crunch --in\n"},
      &BindPause, &RunPause);
  verbs.Add<ResumeArguments>(
      {"resume", VerbGroup::kChange, "let an EPU scale again", "epumgmt resume crunch\n"},
      &BindResume, &RunResume);
  verbs.Add<KillArguments>(
      {"kill", VerbGroup::kChange, "end these workers; the policy replaces them",
       "epumgmt kill crunch/12 crunch/13\nepumgmt kill 2 crunch\n"},
      &BindKill, &RunKill);
  verbs.Add<RemoveArguments>({"remove", VerbGroup::kChange, "drain an EPU, then forget it",
                              "epumgmt remove crunch --yes\n"},
                             &BindRemove, &RunRemove);
  verbs.Add<SensorArguments>({"sensor", VerbGroup::kChange, "hand in a reading of a sensor",
                              "epumgmt sensor put crunch/queue 41 --taken 10s\nepumgmt sensor put "
                              "crunch/queue --absent\n"},
                             &BindSensor, &RunSensor);
  verbs.Add<SubmitArguments>(
      {"submit", VerbGroup::kChange, "send a command that is written as JSON",
       "epumgmt submit --schema\n"
       "echo '{\"pause\": {\"epu\": \"crunch\", \"for\": \"2h\"}}' | epumgmt submit -\n"},
      &BindSubmit, &RunSubmit);
  verbs.Add<WaitArguments>({"wait", VerbGroup::kChange, "wait until an EPU is as wanted",
                            "epumgmt wait crunch --for stable --timeout 2m\n"
                            "epumgmt wait crunch --for workers=4\n"},
                           &BindWait, &RunWait);
  verbs.Add<SwitchArguments>(
      {"disable", VerbGroup::kEnd, "start no new machines", "epumgmt disable\n"}, &BindSwitch,
      &RunDisable);
  verbs.Add<SwitchArguments>(
      {"enable", VerbGroup::kEnd, "start machines again", "epumgmt enable local\n"}, &BindSwitch,
      &RunEnable);
  verbs.Add<KillrunArguments>(
      {"killrun", VerbGroup::kEnd, "disable, end every worker of the run, prove that none is left",
       "epumgmt killrun -m \"end of test\" --yes\n"},
      &BindKillrun, &RunKillrunOfAny);
  verbs.Add<StrangerArguments>(
      {"adopt", VerbGroup::kEnd, "keep machines from another history of this log",
       "epumgmt adopt k3f9-5d1e-208 -m \"it is at work\"\n"},
      &BindStrangers, &RunAdopt);
  verbs.Add<StrangerArguments>(
      {"collect", VerbGroup::kEnd, "end machines from another history of this log",
       "epumgmt get strangers\nepumgmt collect k3f9-5d1e-208\n"},
      &BindStrangers, &RunCollect);
}

}  // namespace epu
