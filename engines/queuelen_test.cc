#include "engines/queuelen.h"

#include <gtest/gtest.h>

#include "engines/scenario.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// Marks 100 and 10, readings at most 30s old, and what `settings` add.
Pool Crunch(std::string_view settings) {
  return Pool("crunch")
      .With(QueueLenKeys(), std::string("sensor=queue queuelen_high_water=100 "
                                        "queuelen_low_water=10 ")
                                .append(settings))
      .Sensor("queue");
}

struct Case {
  Pool pool;
  const char* outcome;
};

// Each outcome, and that every decision settles.
void Check(const std::vector<Case>& cases) {
  const auto engine = MakeQueueLen();
  for (const auto& [pool, outcome] : cases) {
    EXPECT_EQ(OutcomeOf(*engine, pool), outcome);
    EXPECT_TRUE(Settles(*engine, pool)) << outcome;
  }
}

TEST(QueueLen, AddsOneStrictlyAboveTheHighWaterMark) {
  Check({
      {Crunch("").Running(4).Reading(132, 0s), "5: high_water 132/100"},
      {Crunch("").Running(4).Reading(1e15, 0s), "5: high_water 1000000000000000/100"},
      {Crunch("").Running(4).Reading(101, 0s), "5: high_water 101/100"},
      {Crunch("").Running(4).Reading(100.5, 0s), "5: high_water 100.5/100"},
      {Crunch("").Running(4).Reading(100, 0s), "4"},
      {Crunch("").Running(4).Reading(50, 0s), "4"},
      {Crunch("").Running(4).Reading(50, 0s).InProgress(500), "4"},
      {Crunch("").With("queuelen_low_water", std::int64_t{100}).Running(4).Reading(100, 0s), "4"},
  });
}

TEST(QueueLen, EndsOneStrictlyBelowTheLowWaterMark) {
  Check({
      {Crunch("").Running(4).Reading(10, 0s), "4"},
      {Crunch("").Running(4).Reading(9.5, 0s), "3: low_water 9.5/10"},
      {Crunch("").Running(4).Reading(9, 0s), "3: low_water 9/10"},
      {Crunch("").Running(4).Reading(0, 0s), "3: low_water 0/10"},
      {Crunch("").Running(4).Reading(-1, 0s), "3: low_water -1/10"},
      {Crunch("").Running(1).Reading(0, 0s), "0: low_water 0/10"},
      {Crunch("").With("queuelen_low_water", std::int64_t{0}).Running(1).Reading(0, 0s), "1"},
  });
}

TEST(QueueLen, NeverEndsTheLastWorkerWhileWorkIsThere) {
  Check({
      {Crunch("").Running(1).Reading(1, 0s), "1: low_water 1/10, work_remains 1"},
      {Crunch("").Running(1).Reading(0.5, 0s), "1: low_water 0.5/10, work_remains 0.5"},
      {Crunch("").Running(2).Reading(1, 0s), "1: low_water 1/10"},
      {Crunch("").Running(1).Reading(0, 0s), "0: low_water 0/10"},
  });
}

TEST(QueueLen, NeverEndsTheLastWorkerWhileWorkIsInProgress) {
  Check({
      {Crunch("").Running(1).Reading(0, 0s).InProgress(2), "1: low_water 0/10, work_remains 2"},
      {Crunch("").Running(1).Reading(3, 0s).InProgress(2), "1: low_water 3/10, work_remains 5"},
      {Crunch("").Running(1).Reading(-5, 0s).InProgress(2), "1: low_water -5/10, work_remains 2"},
      {Crunch("").Running(1).Reading(3, 0s).InProgress(-9), "1: low_water 3/10, work_remains 3"},
      {Crunch("").Running(2).Reading(0, 0s).InProgress(2), "1: low_water 0/10"},
      {Crunch("").Running(1).Reading(0, 0s).InProgress(0), "0: low_water 0/10"},
  });
}

TEST(QueueLen, StartsTheFirstWorkerForAnyWork) {
  Check({
      {Crunch("").Reading(1, 0s), "1: first_worker 1"},
      {Crunch("").Reading(132, 0s), "1: first_worker 132"},
      {Crunch("").Undecided().Reading(1, 0s), "1: first_worker 1"},
      {Crunch("").Reading(0, 0s).InProgress(2), "1: first_worker 2"},
      {Crunch("").Ending(1).Reading(1, 0s), "1: first_worker 1"},
      {Crunch("").Reading(0, 0s), "0"},
      {Crunch("").Reading(-1, 0s), "0"},
      {Crunch("").Undecided().Reading(0, 0s), "0"},
      {Crunch("max_instances=0").Reading(1, 0s), "0: first_worker 1, max_instances 1"},
  });
}

