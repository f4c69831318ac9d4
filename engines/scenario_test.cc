#include "engines/scenario.h"

#include <gtest/gtest.h>

#include "engines/npreserving.h"
#include "projections/pool.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

TEST(Scenario, BuildsThePoolThatItSays) {
  const Epu epu = Pool("crunch")
                      .With(NPreservingKeys(), "preserve_n=3  max_instances=8")
                      .Sensor("load")
                      .Sensor("queue")
                      .Running(3)
                      .Pending(1)
                      .Unique("leader")
                      .Ending(2)
                      .Reading(132, 4s)
                      .InProgress(7)
                      .Build();
  EXPECT_EQ(epu.definition.name, "crunch");
  EXPECT_EQ(IntegerOf(epu.definition, "max_instances"), 8);
  EXPECT_EQ(CountValid(epu), 5u);
  EXPECT_EQ(CountPending(epu), 1u);
  EXPECT_EQ(epu.workers.size(), 7u);
  EXPECT_EQ(epu.workers.at(WorkerNumber{5}).unique_key, "leader");
  EXPECT_EQ(epu.next_worker, WorkerNumber{8});
  EXPECT_EQ(epu.wanted, 5u);
  EXPECT_EQ(FindSensor(epu, "load")->latest, Reading());
  const Reading& latest = FindSensor(epu, "queue")->latest;
  EXPECT_EQ(latest.measure, Measure(132.0));
  EXPECT_EQ(latest.in_progress, 7.0);
  EXPECT_EQ(AgeOf(latest, kScenarioNow), Duration(4s));
  EXPECT_GT(latest.sequence, epu.decision);
}

TEST(Scenario, HasAClockOfItsOwn) {
  const Pool pool =
      Pool("crunch").Sensor("queue").Reading(132, 4s).Decided().Later(1min).Running(1);
  const Epu epu = pool.Build();
  EXPECT_EQ(pool.now(), kScenarioNow + 1min);
  EXPECT_EQ(AgeOf(FindSensor(epu, "queue")->latest, pool.now()), Duration(64s));
  EXPECT_EQ(epu.decided, kScenarioNow);
  EXPECT_EQ(epu.workers.at(WorkerNumber{1}).running_since, kScenarioNow + 1min);
  EXPECT_EQ(Pool("web").At(kScenarioNow + 1h).now(), kScenarioNow + 1h);
}

TEST(Scenario, CarriesOutADecisionAsAReviewWould) {
  const Pool pool = Pool("web").Running(3).Pending(1);
  const struct {
    std::uint32_t wanted;
    std::size_t launches;
    std::size_t valid;
    std::size_t pending;
  } cases[] = {
      {4, 9, 4, 1},                // Nothing to do.
      {6, 9, 6, 3}, {6, 1, 5, 2},  // A limit cut one.
      {3, 9, 3, 0},                // The one on its way goes first.
      {1, 9, 1, 0}, {0, 9, 0, 0},
  };
  for (const auto& [wanted, launches, valid, pending] : cases) {
    const Epu after = Pool(pool).CarryOut({wanted, {}, {}}, launches).Build();
    EXPECT_EQ(after.wanted, wanted);
    EXPECT_EQ(CountValid(after), valid);
    EXPECT_EQ(CountPending(after), pending);
  }
}

TEST(Scenario, RecordsWhatChangesTheSizeAndNothingElse) {
  const Pool pool = Pool("web").Running(3).Later(1min);
  const Epu same = Pool(pool).CarryOut({3, {}, {}}, 9).Build();
  EXPECT_EQ(same.scaling, 0u);
  const Epu other = Pool(pool).CarryOut({4, {}, {}}, 9).Build();
  EXPECT_GT(other.scaling, 0u);
  EXPECT_EQ(other.scaled, kScenarioNow + 1min);
  EXPECT_GT(other.workers.rbegin()->second.request, other.decision);
}

TEST(Scenario, WhatIsUnderWayArrives) {
  const Epu epu = Pool("web").Running(1).Pending(2).Ending(3).Later(1min).Arrive().Build();
  EXPECT_EQ(CountValid(epu), 3u);
  EXPECT_EQ(CountPending(epu), 0u);
  EXPECT_EQ(epu.workers.size(), 3u);
  EXPECT_EQ(epu.workers.at(WorkerNumber{1}).running_since, kScenarioNow);
  EXPECT_EQ(epu.workers.at(WorkerNumber{3}).running_since, kScenarioNow + 1min);
}

