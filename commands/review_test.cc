#include "commands/review.h"

#include <gtest/gtest.h>

#include "commands/given.h"
#include "projections/pool.h"

namespace epu {
namespace {

using std::chrono::seconds;

Reconfigure Change(std::string_view pool, std::string_view key, Value value) {
  return {std::string(pool), {{std::string(key), std::move(value)}}};
}

// A pool of `size` running workers.
Given Running(std::uint32_t size, std::string_view settings = "") {
  Given given;
  given
      .Pool("web", "npreserving",
            "preserve_n=" + std::to_string(size) + " " + std::string(settings))
      .Review("web");
  for (std::uint32_t worker = 1; worker <= size; ++worker) given.Runs("web", worker);
  given.Later(seconds(60));
  return given;
}

// ---- The first decision, and repair ----

TEST(Review, FollowsTheDefinitionAtOnce) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=2");
  EXPECT_EQ(given.WouldReview("web"), "scaling 0>2 +2 -0: preserve_n 0/2; request 1; request 2");
}

TEST(Review, RecordsThatAPoolIsToBeEmpty) {
  Given given;
  given.Pool("web", "npreserving", "").Review("web");
  EXPECT_EQ(given.last(), "scaling 0>0 +0 -0: preserve_n 0");
  EXPECT_EQ(given.WouldReview("web"), "");
}

TEST(Review, ReplacesAnUnhealthyWorkerInTheSameRound) {
  Given given = Running(2);
  given.Says("web", 1, Health::kProcessError).Review("web");
  EXPECT_EQ(given.last(), "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 3");
  const auto& decision = std::get<DecisionMade>(given.last_payloads()[0]);
  EXPECT_EQ(decision.inputs.size(), 1u);
  EXPECT_EQ(decision.policy, given.pool("web").policy);
}

TEST(Review, TakesMissingMonitorErrorAndRunningFailedForUnhealthy) {
  Given given = Running(4);
  given.Says("web", 1, Health::kMissing).Says("web", 2, Health::kMonitorError);
  given.Reports("web", 3, WorkerState::kRunningFailed).Review("web");
  EXPECT_EQ(given.last(),
            "repair 4>4 +3 -3: unhealthy 3; 1 to TERMINATING UNHEALTHY; "
            "2 to TERMINATING UNHEALTHY; 3 to TERMINATING UNHEALTHY; "
            "request 5; request 6; request 7");
}

TEST(Review, DoesNotAskForHealthWhereThePoolIsNotMonitored) {
  Given given;
  EpuDefinition definition = DefinitionOf(given.catalog(), "web", "npreserving", "preserve_n=1");
  definition.health.monitor = false;
  given.Order(Apply{{}, {}, {definition}}).Review("web").Runs("web", 1);
  given.Says("web", 1, Health::kProcessError);
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Reports("web", 1, WorkerState::kRunningFailed);
  EXPECT_EQ(given.WouldReview("web"),
            "repair 1>1 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 2");
}

TEST(Review, ReplacesAWorkerThatWasKilledOrHasDisappeared) {
  Given given = Running(3);
  given.Order(Kill{{{"web", 2}}});
  given.Reports("web", 3, WorkerState::kFailed).Review("web");
  EXPECT_EQ(given.last(), "repair 1>3 +2 -0: lost 1/3; request 4; request 5");
}

TEST(Review, RepairsWhileTheEngineHolds) {
  Given given;
  given.Pool("crunch", "queuelen", "sensor=queue queuelen_high_water=9 queuelen_low_water=2")
      .Reads("crunch", 5)
      .Review("crunch")
      .Runs("crunch", 1)
      .Later(seconds(3600))  // The reading is long too old.
      .Reports("crunch", 1, WorkerState::kFailed)
      .Review("crunch");
  EXPECT_EQ(given.last(), "repair 0>1 +1 -0: lost 0/1; request 2");
}

// ---- Victims ----

TEST(Review, GivesUpWhoDoesNotRunYetThenTheYoungest) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=4").Review("web");
  given.Runs("web", 2).Runs("web", 3).Runs("web", 4);
  given.Order(Change("web", "preserve_n", std::int64_t{1})).Review("web");
  EXPECT_EQ(given.last(),
            "scaling 4>1 +0 -3: preserve_n 4/1; 1 to TERMINATING RETIRED; "
            "4 to TERMINATING RETIRED; 3 to TERMINATING RETIRED");
}

