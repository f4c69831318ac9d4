#include "engines/sensor.h"

#include <gtest/gtest.h>

#include "engines/scenario.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// A pool that follows what its workers report.
Pool Fleet(const std::string& settings) {
  return Pool("fleet").With(
      SensorKeys(), "metric=load scale_up_threshold=0.8 scale_down_threshold=0.2 " + settings);
}

// One that follows a sensor.
Pool Crunch(const std::string& settings) {
  return Pool("crunch")
      .With(SensorKeys(), "sensor=load scale_up_threshold=80 scale_down_threshold=20 " + settings)
      .Sensor("load");
}

struct Case {
  Pool pool;
  const char* outcome;
};

std::vector<Case> Thresholds() {
  return {
      // Strictly above and strictly below.
      {Fleet("").Running(3).Metric("load", 0.9, 1s), "4: above_threshold 0.9/0.8"},
      {Fleet("").Running(3).Metric("load", 0.8, 1s), "3"},
      {Fleet("").Running(3).Metric("load", 0.5, 1s), "3"},
      {Fleet("").Running(3).Metric("load", 0.2, 1s), "3"},
      {Fleet("").Running(3).Metric("load", 0.1, 1s), "2: below_threshold 0.1/0.2"},
      {Fleet("").Running(3).Metric("load", -1, 1s), "2: below_threshold -1/0.2"},

      // The average of those that report; the others count for nothing, not for zero.
      {Fleet("").Running(2).MetricOf(1, "load", 1, 1s).MetricOf(2, "load", 0.75, 1s),
       "3: above_threshold 0.875/0.8"},
      {Fleet("").Running(1).Metric("load", 0.9, 1s).Running(3),
       "5: above_threshold 0.9/0.8, reporting 1/4"},
      {Fleet("").Running(1).Metric("load", 0.5, 1s).Running(3), "4: reporting 1/4"},
      {Fleet("").Running(3).Metric("load", 0.9, 31s).MetricOf(2, "load", 0.1, 1s),
       "2: below_threshold 0.1/0.2, reporting 1/3"},

      // Steps, cut at the limits.
      {Fleet("scale_up_n=3").Running(3).Metric("load", 0.9, 1s), "6: above_threshold 0.9/0.8"},
      {Fleet("scale_up_n=3 max_instances=5").Running(3).Metric("load", 0.9, 1s),
       "5: above_threshold 0.9/0.8, max_instances 6/5"},
      {Fleet("max_instances=3").Running(3).Metric("load", 0.9, 1s),
       "3: above_threshold 0.9/0.8, max_instances 4/3"},
      {Fleet("scale_down_n=2").Running(5).Metric("load", 0.1, 1s), "3: below_threshold 0.1/0.2"},
      {Fleet("scale_down_n=9 min_instances=2").Running(5).Metric("load", 0.1, 1s),
       "2: below_threshold 0.1/0.2, minimum 0/2"},
      {Fleet("").Running(1).Metric("load", 0.1, 1s), "1: below_threshold 0.1/0.2, minimum 0/1"},

      // What the last growth could not get is given up first.
      {Fleet("").Running(3).Wanted(6).Metric("load", 0.1, 1s), "3: below_threshold 0.1/0.2"},

      // A sensor of the EPU does as well, and then the pool may be empty.
      {Crunch("").Running(3).Reading(90, 1s), "4: above_threshold 90/80"},
      {Crunch("").Running(3).Reading(50, 1s), "3"},
      {Crunch("").Running(3).Reading(10, 1s), "2: below_threshold 10/20"},
      {Crunch("min_instances=0").Reading(90, 1s), "1: above_threshold 90/80"},
      {Crunch("min_instances=0").Running(1).Reading(10, 1s), "0: below_threshold 10/20"},
      {Crunch("min_instances=0").Reading(10, 1s), "0: below_threshold 10/20"},
  };
}