TEST(Scenario, ASensorNamedAgainSpeaksAgain) {
  const Epu epu = Pool("a")
                      .Sensor("x")
                      .Reading(1, 0s)
                      .Sensor("y")
                      .Reading(2, 0s)
                      .Sensor("x")
                      .Reading(3, 0s)
                      .Build();
  EXPECT_EQ(epu.sensors.size(), 2u);
  EXPECT_EQ(FindSensor(epu, "x")->latest.measure, Measure(3.0));
  EXPECT_EQ(FindSensor(epu, "y")->latest.measure, Measure(2.0));
}

TEST(Scenario, WorkersReportNumbers) {
  const Epu epu = Pool("a")
                      .Running(2)
                      .Pending(1)
                      .Metric("load", 0.5, 4s)
                      .Later(1min)
                      .MetricOf(2, "load", 0.75, 1s)
                      .MetricOf(2, "jobs", 3, 1s)
                      .Build();
  const Worker& first = epu.workers.at(WorkerNumber{1});
  const Worker& second = epu.workers.at(WorkerNumber{2});
  EXPECT_EQ(first.report.metrics, (std::vector<Metric>{{"load", 0.5}}));
  EXPECT_EQ(first.report.age, Duration(4s));
  EXPECT_EQ(first.reported_at, kScenarioNow);
  EXPECT_EQ(second.report.metrics, (std::vector<Metric>{{"load", 0.75}, {"jobs", 3}}));
  EXPECT_EQ(second.reported_at, kScenarioNow + 1min);
  EXPECT_GT(second.reported, first.reported);
  EXPECT_EQ(epu.workers.at(WorkerNumber{3}).reported, 0u) << "not yet running";
}

// Wants one more, always.
class Greedy final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time) const override {
    if (epu.wanted == 7) return absl::FailedPreconditionError("no more");
    return Decision{epu.wanted.value_or(0) + 1, {}, {}};
  }
  std::vector<Problem> Validate(const EpuDefinition&) const override {
    return {{"a", " is 1"}, {"b", ": no"}};
  }
};

TEST(Scenario, FindsAnEngineThatDoesNotSettle) {
  EXPECT_FALSE(Settles(Greedy(), Pool("web")));
  EXPECT_TRUE(Settles(*MakeNPreserving(), Pool("web").With(NPreservingKeys(), "")));
}

TEST(Scenario, WritesDecisionsErrorsAndProblems) {
  EXPECT_EQ(OutcomeOf(Greedy(), Pool("web").Running(1)), "2");
  Pool played = Pool("web").Running(1);
  EXPECT_EQ(Play(Greedy(), played), "2");
  EXPECT_EQ(Play(Greedy(), played), "3");
  EXPECT_EQ(CountPending(played.Build()), 2u);
  EXPECT_EQ(OutcomeOf(Greedy(), Pool("web").Running(7)), "error: no more");
  EXPECT_EQ(ProblemsOf(Greedy(), Pool("web").Running(1)), "a is 1; b: no");
  EXPECT_EQ(FormatDecision({5,
                            {{ConstraintKind::kHighWater, 132, 100, {}},
                             {ConstraintKind::kPending, 1, 0, {}},
                             {ConstraintKind::kScheduled, 0, 5, kScenarioNow},
                             {ConstraintKind::kDisabled, 0, 0, {}}},
                            {}}),
            "5: high_water 132/100, pending 1, scheduled 0/5 until 2026-11-22 09:00:00Z, disabled");
}

TEST(ScenarioDeathTest, AMistakeInAScenarioEndsTheProcess) {
  const auto with = [](const char* settings) { Pool("web").With(NPreservingKeys(), settings); };
  EXPECT_EXIT(with("preserve_m=3"), testing::ExitedWithCode(42), "did you mean preserve_n");
  EXPECT_EXIT(with("preserve_n=x"), testing::ExitedWithCode(42), "\"x\" is no whole number");
  EXPECT_EXIT(with("preserve_n=1 preserve_n=2"), testing::ExitedWithCode(42), "is given twice");
  EXPECT_EXIT(with("preserve_n"), testing::ExitedWithCode(42), "preserve_n is no key=value");
  EXPECT_EXIT(Pool("web").Reading(1, 0s), testing::ExitedWithCode(42), "");
  EXPECT_EXIT(Pool("web").At(kScenarioNow - 1s), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace epu