TEST(Review, EndsAllWorkersOfAPoolOfNobody) {
  Given given = Running(2);
  given.Order(Change("web", "preserve_n", std::int64_t{0})).Review("web");
  EXPECT_EQ(given.last(),
            "scaling 2>0 +0 -2: preserve_n 2; 2 to TERMINATING RETIRED; 1 to TERMINATING RETIRED");
}

// ---- Unique instances ----

std::vector<UniqueInstance> Uniques(std::initializer_list<std::string> keys) {
  std::vector<UniqueInstance> uniques;
  for (const std::string& key : keys) uniques.push_back({key, {{"ROLE", key}}});
  return uniques;
}

Given WithUniques(std::uint32_t size, std::initializer_list<std::string> keys) {
  Given given;
  EpuDefinition definition =
      DefinitionOf(given.catalog(), "web", "npreserving", "preserve_n=" + std::to_string(size));
  definition.settings.push_back({"unique_instances", Uniques(keys)});
  given.Order(Apply{{}, {}, {definition}}).Review("web");
  return given;
}

TEST(Review, LaunchesUniqueInstancesUnderTheirKeysAmongTheOthers) {
  const Given given = WithUniques(3, {"leader", "backup"});
  EXPECT_EQ(given.last(),
            "scaling 0>3 +3 -0: preserve_n 0/3, uniques 0/2; "
            "request 1 as leader; request 2 as backup; request 3");
}

TEST(Review, ReplacesAUniqueInstanceUnderItsKey) {
  Given given = WithUniques(2, {"leader"});
  given.Runs("web", 1).Runs("web", 2).Later(seconds(60)).Says("web", 1, Health::kMissing);
  given.Review("web");
  EXPECT_EQ(given.last(),
            "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 3 as leader");
}

TEST(Review, EndsAUniqueInstanceWhoseKeyIsNoLongerConfigured) {
  Given given = WithUniques(2, {"leader"});
  given.Order(Change("web", "unique_instances", Uniques({"other"}))).Review("web");
  EXPECT_EQ(given.last(),
            "scaling 2>2 +1 -1: preserve_n 2/2, uniques 0/1; 1 to TERMINATING RETIRED; "
            "request 3 as other");
}

TEST(Review, ChangedVariablesWaitForTheNextReplacement) {
  Given given = WithUniques(1, {"leader"});
  const std::vector<UniqueInstance> changed = {{"leader", {{"ROLE", "chief"}}}};
  given.Order(Change("web", "unique_instances", changed));
  EXPECT_EQ(given.WouldReview("web"), "");
}

TEST(Review, NewUniqueInstancesTakeThePlaceOfOthers) {
  Given given = Running(2);
  given.Order(Change("web", "unique_instances", Uniques({"leader"}))).Review("web");
  EXPECT_EQ(given.last(),
            "scaling 2>2 +1 -1: preserve_n 2/2, uniques 0/1; 2 to TERMINATING RETIRED; "
            "request 3 as leader");
}

TEST(Review, ARepairLaunchesNoMoreThanWereLost) {
  Given given = Running(3);
  given.Order(Change("web", "unique_instances", Uniques({"a", "b"})));
  given.Says("web", 1, Health::kProcessError).Review("web");
  EXPECT_EQ(given.last(),
            "repair 3>3 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 4 as a; "
            "scaling 3>3 +1 -1: preserve_n 3/3, uniques 1/2; 3 to TERMINATING RETIRED; "
            "request 5 as b");
}

// ---- Removal ----

