#include "cli/scenario_file.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

// As FormatFault has them, a line each.
std::string FaultsOf(std::string_view text, const ScenarioWords& words = {}) {
  std::string faults;
  for (const ConfigFault& fault : ReadScenario(text, "/plans", words).faults) {
    faults += (faults.empty() ? "" : "\n") + FormatFault("s.yaml", fault);
  }
  return faults;
}

TEST(ScenarioFile, SaysWhatIsDoneAndWhatIsExpected) {
  const ScenarioFile file = ReadScenario(
      "pool: crunch\n"
      "submit: [/plans/bin/feed.sh, \"${broker.url}\"]\n"
      "expect: {never_above: 4, queue_under: 100, within: 1m}\n"
      "steps:\n"
      "- {at: 0s, submit: {jobs: 60, runs: 500ms, batch: first}}\n"
      "- {at: 2s, kill_workers: 2}\n"
      "- {at: 2s, kill_controller: provisioner}\n"
      "- {at: 1m, expect: {running_at_least: 2, running_at_most: 3, within: 20s}}\n"
      "- {at: 1m, expect: {queue_at_most: 5, jobs_done: true, within: 1h}}\n"
      "simulate: {every: 1s, boots: 2s, ends: 0s}\n",
      "/plans", {});
  EXPECT_TRUE(file.faults.empty());
  LaunchScenario expected;
  expected.pool = "crunch";
  expected.submit = {"/plans/bin/feed.sh", "${broker.url}"};
  expected.throughout = {.never_above = 4, .queue_under = 100, .within = 1min};
  expected.steps = {
      {0s, SubmitJobs{60, 500ms, "first"}},
      {2s, KillWorkers{2}},
      {2s, KillController{"provisioner"}},
      {1min, PoolExpectation{.running_at_least = 2, .running_at_most = 3, .within = 20s}},
      {1min, PoolExpectation{.queue_at_most = 5, .jobs_done = true, .within = 1h}}};
  EXPECT_EQ(file.scenario, expected);
  EXPECT_EQ(file.every, Duration(1s));
  EXPECT_EQ(file.boots, Duration(2s));
  EXPECT_EQ(file.ends, Duration(0s));
}

TEST(ScenarioFile, TheCommandLineStandsBeforeIt) {
  const ScenarioFile file = ReadScenario("pool: crunch\nsteps:\n- {at: 0s, kill_workers: 1}\n", "/",
                                         {"web", {"true", "x"}, ""});
  EXPECT_EQ(file.scenario.pool, "web");
  EXPECT_EQ(file.scenario.submit, (std::vector<std::string>{"true", "x"}));
}

TEST(ScenarioFile, EveryFaultIsToldWithItsPlace) {
  const std::string one = "steps: [{at: 0s, kill_workers: 1}]\n";
  const struct {
    std::string text;
    std::string faults;
  } cases[] = {
      {"pool: a\n" + one, ""},
      {one, "s.yaml: pool is missing: whose workers? add it, or --pool EPU"},
      {"pool: a\n", "s.yaml:1:1: steps is missing; a scenario needs it"},
      {"pool: a\nsteps: []\n",
       "s.yaml:2:1: steps is no list of steps: - {at: 10s, kill_workers: 1}"},
      {"pool: a\nsteps: 3\n",
       "s.yaml:2:1: steps is no list of steps: - {at: 10s, kill_workers: 1}"},
      {"pol: a\n" + one, "s.yaml:1:1: pol: a scenario has no such key; did you mean pool?"},
      {"pool: a b\n" + one,
       "s.yaml:1:7: pool is no name: \"a b\"; a letter or digit is due, then letters, digits, '.', "
       "'_', '-'"},
      {"pool: a\nsteps: [{kill_workers: 1}]\n",
       "s.yaml:2:9: steps[0].at is missing; a step needs it"},
      {"pool: a\nsteps: [{at: 5s}]\n",
       "s.yaml:2:9: steps[0]: one of submit, kill_workers, kill_controller, expect is due"},
      {"pool: a\nsteps: [{at: 5s, kill_workers: 1, kill_controller: b}]\n",
       "s.yaml:2:9: steps[0]: one of submit, kill_workers, kill_controller, expect is due"},
      {"pool: a\nsteps: [{at: 5, kill_workers: 1}]\n",
       "s.yaml:2:14: steps[0].at: \"5\" has no unit: write 5s, 5m, …"},
      {"pool: a\nsteps: [{at: 5s, kill_workers: 0}]\n",
       "s.yaml:2:32: steps[0].kill_workers is 0; 1 to 4000 is due"},
      {"pool: a\nsteps:\n- {at: 5s, kill_workers: 1}\n- {at: 4s, kill_workers: 1}\n",
       "s.yaml:4:4: steps[1].at is 4s, before the step above it"},
      {"pool: a\nsteps: [{at: 5s, submit: {jobs: 3}}]\n",
       "s.yaml:2:18: steps[0].submit.runs is missing; a submission needs it"},
      {"pool: a\nsteps: [{at: 5s, submit: {jobs: -3, runs: 1s}}]\n",
       "s.yaml:2:33: steps[0].submit.jobs is -3; 1 to 1000000 is due"},
      {"pool: a\nsteps: [{at: 5s, expect: {within: 5s}}]\n",
       "s.yaml:2:18: steps[0].expect: nothing is expected; running_at_least, running_at_most, "
       "queue_at_most or jobs_done is due"},
      {"pool: a\nsteps: [{at: 5s, expect: {jobs_done: true}}]\n",
       "s.yaml:2:18: steps[0].expect: a reading that counts is yet to be taken; add within: 30s"},
      {"pool: a\nsteps: [{at: 5s, expect: {jobs_done: false, within: 5s}}]\n",
       "s.yaml:2:27: steps[0].expect.jobs_done is false; leave it out, or say true"},
      {"pool: a\nsteps: [{at: 5s, expect: {queue_at_most: 3}}]\n",
       "s.yaml:2:18: steps[0].expect: a reading that counts is yet to be taken; add within: 30s"},
      {"pool: a\nsteps: [{at: 5s, expect: {running_at_least: 3, running_at_most: 2}}]\n",
       "s.yaml:2:18: steps[0].expect: at least 3 and at most 2 run never"},
      {"pool: a\nexpect: {}\n" + one,
       "s.yaml:2:1: expect: nothing is expected; never_above, queue_under …"},
      {"pool: a\nsimulate: {every: 0s}\n" + one,
       "s.yaml:2:19: simulate.every is 0s; 100ms to 366d is due"},
      {"pool: a\npool: b\n" + one, "s.yaml:2:1: pool is given twice (first in line 1); remove one"},
      {"", "s.yaml: the file is empty; a map (key: value) is due"},
      {"pool: [", "s.yaml:1:1: no YAML: end of sequence flow not found"},
  };
  for (const auto& given : cases) EXPECT_EQ(FaultsOf(given.text), given.faults) << given.text;
}