TEST(QueueLen, KeepsTheMinimumWhateverTheReading) {
  Check({
      {Crunch("min_instances=3").Undecided(), "3: minimum 0/3"},
      {Crunch("min_instances=3").Running(1).Reading(0, 0s), "3: minimum 1/3"},
      {Crunch("min_instances=3").Running(1).Reading(132, 0s), "3: minimum 1/3"},
      {Crunch("min_instances=3").Running(1).Reading(132, 1h), "3: minimum 1/3"},
      {Crunch("min_instances=3").Running(1).Broken("exit 1"), "3: minimum 1/3"},
      {Crunch("min_instances=3").Pending(1).Reading(132, 0s), "3: minimum 1/3"},
      {Crunch("min_instances=3").Running(3).Reading(0, 0s), "3: low_water 0/10, minimum 2/3"},
      {Crunch("min_instances=1").Running(1).Reading(5, 0s), "1: low_water 5/10, minimum 0/1"},
      {Crunch("min_instances=3").Running(4).Reading(0, 0s), "3: low_water 0/10"},
      {Crunch("min_instances=3").Running(3).Reading(132, 0s), "4: high_water 132/100"},
  });
}

TEST(QueueLen, StopsAtTheMaximumAndGoesDownToALowerOne) {
  Check({
      {Crunch("max_instances=5").Running(4).Reading(132, 0s), "5: high_water 132/100"},
      {Crunch("max_instances=5").Running(5).Reading(132, 0s),
       "5: high_water 132/100, max_instances 6/5"},
      {Crunch("max_instances=5").Running(8).Reading(132, 0s), "5: max_instances 8/5"},
      {Crunch("max_instances=5").Running(8).Reading(0, 0s), "5: max_instances 8/5"},
      {Crunch("max_instances=5").Running(8), "5: max_instances 8/5"},
      {Crunch("max_instances=5").Running(2).Pending(6).Reading(50, 0s), "5: max_instances 8/5"},
      {Crunch("max_instances=0").Running(1).Reading(132, 0s), "0: max_instances 1"},
  });
}

TEST(QueueLen, HoldsWithoutAReadingThatCanBeUsed) {
  Check({
      {Crunch("").Undecided(), "0: reading_absent"},
      {Crunch("").Running(4), "4: reading_absent"},
      {Crunch("").Running(4).Absent(), "4: reading_absent"},
      {Crunch("").Running(4).Broken("exit 1"), "4: reading_broken"},
      {Crunch("").Broken("exit 1"), "0: reading_broken"},
      {Crunch("").Running(4).Reading(132, 30s), "5: high_water 132/100"},
      {Crunch("").Running(4).Reading(132, 30s + 500ms), "4: reading_old 30.5/30"},
      {Crunch("").Running(4).Reading(0, 4min), "4: reading_old 240/30"},
      {Crunch("").Reading(132, 4min), "0: reading_old 240/30"},
      {Crunch("reading_age_max=5m").Running(4).Reading(132, 4min), "5: high_water 132/100"},
      {Crunch("").Running(4).Reading(132, 0s).Broken("exit 1"), "4: reading_broken"},
      {Crunch("").Running(4).Broken("exit 1").Reading(132, 0s), "5: high_water 132/100"},
  });
}

TEST(QueueLen, ChangesOneAtATime) {
  Check({
      {Crunch("").Running(3).Pending(1).Reading(132, 0s), "4: pending 1"},
      {Crunch("").Pending(1).Reading(132, 0s), "1: pending 1"},
      {Crunch("").Running(3).Pending(2).Reading(0, 0s), "5: pending 2"},
      {Crunch("").Running(3).Pending(1).Reading(50, 0s), "4: pending 1"},
      {Crunch("").Running(3).Ending(1).Reading(132, 0s), "4: high_water 132/100"},
  });
}

TEST(QueueLen, WantsNoMoreWhileALimitCutsTheLastGrowth) {
  Check({
      {Crunch("").Running(3).Wanted(5).Reading(132, 0s), "5: pending 2"},
      {Crunch("max_instances=5").Running(3).Wanted(5).Reading(132, 0s), "5: pending 2"},
      {Crunch("").Running(3).Wanted(5).Reading(50, 0s), "5"},
  });
}

TEST(QueueLen, GivesUpFirstWhatItCouldNotGet) {
  Check({
      {Crunch("").Running(3).Wanted(5).Reading(0, 0s), "3: low_water 0/10"},
      {Crunch("").Wanted(5).Reading(0, 0s), "0: low_water 0/10"},
      {Crunch("").Wanted(5).Reading(1, 0s), "1: low_water 1/10"},
      {Crunch("").Wanted(1).Reading(1, 0s), "1: low_water 1/10, work_remains 1"},
      {Crunch("min_instances=4").Running(3).Wanted(5).Reading(0, 0s), "4: low_water 0/10"},
      {Crunch("min_instances=4").Running(3).Wanted(4).Reading(0, 0s),
       "4: low_water 0/10, minimum 3/4"},
  });
}