std::vector<Case> Held() {
  return {
      // Nothing said is not zero.
      {Fleet("").Running(3), "3: reading_absent"},
      {Fleet("").Running(3).Metric("jobs", 0, 1s), "3: reading_absent"},
      {Fleet("").Running(3).Metric("load", 0, 1s).Later(1min), "3: reading_old 61/30"},
      {Crunch("").Running(3), "3: reading_absent"},
      {Crunch("").Running(3).Broken("exit 1"), "3: reading_broken"},
      {Crunch("").Running(3).Reading(0, 31s), "3: reading_old 31/30"},

      // One change at a time.
      {Fleet("").Running(2).Metric("load", 0.9, 1s).Pending(1),
       "3: above_threshold 0.9/0.8, pending 1"},
      {Fleet("").Running(2).Metric("load", 0.1, 1s).Pending(1),
       "3: below_threshold 0.1/0.2, pending 1"},
      {Fleet("").Running(2).Metric("load", 0.9, 1s).Wanted(4),
       "4: above_threshold 0.9/0.8, pending 2"},

      // The cool-down, to its last moment, and then only for what was said since.
      {Fleet("").Running(3).Decided().Later(299s).Metric("load", 0.9, 1s),
       "3: above_threshold 0.9/0.8, cool_down until 2026-11-22 09:05:00Z"},
      {Fleet("").Running(3).Decided().Later(300s).Metric("load", 0.9, 1s),
       "4: above_threshold 0.9/0.8"},
      {Fleet("cooldown_period=10s").Running(3).Decided().Later(5s).Metric("load", 0.1, 1s),
       "3: below_threshold 0.1/0.2, cool_down until 2026-11-22 09:00:10Z"},
      {Fleet("cooldown_period=0s").Running(3).Decided().Metric("load", 0.9, 1s),
       "4: above_threshold 0.9/0.8"},
      {Fleet("cooldown_period=0s").Running(3).Metric("load", 0.9, 1s).Decided(),
       "3: above_threshold 0.9/0.8, decided_on"},
      {Fleet("cooldown_period=10s").Running(3).Metric("load", 0.9, 1s).Decided().Later(10s),
       "3: above_threshold 0.9/0.8, decided_on"},

      // At a limit there is nothing to put off.
      {Fleet("max_instances=3").Running(3).Decided().Metric("load", 0.9, 1s),
       "3: above_threshold 0.9/0.8, max_instances 4/3"},

      // The limits wait for nothing: no number, a cool-down, a worker on its way.
      {Fleet("").Undecided(), "1: minimum 0/1"},
      {Fleet("min_instances=4").Running(3), "4: minimum 3/4"},
      {Fleet("min_instances=4").Running(3).Decided(), "4: minimum 3/4"},
      {Fleet("max_instances=2").Running(2).Pending(1).Decided(), "2: max_instances 3/2"},
  };
}

std::vector<Case> Cases() {
  std::vector<Case> cases = Thresholds();
  for (const Case& held : Held()) cases.push_back(held);
  return cases;
}

TEST(SensorEngine, KeepsTheNumberBetweenItsThresholds) {
  const auto engine = MakeSensor();
  for (const auto& [pool, outcome] : Thresholds()) EXPECT_EQ(OutcomeOf(*engine, pool), outcome);
}

TEST(SensorEngine, HoldsTheSizeWhereItShould) {
  const auto engine = MakeSensor();
  for (const auto& [pool, outcome] : Held()) EXPECT_EQ(OutcomeOf(*engine, pool), outcome);
}

TEST(SensorEngine, DecidingAgainAtOnceFindsNothing) {
  const auto engine = MakeSensor();
  for (const auto& [pool, outcome] : Cases()) EXPECT_TRUE(Settles(*engine, pool)) << outcome;
  for (const std::string cooldown : {"0s", "5m"}) {
    for (const double load : {-1.0, 0.0, 0.1, 0.5, 0.9, 5.0}) {
      const Pool pool = Fleet("scale_up_n=2 scale_down_n=3 cooldown_period=" + cooldown)
                            .Running(4)
                            .Metric("load", load, 1s);
      EXPECT_TRUE(Settles(*engine, pool)) << cooldown << " " << load;
      EXPECT_TRUE(Settles(*engine, Pool(pool).Wanted(7))) << cooldown << " " << load;
      EXPECT_TRUE(Settles(*engine, Pool(pool).Pending(2))) << cooldown << " " << load;
    }
  }
}

