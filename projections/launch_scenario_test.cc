#include "projections/launch_scenario.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr EpuNumber kPool{3};
constexpr SensorNumber kQueue{192};

// A pool whose scenario is followed; times are from its beginning.
class Story {
 public:
  explicit Story(LaunchScenario scenario) : scenario_(std::move(scenario)) {
    pool_.number = kPool;
    pool_.sensors[kQueue];
    watch_.emplace(scenario_, pool_, kQueue, Time{});
  }

  Story& Begins(std::size_t step, Duration at) {
    watch_->Begin(step, Time(at), pool_);
    return *this;
  }
  Story& Does(std::size_t step, Duration from, Duration to) {
    watch_->Begin(step, Time(from), pool_);
    watch_->End(step, Time(to), "done");
    return *this;
  }
  Story& FailsAt(std::size_t step, Duration at) {
    watch_->Begin(step, Time(at), pool_);
    watch_->Fail(step, Time(at), "exit 1");
    return *this;
  }
  Story& Runs(Duration at, std::uint32_t workers) {
    pool_.workers.clear();
    for (std::uint32_t number = 1; number <= workers; ++number) {
      Worker& worker = pool_.workers[WorkerNumber{number}];
      worker.number = WorkerNumber{number};
      worker.state = WorkerState::kRunning;
    }
    return Happens(at, WorkerRequested{kPool, WorkerNumber{workers}, {}, {}, "", 0});
  }
  Story& Reads(Duration at, Measure waiting, std::optional<double> in_progress = std::nullopt,
               Duration age = 0s) {
    Reading& latest = pool_.sensors[kQueue].latest;
    latest = {latest.sequence + 1, Time(at), age, waiting, in_progress, "test"};
    return Happens(at, ReadingTaken{kPool, kQueue, waiting, in_progress, age, "test"});
  }
  Story& PassesTo(Duration at) {
    watch_->PassTo(Time(at));
    return *this;
  }
  bool IsWaiting() const { return watch_->IsWaiting(); }

  // "held 3s: 2 running, queue 0" of one step; with when it was decided.
  std::string Tells(std::size_t step, Duration end) const {
    const StepOutcome outcome = watch_->Finish(Time(end)).steps[step];
    constexpr const char* kWords[] = {"undecided", "done", "left out", "failed", "held", "missed"};
    std::string text = kWords[static_cast<std::size_t>(outcome.verdict)];
    if (!outcome.ended) return text;
    return text + " " + FormatDuration(outcome.ended->time_since_epoch()) + ": " + outcome.said;
  }
  ScenarioOutcome Finish(Duration end) const { return watch_->Finish(Time(end)); }

 private:
  Story& Happens(Duration at, Payload payload) {
    Event event;
    event.time = Time(at);
    event.payload = std::move(payload);
    watch_->Take(event, pool_);
    return *this;
  }

  LaunchScenario scenario_;
  Epu pool_;
  std::optional<ScenarioWatch> watch_;
};

LaunchScenario Expecting(const PoolExpectation& expected) {
  LaunchScenario scenario;
  scenario.pool = "crunch";
  scenario.steps = {{0s, SubmitJobs{5, 1s, "first"}}, {10s, expected}};
  return scenario;
}

TEST(LaunchScenario, WorkersThatRunAreThoseExpected) {
  const struct {
    PoolExpectation expected;
    std::uint32_t at_15s;
    std::string told;
  } cases[] = {
      {{.running_at_least = 2, .within = 10s}, 2, "held 15s: 2 running"},
      {{.running_at_least = 2, .within = 5s}, 3, "held 15s: 3 running"},  // Not after it: at it.
      {{.running_at_least = 2, .within = 10s}, 1, "missed 20s: 1 running"},
      {{.running_at_least = 2, .within = 4s}, 2, "missed 14s: 0 running"},
      {{.running_at_least = 2}, 2, "missed 10s: 0 running"},
      {{.running_at_most = 0}, 2, "held 10s: 0 running"},
      {{.running_at_least = 1, .running_at_most = 2, .within = 10s}, 2, "held 15s: 2 running"},
      {{.running_at_least = 1, .running_at_most = 2, .within = 10s}, 3, "missed 20s: 3 running"},
  };
  for (const auto& given : cases) {
    Story story(Expecting(given.expected));
    story.Does(0, 0s, 1s).Begins(1, 10s).Runs(15s, given.at_15s).PassesTo(30s);
    EXPECT_EQ(story.Tells(1, 30s), given.told);
    EXPECT_FALSE(story.IsWaiting());
  }
}

TEST(LaunchScenario, AReadingCountsThatWasTakenAfterAllThatWasDone) {
  const struct {
    Duration read;
    Duration age;
    Measure value;
    std::string told;
  } cases[] = {
      {12s, 0s, 3.0, "held 12s: 0 running, queue 3"},
      {12s, 0s, 4.0, "missed 40s: 0 running, queue 4"},
      {12s, 4s, 3.0, "held 12s: 0 running, queue 3"},    // Taken behind it, at 8 s.
      {12s, 5s, 3.0, "missed 40s: 0 running, queue 3"},  // As the jobs were in, at 7 s:
      {12s, 6s, 3.0, "missed 40s: 0 running, queue 3"},  // it may be older than they are.
      {12s, 0s, Absent{}, "missed 40s: 0 running, queue not read"},
      {12s, 0s, Broken{"no broker"}, "missed 40s: 0 running, queue not read"},
  };
  for (const auto& given : cases) {
    Story story(Expecting({.queue_at_most = 3, .within = 30s}));
    story.Reads(5s, 0.0).Does(0, 0s, 7s).Begins(1, 10s);
    story.Reads(given.read, given.value, std::nullopt, given.age).PassesTo(1min);
    EXPECT_EQ(story.Tells(1, 1min), given.told);
  }
}