TEST(QueueLen, ChangesTheSizeOnceForEachReading) {
  Check({
      {Crunch("").Running(4).Decided().Reading(0, 0s), "3: low_water 0/10"},
      {Crunch("").Running(4).Reading(0, 0s).Decided(), "4: low_water 0/10, decided_on"},
      {Crunch("").Running(4).Ending(1).Reading(0, 0s).Decided(), "4: low_water 0/10, decided_on"},
      {Crunch("").Running(4).Ending(1).Decided().Reading(0, 0s), "3: low_water 0/10"},
      {Crunch("").Running(3).Wanted(5).Reading(0, 0s).Decided(), "5: low_water 0/10, decided_on"},
      {Crunch("").Running(4).Reading(132, 0s).Decided(), "4: high_water 132/100, decided_on"},
      {Crunch("").Running(4).Decided().Reading(132, 0s), "5: high_water 132/100"},
  });
}

TEST(QueueLen, ASensorThatIsNotThereIsAnError) {
  const Pool pool = Pool("crunch").With(
      QueueLenKeys(), "sensor=queue queuelen_high_water=100 queuelen_low_water=10 min_instances=1");
  const auto engine = MakeQueueLen();
  EXPECT_EQ(OutcomeOf(*engine, Pool(pool).Running(1)), "error: there is no sensor \"queue\"");
  EXPECT_EQ(OutcomeOf(*engine, pool), "1: minimum 0/1");
}

TEST(QueueLen, NamesTheReadingItWasMadeFrom) {
  const struct {
    Pool pool;
    bool named;
  } cases[] = {
      {Crunch("").Running(4).Reading(132, 0s), true},
      {Crunch("").Running(4).Reading(50, 0s), true},
      {Crunch("").Running(4).Reading(132, 1h), true},
      {Crunch("").Running(4).Absent(), true},
      {Crunch("").Running(4), false},
      {Crunch("min_instances=5").Running(4).Reading(132, 0s), false},
      {Crunch("max_instances=3").Running(4).Reading(132, 0s), false},
  };
  for (const auto& [pool, named] : cases) {
    const Epu epu = pool.Build();
    const absl::StatusOr<Decision> decision = MakeQueueLen()->Decide(epu, kScenarioNow);
    ASSERT_TRUE(decision.ok());
    std::vector<Sequence> inputs;
    if (named) inputs.push_back(FindSensor(epu, "queue")->latest.sequence);
    EXPECT_EQ(decision->inputs, inputs) << FormatDecision(*decision);
  }
}

TEST(QueueLen, EverySituationSettles) {
  const auto engine = MakeQueueLen();
  const auto settles_everywhere = [&](const Pool& pool) {
    for (const double queue : {-1.0, 0.0, 5.0, 10.0, 50.0, 100.0, 132.0}) {
      for (const double in_progress : {0.0, 2.0}) {
        const Pool now = Pool(pool).Reading(queue, 0s).InProgress(in_progress);
        EXPECT_TRUE(Settles(*engine, now)) << OutcomeOf(*engine, now);
      }
    }
    EXPECT_TRUE(Settles(*engine, pool));
  };
  for (const char* settings : {"", "min_instances=2", "max_instances=0", "max_instances=3",
                               "min_instances=3 max_instances=3"}) {
    for (std::uint32_t running = 0; running < 5; ++running) {
      for (std::uint32_t pending = 0; pending < 3; ++pending) {
        for (std::uint32_t cut = 0; cut < 3; ++cut) {
          settles_everywhere(
              Crunch(settings).Running(running).Pending(pending).Wanted(running + pending + cut));
        }
      }
    }
  }
}

TEST(QueueLen, KeysThatContradictEachOtherAreProblems) {
  const struct {
    Pool pool;
    const char* problems;
  } cases[] = {
      {Crunch(""), ""},
      {Crunch("min_instances=64"), ""},
      {Crunch("min_instances=9 max_instances=8"), "min_instances is 9, above max_instances 8"},
      {Crunch("").With("queuelen_low_water", std::int64_t{100}), ""},
      {Crunch("").With("queuelen_low_water", std::int64_t{120}),
       "queuelen_low_water is 120, above queuelen_high_water 100"},
      {Crunch("").With("sensor", std::string("queu")),
       "sensor is \"queu\", which is no sensor of this EPU; did you mean queue?"},
      {Crunch("").With("sensor", std::string()), "sensor is \"\", which is no sensor of this EPU"},
  };
  const auto engine = MakeQueueLen();
  for (const auto& [pool, problems] : cases) {
    EXPECT_EQ(ProblemsOf(*engine, pool), problems);
  }
}

}  // namespace
}  // namespace epu
