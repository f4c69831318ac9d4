#include "cli/scenario_view.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr Time kBegin{std::chrono::sys_days{std::chrono::November / 22 / 2026} +
                      std::chrono::hours(9)};

// A scenario that was played: jobs came, a worker was ended, one expectation held, one did not.
struct Played {
  Played() {
    scenario.pool = "crunch";
    scenario.throughout.never_above = 4;
    scenario.steps = {{0s, SubmitJobs{60, 500ms, "first"}},
                      {2s, PoolExpectation{.running_at_least = 2, .within = 20s}},
                      {5s, KillWorkers{1}},
                      {8s, KillController{"provisioner"}},
                      {9s, PoolExpectation{.jobs_done = true, .within = 1min}}};
    outcome.begin = kBegin;
    outcome.end = kBegin + 70s;
    outcome.steps = {{StepVerdict::kDone, kBegin, kBegin + 1500ms, ""},
                     {StepVerdict::kHeld, kBegin + 2s, kBegin + 3s, "2 running, queue 40"},
                     {StepVerdict::kDone, kBegin + 5s, kBegin + 5s, "crunch/1"},
                     {StepVerdict::kFailed, kBegin + 8s, kBegin + 9s, "exit 1: \x1b[31m"},
                     {StepVerdict::kMissed, kBegin + 9s, kBegin + 69s, "2 running, queue 3"}};
    outcome.pool.from = kBegin;
    outcome.pool.time = outcome.end;
    outcome.pool.launches = 2;
    outcome.pool.most = 3;
    outcome.pool.peak = 58;
    outcome.pool.sizes = {{kBegin, 1}, {kBegin + 2s, 2}};
    outcome.pool.queue = {{kBegin, 0}, {kBegin + 1s, 58}};
  }
  PlayedScenario View() const {
    return {scenario, outcome, "s.yaml", "base-pools", false, "queue"};
  }

  LaunchScenario scenario;
  ScenarioOutcome outcome;
};

TEST(ScenarioView, TellsWhatWasDoneAndExpectedAndWhatHappened) {
  EXPECT_EQ(ScenarioText(Played().View(), Terminal{}, Zone::kUtc),
            "s.yaml on crunch of run base-pools, in real time from 2026-11-22 09:00:00Z\n\n"
            "VERDICT  AT  BEGAN  ENDED  WHAT                             OUTCOME\n"
            "done     0s  0.0s   1.5s   submit 60 jobs of 500ms (first)  -\n"
            "held     2s  2.0s   3.0s   2 running or more, within 20s    2 running, queue 40\n"
            "done     5s  5.0s   5.0s   kill 1 worker                    crunch/1\n"
            "FAILED   8s  8.0s   9.0s   kill controller provisioner      exit 1: \\x1b[31m\n"
            "MISSED   9s  9.0s   69.0s  all jobs done, within 1m         2 running, queue 3\n"
            "held     -   -      -      throughout: never above 4        3 workers at most\n\n"
            "4 of 6 as expected, in 70.0s: 2 launched, 3 at most; queue at most 58\n");
}

TEST(ScenarioView, TellsWhatWasBrokenAndByWhichDecision) {
  Played played;
  DecisionMade decision;
  decision.engine = "queuelen";
  decision.size = 4;
  decision.wanted = 5;
  played.outcome.breach = Breach{Breach::Kind::kAbove, kBegin + 30s, 5, decision};
  const std::string text = ScenarioText(played.View(), Terminal{}, Zone::kUtc);
  EXPECT_NE(text.find("throughout: never above 4"), text.npos);
  EXPECT_NE(text.find("5 workers, never above 4 expected"), text.npos);
  EXPECT_NE(text.find("the decision before it: queuelen (4 → 5)"), text.npos);
  EXPECT_NE(text.find("3 of 6 as expected"), text.npos);
}

TEST(ScenarioView, AStepIsALineWhileItGoesOn) {
  const Played played;
  StepOutcome begun = played.outcome.steps[3];
  begun.ended.reset();
  begun.said.clear();
  EXPECT_EQ(StepLine(played.scenario.steps[3], begun, kBegin),
            "    8.0s  …          kill controller provisioner");
  EXPECT_EQ(StepLine(played.scenario.steps[1], played.outcome.steps[1], kBegin),
            "    3.0s  held       2 running or more, within 20s: 2 running, queue 40");
}

TEST(ScenarioView, SaysAnExpectationInWords) {
  const struct {
    PoolExpectation expected;
    std::string text;
  } cases[] = {
      {{.running_at_least = 2}, "2 running or more, at once"},
      {{.running_at_least = 2, .running_at_most = 2, .within = 20s}, "2 running, within 20s"},
      {{.running_at_least = 1, .running_at_most = 2, .within = 20s},
       "1 running or more, 2 running or fewer, within 20s"},
      {{.queue_at_most = 5, .jobs_done = true, .within = 1h},
       "queue ≤ 5, all jobs done, within 1h"},
  };
  for (const auto& given : cases) EXPECT_EQ(StepText({0s, given.expected}), given.text);
}

TEST(ScenarioView, JsonHasTheSame) {
  const Json json = ScenarioJson(Played().View());
  EXPECT_EQ(json.at("held"), false);
  EXPECT_EQ(json.at("all"), 6);
  EXPECT_EQ(json.at("wrong"), 2);
  EXPECT_EQ(json.at("took_s"), 70);
  EXPECT_EQ(json.at("steps")[4].dump(),
            R"({"what":"all jobs done, within 1m","at_s":9.0,"verdict":"missed","began_s":9.0,)"
            R"("ended_s":69.0,"outcome":"2 running, queue 3"})");
  EXPECT_EQ(json.at("throughout").at("verdict"), "held");
  EXPECT_EQ(json.at("workers").dump(), "[[0.0,1],[2.0,2]]");
  EXPECT_EQ(json.at("queue").dump(), "[[0.0,0],[1.0,58]]");
}

TEST(ScenarioView, ThePlotsAreOneFile) {
  const std::string svg = ScenarioSvg(Played().View(), Zone::kUtc);
  EXPECT_NE(svg.find("aria-label=\"workers of crunch\""), svg.npos);
  EXPECT_NE(svg.find("aria-label=\"backlog of crunch\""), svg.npos);
  EXPECT_NE(svg.find("never above 4"), svg.npos);
  EXPECT_EQ(svg.find('\x1b'), svg.npos);
}

}  // namespace
}  // namespace epu