TEST(LaunchScenario, WorkIsDoneWhenTwoReadingsInARowTellOfNone) {
  using Told = std::pair<double, std::optional<double>>;  // Waiting, in progress; at 11 s, 12 s, …
  const struct {
    std::vector<Told> readings;
    std::string told;
  } cases[] = {
      {{{0, {}}, {0, {}}}, "held 12s: 0 running, queue 0, in progress not told"},
      {{{0, {}}}, "undecided"},
      {{{0, {}}, {4, {}}, {0, {}}, {0, {}}}, "held 14s: 0 running, queue 0, in progress not told"},
      {{{0, 2}, {0, 2}}, "undecided"},
      {{{0, 2}, {0, 0}, {0, 0}}, "held 13s: 0 running, queue 0, 0 in progress"},
  };
  for (const auto& given : cases) {
    Story story(Expecting({.jobs_done = true, .within = 1min}));
    story.Reads(0s, 0.0).Does(0, 1s, 7s).Begins(1, 10s);
    Duration at = 11s;
    for (const auto& [waiting, in_progress] : given.readings) {
      story.Reads(at, waiting, in_progress);
      at += 1s;
    }
    EXPECT_EQ(story.Tells(1, 20s), given.told);
  }
}

TEST(LaunchScenario, AReadingIsCountedOnceHoweverMuchElseHappens) {
  Story story(Expecting({.jobs_done = true, .within = 1min}));
  story.Does(0, 0s, 1s).Begins(1, 10s).Reads(11s, 0.0).Runs(12s, 1).Runs(13s, 2);
  EXPECT_TRUE(story.IsWaiting());
  story.Reads(14s, 0.0);
  EXPECT_FALSE(story.IsWaiting());
}

TEST(LaunchScenario, HoldsWhenEverythingWasDoneAndCameAbout) {
  const LaunchScenario scenario = Expecting({.running_at_least = 1, .within = 10s});
  Story held(scenario);
  held.Does(0, 0s, 1s).Begins(1, 10s).Runs(11s, 1);
  EXPECT_TRUE(held.Finish(12s).Held());

  Story failed(scenario);
  failed.FailsAt(0, 0s).Begins(1, 10s).Runs(11s, 1);
  EXPECT_EQ(failed.Tells(0, 12s), "failed 0s: exit 1");
  EXPECT_FALSE(failed.Finish(12s).Held());

  Story missed(scenario);
  missed.Does(0, 0s, 1s).Begins(1, 10s);
  EXPECT_FALSE(missed.Finish(30s).Held());

  Story interrupted(scenario);
  interrupted.Does(0, 0s, 1s);
  EXPECT_FALSE(interrupted.Finish(5s).Held());
  EXPECT_EQ(interrupted.Tells(1, 5s), "undecided");

  LaunchScenario throughout = scenario;
  throughout.throughout.never_above = 0;
  Story above(throughout);
  above.Does(0, 0s, 1s).Begins(1, 10s).Runs(11s, 1);
  const ScenarioOutcome outcome = above.Finish(12s);
  EXPECT_FALSE(outcome.Held());
  ASSERT_TRUE(outcome.breach);
  EXPECT_EQ(outcome.breach->time, Time(11s));
}

TEST(LaunchScenario, AnEventThatIsTakenLateCountsAsIfItCameNow) {
  Story story(Expecting({.running_at_least = 1, .within = 10s}));
  story.Does(0, 2s, 3s).Begins(1, 10s).Runs(9s, 1);
  EXPECT_EQ(story.Tells(1, 30s), "held 10s: 1 running");
  EXPECT_EQ(story.Finish(30s).pool.sizes.back().time, Time(10s));
}

TEST(LaunchScenario, WhatIsExpectedThroughoutIsExpectedAtTheBeginningToo) {
  LaunchScenario scenario = Expecting({.running_at_most = 9, .within = 10s});
  scenario.throughout.never_above = 1;
  Epu pool;
  pool.number = kPool;
  for (const WorkerNumber number : {WorkerNumber{1}, WorkerNumber{2}}) {
    pool.workers[number].number = number;
  }
  EXPECT_TRUE(ScenarioWatch(scenario, pool, kQueue, Time{}).Finish(Time(1s)).breach);
}

TEST(LaunchScenario, TheOutcomeHasThePoolAsItWent) {
  Story story(Expecting({.running_at_least = 1, .within = 10s}));
  story.Does(0, 0s, 1s).Reads(2s, 5.0).Runs(3s, 1).Reads(4s, 2.0);
  const ScenarioOutcome outcome = story.Finish(6s);
  EXPECT_EQ(outcome.begin, Time{});
  EXPECT_EQ(outcome.end, Time(6s));
  EXPECT_EQ(outcome.pool.peak, 5);
  EXPECT_EQ(outcome.pool.launches, 1u);
  EXPECT_EQ(outcome.pool.worker_time, 3s);
}

}  // namespace
}  // namespace epu