TEST(Review, DrainsAPoolThatIsBeingRemovedThenForgetsIt) {
  Given given = Running(2);
  given.Order(Remove{"web"}).Review("web");
  EXPECT_EQ(given.last(), "2 to TERMINATING REMOVED; 1 to TERMINATING REMOVED");
  given.Gone("web", 1);
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Gone("web", 2).Review("web");
  EXPECT_EQ(given.last(), "removed");
  EXPECT_EQ(FindEpu(given.state(), "web"), nullptr);
}

TEST(Review, ARemovalIsCancelledByDefiningThePoolAgain) {
  Given given = Running(2);
  given.Order(Remove{"web"}).Review("web").Pool("web", "npreserving", "preserve_n=1");
  EXPECT_EQ(given.WouldReview("web"),
            "repair 0>2 +2 -0: lost 0/2; request 3; request 4; "
            "scaling 2>1 +0 -1: preserve_n 2/1; 4 to TERMINATING RETIRED");
}

// ---- Development mode ----

TEST(Review, CompensatesNothingInDevelopmentModeUntilConfiguredAgain) {
  Given given = Running(3, "devmode_no_failure_compensation=true");
  given.Says("web", 2, Health::kProcessError).Review("web");
  EXPECT_EQ(given.last(), "devmode failed 2");
  EXPECT_EQ(PoolStateOf(given.pool("web")), PoolState::kDevModeFailed);

  given.Reports("web", 1, WorkerState::kFailed).Says("web", 2, Health::kOk);
  EXPECT_EQ(given.WouldReview("web"), "");

  given.Order(Change("web", "max_instances", std::int64_t{9})).Review("web");
  EXPECT_EQ(given.last(), "repair 2>3 +1 -0: lost 2/3; request 4");
}

TEST(Review, ReplacesWhatWasKilledInDevelopmentMode) {
  Given given = Running(1, "devmode_no_failure_compensation=true");
  given.Order(Kill{{{"web", 1}}});
  EXPECT_EQ(given.WouldReview("web"), "repair 0>1 +1 -0: lost 0/1; request 2");
}

TEST(Review, ForgetsFailuresFromBeforeDevelopmentMode) {
  Given given = Running(1);
  given.Reports("web", 1, WorkerState::kFailed);
  given.Order(Change("web", "devmode_no_failure_compensation", true));
  EXPECT_EQ(given.WouldReview("web"), "repair 0>1 +1 -0: lost 0/1; request 2");
}

// ---- Sizes of a review ----

TEST(Review, GoesOnInTheNextReviewWhereThereIsTooMuchForOne) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=5000 max_instances=10000").Review("web");
  EXPECT_EQ(given.last_payloads().size(), 1 + kReviewChangesMax);
  EXPECT_EQ(given.Lines({given.last_payloads()[0]}),
            "scaling 0>5000 +4000 -0: preserve_n 0/5000, review_max 5000/4000");
  given.Review("web");
  EXPECT_EQ(given.Lines({given.last_payloads()[0]}), "repair 4000>5000 +1000 -0: lost 4000/5000");
  EXPECT_EQ(given.WouldReview("web"), "");

  for (std::uint32_t worker = 1; worker <= 5000; ++worker) {  // Together: one failure.
    given.Says("web", worker, Health::kProcessError);
  }
  given.Review("web");  // As many ends as one review has room for leave none for replacements.
  EXPECT_EQ(given.last_payloads().size(), 1 + kReviewChangesMax);
  EXPECT_LE(given.last_payloads().size(), kEventsPerCommandMax);
  EXPECT_EQ(
      given.Lines({given.last_payloads()[0]}),
      "repair 5000>5000 +0 -4000: unhealthy 5000, review_max 5000/4000, review_max 5000/4000");
  EXPECT_EQ(std::get<DecisionMade>(given.last_payloads()[0]).inputs.size(), 4000u);

  given.Order(Remove{"web"}).Review("web");
  EXPECT_EQ(given.last_payloads().size(), 1000u);
}

}  // namespace
}  // namespace epu
