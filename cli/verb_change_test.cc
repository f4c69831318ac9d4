#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/verb_apply.h"
#include "cli/verb_killrun.h"
#include "cli/verb_wait.h"
#include "cli/world_for_tests.h"

// What the changing verbs do without a server: everything up to the command, and what they make of
// the log.

namespace epu {
namespace {

constexpr std::string_view kWeb = R"(version: 1
sites: {local: {driver: process, max_workers: 16}}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 2}
    worker: {site: local, command: [/bin/w]}
)";

// One run of a verb: what was typed, and what it answered.
struct Session {
  explicit Session(const World& world) {
    surroundings.in = &in;
    surroundings.out = &out;
    surroundings.err = &err;
    surroundings.home = "/nowhere";
    surroundings.clock = [&world] { return world.now(); };
    surroundings.log = &world.log();
  }
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Surroundings surroundings;
  Options options;

  Exit Apply(const std::string& text, ApplyArguments arguments) {
    in.str(text);
    arguments.file = "-";
    Context context(options, surroundings);
    return RunApply(context, arguments);
  }
  Exit Wait(const WaitArguments& arguments) {
    Context context(options, surroundings);
    return RunWait(context, arguments);
  }
};

// ---- apply ----

TEST(Apply, ShowsTheDifferenceOfADryRun) {
  World world;
  Session session(world);
  EXPECT_EQ(session.Apply(std::string(kWeb), {"-", true, false}), Exit::kDone);
  EXPECT_EQ(session.out.str(),
            "run default (k3f9) at 2\n"
            "+ site local   process, 16 workers at most\n"
            "+ epu web      npreserving, preserve_n 2, on local: 2 workers at once\n"
            "2 to add, 0 to change, 0 to remove; ends no worker\n");
}

TEST(Apply, ChecksWithoutChanging) {
  World world;
  {
    Session session(world);
    EXPECT_EQ(session.Apply(std::string(kWeb), {"-", false, true}), Exit::kRefused);
  }
  world.Apply(kWeb);
  Session session(world);
  EXPECT_EQ(session.Apply(std::string(kWeb), {"-", false, true}), Exit::kDone);
}

TEST(Apply, SaysWhereEachFaultStands) {
  World world;
  Session session(world);
  EXPECT_EQ(session.Apply("version: 1\nmax_worker: 3\nepus: {web: 7}\n", {"-", true, false}),
            Exit::kFile);
  EXPECT_EQ(session.err.str(),
            "epumgmt: stdin:2:1: max_worker: a configuration has no such key; did you mean "
            "max_workers?\n"
            "epumgmt: stdin:3:8: epus.web is a single value; a map (key: value) is due\n"
            "epumgmt: nothing was changed (2 errors)\n");
}

TEST(Apply, SaysAtOnceWhatTheFileAndWhatTheServerFindWrong) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  Session session(world);
  const std::string large(4096, 'x');
  std::string text =
      "version: 1\n"
      "epus:\n"
      "  a: {engine: npreserving, config: {preserve_m: 1}, worker: {site: local, command: [x]}}\n"
      "  b:\n"
      "    engine: npreserving\n"
      "    worker:\n"
      "      site: local\n"
      "      command: [x";
  for (int i = 0; i < 16; ++i) text += ", " + large;
  text += "]\n";
  EXPECT_EQ(session.Apply(text, {"-", true, false}), Exit::kFile);
  EXPECT_EQ(session.err.str(),
            "epumgmt: stdin:3:37: epus.a.config.preserve_m: npreserving has no such key; did you "
            "mean preserve_n?\n"
            "epumgmt: stdin:4:3: epus.b is 66898 bytes large; at most 49152\n"
            "epumgmt: nothing was changed (2 errors)\n");
}

TEST(Apply, ChecksTheDefinitionsAloneWhereAPoolIsStopped) {
  World world;
  std::string text(kWeb);
  text.replace(text.find("preserve_n: 2"), 13,
               "preserve_n: 2, devmode_no_failure_compensation: true");
  world.Apply(text);
  world.FailFirst("web");
  Session session(world);
  EXPECT_EQ(session.Apply(text, {"-", false, true}), Exit::kDone) << session.err.str();
}

TEST(Apply, PrunesInADryRun) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  Session session(world);
  EXPECT_EQ(session.Apply("version: 1\n", {"-", true, false, true}), Exit::kDone);
  EXPECT_NE(session.out.str().find("- epu web   not in this file: drained and removed: ends "
                                   "web/2, web/1\n"
                                   "0 to add, 0 to change, 1 to remove; ends 2 workers\n"),
            std::string::npos)
      << session.out.str();
  Session check(world);
  EXPECT_EQ(check.Apply("version: 1\n", {"-", false, true, false}), Exit::kDone);
  Session pruned(world);
  EXPECT_EQ(pruned.Apply("version: 1\n", {"-", false, true, true}), Exit::kRefused);
}

TEST(Apply, PlansAFileOfAsManyEpusAsItMayHave) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  Session session(world);
  std::string text = "version: 1\nmax_workers: 20\nepus:\n";
  for (int i = 0; i < 4000; ++i) {
    text +=
        fmt::format("  a{}: {{engine: npreserving, worker: {{site: local, command: [x]}}}}\n", i);
  }
  EXPECT_EQ(session.Apply(text, {"-", true, false}), Exit::kDone) << session.err.str();
}