TEST(ScenarioFile, TheOriginalsLinesAreReadToo) {
  const ScenarioFile file = ReadScenario(
      "# a workload\n"
      "KILL 30 2\n"
      "SUBMIT 0 60 0.5 first#1\n"
      "\n"
      "KILL_CONTROLLER 40 1   # the only one\n",
      "/plans", {"crunch", {"/bin/feed"}, "provisioner"});
  EXPECT_TRUE(file.faults.empty());
  LaunchScenario expected;
  expected.pool = "crunch";
  expected.submit = {"/bin/feed"};
  expected.steps = {{0s, SubmitJobs{60, 500ms, "first#1"}},
                    {30s, KillWorkers{2}},
                    {40s, KillController{"provisioner"}},
                    {40s, PoolExpectation{.jobs_done = true, .within = kJobsDoneMax}}};
  EXPECT_EQ(file.scenario, expected);
}

TEST(ScenarioFile, ALineThatIsWrongIsToldWithWhatIsDue) {
  const struct {
    std::string line;
    std::string fault;
  } cases[] = {
      {"KILL 30 2", ""},
      {"KILL 30", "s.yaml:2:1: KILL SECONDS COUNT is due"},
      {"KILL 30 0", "s.yaml:2:1: KILL SECONDS COUNT is due"},
      {"KILL 30 1.5", "s.yaml:2:1: KILL SECONDS COUNT is due"},
      {"KILL -1 2", "s.yaml:2:1: KILL SECONDS COUNT is due"},
      {"KILL nan 2", "s.yaml:2:1: KILL SECONDS COUNT is due"},
      {"KILL 1e300 2", "s.yaml:2:1: KILL SECONDS COUNT is due"},
      {"KIL 30 2", "s.yaml:2:1: KIL: no such word; did you mean KILL?"},
      {"KILL_CONTROLLER 30 2", "s.yaml:2:1: KILL_CONTROLLER SECONDS 1 is due"},
      {"KILL_CONTROLLER 30 1", "s.yaml:2:1: KILL_CONTROLLER: which? add --controller SERVICE"},
      {"SUBMIT 0 60 0.5",
       "s.yaml:2:1: SUBMIT SECONDS COUNT RUNS BATCH is due, with SECONDS and RUNS in seconds"},
      {"SUBMIT 0 60 x first",
       "s.yaml:2:1: SUBMIT SECONDS COUNT RUNS BATCH is due, with SECONDS and RUNS in seconds"},
  };
  for (const auto& given : cases) {
    EXPECT_EQ(FaultsOf("SUBMIT 0 1 1 a\n" + given.line + "\n", {"crunch", {}, ""}), given.fault);
  }
  EXPECT_EQ(FaultsOf("KILL 0 1\n"),
            "s.yaml: pool is missing: whose workers? add it, or --pool EPU");
}

}  // namespace
}  // namespace epu
