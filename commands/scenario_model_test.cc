#include "commands/scenario_model.h"

#include <gtest/gtest.h>

#include "commands/given.h"
#include "commands/pool_model.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr Time kBegin{std::chrono::sys_days{std::chrono::November / 22 / 2026}};

LaunchScenario Scenario(std::vector<ScenarioStep> steps) {
  LaunchScenario scenario;
  scenario.pool = "crunch";
  scenario.steps = std::move(steps);
  return scenario;
}

// A pool that follows its queue, read every 5 s, whose workers boot for 20 s and end in 2 s.
absl::StatusOr<ScenarioOutcome> Play(const LaunchScenario& scenario, std::string_view settings =
                                                                         "min_instances=1 "
                                                                         "max_instances=4") {
  Given given;
  given.Pool("crunch", "queuelen",
             "sensor=queue queuelen_high_water=10 queuelen_low_water=2 " + std::string(settings));
  const Epu& pool = given.pool("crunch");
  const EngineCatalog catalog = BuiltInEngines();
  const absl::StatusOr<State> fresh = FreshPool(given.state(), pool, kBegin - kSettleMax, catalog);
  if (!fresh.ok()) return fresh.status();
  Workload ways;
  ways.every = 5s;
  ways.boots = 20s;
  ways.ends = 2s;
  return RunScenarioModel(*fresh, scenario, {fresh->epus.begin()->first, ways, kBegin}, catalog,
                          nullptr);
}

std::string Told(const absl::StatusOr<ScenarioOutcome>& outcome) {
  if (!outcome.ok()) return std::string(outcome.status().message());
  constexpr const char* kWords[] = {"undecided", "done", "left out", "failed", "held", "missed"};
  std::string text;
  for (const StepOutcome& step : outcome->steps) {
    text += (text.empty() ? "" : "; ") + std::string(kWords[static_cast<int>(step.verdict)]);
    if (step.ended) text += " " + FormatDuration(*step.ended - kBegin);
    if (!step.said.empty()) text += " " + step.said;
  }
  return text;
}

TEST(ScenarioModel, ThePoolGrowsWithTheWorkAndDoesIt) {
  const auto outcome =
      Play(Scenario({{0s, PoolExpectation{.running_at_least = 1, .running_at_most = 1}},
                     {10s, SubmitJobs{40, 10s, "first"}},
                     {10s, PoolExpectation{.running_at_least = 3, .within = 2min}},
                     {10s, PoolExpectation{.jobs_done = true, .within = 10min}}}));
  EXPECT_EQ(Told(outcome),
            "held 0s 1 running, queue 0, 0 in progress; done 10s; "
            "held 55s 3 running, queue 34, 2 in progress; "
            "held 2m50s 1 running, queue 0, 0 in progress");
  EXPECT_TRUE(outcome->Held());
}

TEST(ScenarioModel, AKilledWorkerIsReplaced) {
  EXPECT_EQ(Told(Play(Scenario({{10s, KillWorkers{1}},
                                {10s, PoolExpectation{.running_at_most = 0}},
                                {10s, PoolExpectation{.running_at_least = 1, .within = 30s}},
                                {1min, KillWorkers{3}}}))),
            "done 10s crunch/1; held 10s 0 running, queue 0, 0 in progress; "
            "held 30s 1 running, queue 0, 0 in progress; "
            "done 1m crunch/2: all that ran, 3 were asked for");
}

TEST(ScenarioModel, NobodyIsKilledWhereNobodyRuns) {
  EXPECT_EQ(Told(Play(Scenario({{0s, KillWorkers{1}}}), "min_instances=0 max_instances=4")),
            "failed 0s no worker runs");
}

TEST(ScenarioModel, AnExpectationThatDoesNotComeAboutIsMissed) {
  const auto outcome =
      Play(Scenario({{0s, SubmitJobs{40, 10s, "first"}},
                     {1s, PoolExpectation{.running_at_least = 5, .within = 59min + 59s}}}));
  EXPECT_EQ(Told(outcome), "done 0s; missed 1h 1 running, queue 0, 0 in progress");
  EXPECT_FALSE(outcome->Held());
}

TEST(ScenarioModel, WhatHoldsThroughoutIsJudgedToo) {
  LaunchScenario scenario = Scenario(
      {{0s, SubmitJobs{40, 10s, ""}}, {1s, PoolExpectation{.jobs_done = true, .within = 10min}}});
  scenario.throughout.never_above = 2;
  const auto outcome = Play(scenario);
  ASSERT_TRUE(outcome.ok());
  ASSERT_TRUE(outcome->breach) << Told(outcome) << outcome->pool.most;
  EXPECT_EQ(outcome->breach->kind, Breach::Kind::kAbove);
  EXPECT_EQ(outcome->breach->value, 3);
}

TEST(ScenarioModel, ThereIsNoControllerInItToBeKilled) {
  const auto outcome = Play(Scenario({{5s, KillController{"provisioner"}}}));
  EXPECT_EQ(Told(outcome), "left out 5s the model has no controller");
  EXPECT_TRUE(outcome->Held());
}

TEST(ScenarioModel, AReadingOfTheVeryMomentIsNotOneOfTheWork) {
  // It reads each 5 s: at 10 s nothing, and what came at 10 s from 15 s on.
  EXPECT_EQ(Told(Play(Scenario({{10s, SubmitJobs{40, 10s, ""}},
                                {10s, PoolExpectation{.queue_at_most = 5, .within = 4s}}}))),
            "done 10s; missed 14s 1 running, queue 0, 0 in progress");
}

TEST(ScenarioModel, TheSameScenarioIsTheSameStory) {
  const LaunchScenario scenario =
      Scenario({{0s, SubmitJobs{40, 10s, ""}},
                {40s, KillWorkers{2}},
                {41s, PoolExpectation{.jobs_done = true, .within = 20min}}});
  EXPECT_EQ(Told(Play(scenario)), Told(Play(scenario)));
}

}  // namespace
}  // namespace epu