TEST(Apply, ShowsTheWorkersThatAnEmptiedPoolLoses) {
  World world;
  world.Apply(kWeb);
  Session session(world);
  std::string text(kWeb);
  text.replace(text.find("preserve_n: 2"), 13, "preserve_n: 0");
  EXPECT_EQ(session.Apply(text, {"-", true, false}), Exit::kDone);
  EXPECT_NE(session.out.str().find("ends web/2, web/1"), std::string::npos) << session.out.str();
}

TEST(Apply, NeedsAServerToChangeAnything) {
  World world;
  Session session(world);
  session.options.timeout = Duration::zero();
  EXPECT_EQ(session.Apply(std::string(kWeb), {"-", false, false}), Exit::kSurroundings);
  EXPECT_EQ(session.err.str(),
            "epumgmt: no server at ipc:///nowhere/default/epud.sock after 0s; start it with: epud "
            "--run default\n");
}

// ---- wait ----

WaitVerdict JudgeIn(const World& world, const std::string& epu, const std::string& goal) {
  return Judge(world.view().state, epu, *ParseGoal(goal));
}

TEST(Wait, EndsWhenThePoolIsStable) {
  World world;
  world.Apply(kWeb);
  EXPECT_EQ(JudgeIn(world, "web", "stable"), WaitVerdict::kNotYet);
  EXPECT_EQ(JudgeIn(world, "web", "workers=2"), WaitVerdict::kNotYet);
  world.RunAll();
  EXPECT_EQ(JudgeIn(world, "web", "stable"), WaitVerdict::kReached);
  EXPECT_EQ(JudgeIn(world, "web", "workers=2"), WaitVerdict::kReached);
  EXPECT_EQ(JudgeIn(world, "web", "workers=1"), WaitVerdict::kNotYet);
  EXPECT_EQ(JudgeIn(world, "wep", "stable"), WaitVerdict::kUnknown);
}

TEST(Wait, EndsWhenTheEpuIsGone) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  world.Do(Remove{"web"});
  EXPECT_EQ(JudgeIn(world, "web", "gone"), WaitVerdict::kNotYet);
  world.EndAll();
  EXPECT_EQ(JudgeIn(world, "web", "gone"), WaitVerdict::kReached);
  EXPECT_EQ(JudgeIn(world, "web", "stable"), WaitVerdict::kNever);
}

TEST(Wait, GivesUpAtOnceInDevelopmentMode) {
  World world;
  world.Apply(kWeb);
  State state = world.view().state;
  state.epus.begin()->second.dev_mode_failure = WorkerNumber{1};
  EXPECT_EQ(Judge(state, "web", UntilStable{}), WaitVerdict::kNever);
}

TEST(Wait, EndsWith123WhenItGivesUp) {
  World world;
  world.Apply(kWeb);
  Session session(world);
  session.options.timeout = Duration::zero();
  EXPECT_EQ(session.Wait({"web", "stable"}), Exit::kGaveUp);
  EXPECT_EQ(session.err.str(),
            "epumgmt: web is PENDING, 0 running of 2 wanted after 0s; gave up waiting for stable, "
            "and no server is there; --timeout waits longer\n");
}

TEST(Wait, IsNotToldByTheLogOfAServerThatIsGone) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  Session session(world);
  session.options.timeout = Duration::zero();
  EXPECT_EQ(session.Wait({"web", "stable"}), Exit::kGaveUp);
  EXPECT_EQ(session.err.str(),
            "epumgmt: web is STABLE, 2 running of 2 wanted after 0s; gave up waiting for stable, "
            "and no server is there; --timeout waits longer\n");
}

TEST(Wait, TakesThreeGoals) {
  EXPECT_EQ(*ParseGoal("workers=4"), WaitGoal(UntilWorkers{4}));
  for (const char* text : {"", "Stable", "workers", "workers=", "workers=-1", "workers=04"}) {
    EXPECT_FALSE(ParseGoal(text).ok()) << text;
  }
}

// ---- killrun ----

TEST(Killrun, NamesHowManyItEnds) {
  World world;
  EXPECT_EQ(KillrunQuestion("default", world.view().state),
            "Disables the provisioner of run default and ends no worker.");
  world.Apply(kWeb);
  EXPECT_EQ(KillrunQuestion("default", world.view().state),
            "Disables the provisioner of run default and ends 2 workers (web 2).");
}

TEST(Killrun, CountsWorkersUntilTheirMachinesAreProvenGone) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  world.Do(EndRun{});
  EXPECT_EQ(OpenWorkers(world.view().state),
            (std::vector<std::string>{"web/1 (pid 7)", "web/2 (pid 7)"}));
  world.EndAll();
  EXPECT_EQ(OpenWorkers(world.view().state), std::vector<std::string>());
}

TEST(Killrun, TellsItsOwnMachinesFromStrangersAndOthers) {
  World world;
  const std::vector<Process> processes = {
      {10, 5, 1, "sh", "k3f9-5d1e-1"}, {11, 4, 1, "epu-agent", "k3f9-5d1e-1"},
      {12, 9, 1, "sh", "k3f9-ffff-1"}, {13, 9, 1, "sh", "aaaa-5d1e-1"},
      {14, 9, 1, "sh", "no token"},    {15, 9, 1, "sh", ""},
      {16, 9, 1, "sh", "k3f9-5d1e-2"}};
  State state = world.view().state;
  state.requests = {{0x5d1e, 1}};
  EXPECT_EQ(
      MachinesOfRun(processes, state),
      (RunMachines{{"pid 11 (k3f9-5d1e-1)"}, {"pid 16 (k3f9-5d1e-2)", "pid 12 (k3f9-ffff-1)"}}));
}

}  // namespace
}  // namespace epu