TEST(SensorEngine, GrowsAndShrinksStepByStep) {
  const auto engine = MakeSensor();
  Pool pool = Fleet("scale_up_n=2 max_instances=5 cooldown_period=1m").Undecided();
  EXPECT_EQ(Play(*engine, pool), "1: minimum 0/1");
  pool.Later(30s).Arrive().Metric("load", 0.9, 1s);
  EXPECT_EQ(Play(*engine, pool),
            "1: above_threshold 0.9/0.8, cool_down until 2026-11-22 09:01:00Z");
  pool.Later(30s).Metric("load", 0.9, 1s);
  EXPECT_EQ(Play(*engine, pool), "3: above_threshold 0.9/0.8");
  pool.Later(1min).Metric("load", 0.9, 1s);
  EXPECT_EQ(Play(*engine, pool), "3: above_threshold 0.9/0.8, pending 2") << "not up yet";
  pool.Arrive().MetricOf(2, "load", 0.5, 1s);
  EXPECT_EQ(Play(*engine, pool), "3: reporting 2/3");
  pool.Later(1min).Metric("load", 1, 1s);
  EXPECT_EQ(Play(*engine, pool), "5: above_threshold 1/0.8");
  pool.Later(1min).Arrive().Metric("load", 0, 1s);
  EXPECT_EQ(Play(*engine, pool), "4: below_threshold 0/0.2");
  pool.Later(1min);
  EXPECT_EQ(Play(*engine, pool), "4: reading_old 61/30");
}

TEST(SensorEngine, NamesWhatItWasMadeFrom) {
  const auto engine = MakeSensor();
  const Pool fleet = Fleet("").Running(2).Metric("load", 0.9, 1s);
  const Epu epu = fleet.Build();
  EXPECT_EQ(engine->Decide(epu, fleet.now())->inputs,
            (std::vector<Sequence>{epu.workers.at(WorkerNumber{2}).reported,
                                   epu.workers.at(WorkerNumber{1}).reported}));
  const Pool crunch = Crunch("").Running(2).Reading(90, 1s);
  EXPECT_EQ(engine->Decide(crunch.Build(), crunch.now())->inputs,
            std::vector<Sequence>{FindSensor(crunch.Build(), "load")->latest.sequence});
}

TEST(SensorEngine, SettingsThatMakeNoSenseAreProblems) {
  const struct {
    Pool pool;
    const char* problems;
  } cases[] = {
      {Fleet(""), ""},
      {Crunch(""), ""},
      {Crunch("min_instances=0"), ""},
      {Crunch("").With("metric", std::string("load")),
       "sensor is given with metric; one of them is followed"},
      {Fleet("").With("metric", std::string()),
       "metric is missing, or sensor: one of them is followed"},
      {Crunch("").With("sensor", std::string("laod")),
       "sensor is \"laod\", which is no sensor of this EPU; did you mean load?"},
      {Fleet("min_instances=0"),
       "min_instances is 0; with metric 1 is due, since a pool without a worker has none to "
       "report it"},
      {Fleet("").With("metric", std::string(64, 'x')),
       "metric is \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\", longer "
       "than "
       "63 letters"},
      {Fleet("").With("scale_down_threshold", 0.9),
       "scale_down_threshold is 0.9, above scale_up_threshold 0.8"},
      {Fleet("min_instances=9 max_instances=3"), "min_instances is 9, above max_instances 3"},
  };
  const auto engine = MakeSensor();
  for (const auto& [pool, problems] : cases) EXPECT_EQ(ProblemsOf(*engine, pool), problems);
}

}  // namespace
}  // namespace epu
