#include "tests/example_engine/backlog.h"

#include <gtest/gtest.h>

#include "commands/given.h"
#include "engines/scenario.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

Pool Crunch(const std::string& settings) {
  return Pool("crunch")
      .With(BacklogKeys(), "sensor=queue jobs_per_worker=10 " + settings)
      .Sensor("queue");
}

struct Case {
  Pool pool;
  const char* outcome;
};

std::vector<Case> Cases() {
  return {
      // A part of one's work needs a whole worker.
      {Crunch("").Reading(0, 1s), "0: needed"},
      {Crunch("").Reading(1, 1s), "1: needed 1/1"},
      {Crunch("").Reading(10, 1s), "1: needed 10/1"},
      {Crunch("").Reading(11, 1s), "2: needed 11/2"},
      {Crunch("").Reading(0.5, 1s), "1: needed 0.5/1"},

      // Whatever the size was: all at once, up or down.
      {Crunch("").Running(1).Reading(35, 1s), "4: needed 35/4"},
      {Crunch("").Running(9).Reading(35, 1s), "4: needed 35/4"},
      {Crunch("").Running(1).Pending(3).Reading(35, 1s), "4: needed 35/4"},

      // Jobs in progress are jobs, and numbers below zero are none.
      {Crunch("").Reading(35, 1s).InProgress(6), "5: needed 41/5"},
      {Crunch("").Reading(-35, 1s).InProgress(6), "1: needed 6/1"},

      // Within the limits, which say so.
      {Crunch("min_instances=2").Reading(5, 1s), "2: needed 5/1, minimum 1/2"},
      {Crunch("max_instances=3").Reading(35, 1s), "3: needed 35/4, max_instances 4/3"},
      {Crunch("").Reading(1e12, 1s), "64: needed 1000000000000/10000, max_instances 10000/64"},

      // Nothing said, a failure and an old reading are not zero: the size stays.
      {Crunch("").Running(3), "3: reading_absent"},
      {Crunch("").Running(3).Broken("exit 1"), "3: reading_broken"},
      {Crunch("").Running(3).Reading(0, 1s).Later(1min), "3: reading_old 61/30"},
      {Crunch("min_instances=4").Running(3), "4: reading_absent, minimum 3/4"},
  };
}

TEST(Backlog, WantsAsManyWorkersAsTheJobsNeed) {
  const auto engine = MakeBacklog();
  for (const auto& [pool, outcome] : Cases()) EXPECT_EQ(OutcomeOf(*engine, pool), outcome);
}

TEST(Backlog, DecidingAgainAtOnceFindsNothing) {
  const auto engine = MakeBacklog();
  for (const auto& [pool, outcome] : Cases()) EXPECT_TRUE(Settles(*engine, pool)) << outcome;
}

TEST(Backlog, FollowsTheJobsThroughADay) {
  const auto engine = MakeBacklog();
  Pool pool = Crunch("max_instances=5").Undecided().Reading(35, 1s);
  EXPECT_EQ(Play(*engine, pool), "4: needed 35/4");
  pool.Later(5s).Reading(80, 0s);
  EXPECT_EQ(Play(*engine, pool), "5: needed 80/8, max_instances 8/5");
  pool.Later(1h).Arrive();
  EXPECT_EQ(Play(*engine, pool), "5: reading_old 3600/30");
  pool.Reading(0, 0s);
  EXPECT_EQ(Play(*engine, pool), "0: needed");
}

TEST(Backlog, SettingsThatMakeNoSenseAreProblems) {
  const struct {
    Pool pool;
    const char* problems;
  } cases[] = {
      {Crunch(""), ""},
      {Crunch("").With("sensor", std::string("queu")),
       "sensor is \"queu\", which is no sensor of this EPU; did you mean queue?"},
      {Crunch("min_instances=3 max_instances=2"), "min_instances is 3, above max_instances 2"},
  };
  const auto engine = MakeBacklog();
  for (const auto& [pool, problems] : cases) EXPECT_EQ(ProblemsOf(*engine, pool), problems);
}

EngineCatalog Catalog() {
  EngineCatalog catalog = BuiltInEngines();
  catalog.push_back({"backlog", 1, "One worker for every few jobs.", BacklogKeys(), MakeBacklog()});
  return catalog;
}

TEST(Backlog, WorksInAReview) {
  Given given(Catalog());
  given.Pool("crunch", "backlog", "sensor=queue jobs_per_worker=10 max_instances=3");
  given.Reads("crunch", 15).Review("crunch");
  EXPECT_EQ(given.last(), "scaling 0>2 +2 -0: needed 15/2; request 1; request 2");
  given.Runs("crunch", 1).Runs("crunch", 2).Says("crunch", 1, Health::kProcessError);
  given.Review("crunch");
  EXPECT_EQ(given.last(), "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 3");
}

}  // namespace
}  // namespace epu
