#include <gtest/gtest.h>

#include "commands/given.h"
#include "projections/pool.h"

// What a paused pool does, and what it does not.

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Reconfigure Resize(std::int64_t size) { return {"web", {{"preserve_n", size}}}; }

PauseScaling Out() { return {"web", true, false, {}}; }
PauseScaling In() { return {"web", false, true, {}}; }
PauseScaling Both() { return {"web", true, true, {}}; }

// A pool "web" of running workers.
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

// "web" with one worker and the unique instances `keys` in this order.
EpuDefinition WithUniques(const Given& given, const std::vector<std::string>& keys) {
  EpuDefinition web = DefinitionOf(given.catalog(), "web", "npreserving", "preserve_n=2");
  std::vector<UniqueInstance> uniques;
  for (const std::string& key : keys) uniques.push_back({key, {}});
  web.settings.push_back({"unique_instances", uniques});
  return web;
}

// ---- Which way is held ----

TEST(ReviewPause, HoldsTheWayThatIsPausedAndRecordsItOnce) {
  const struct {
    PauseScaling pause;
    std::int64_t wanted;  // Of a pool of two.
    std::string review;
  } cases[] = {
      {Out(), 4, "scaling 2>2 +0 -0: preserve_n 2/4, paused 4/2"},
      {In(), 4, "scaling 2>4 +2 -0: preserve_n 2/4; request 3; request 4"},
      {Both(), 4, "scaling 2>2 +0 -0: preserve_n 2/4, paused 4/2"},
      {Out(), 1, "scaling 2>1 +0 -1: preserve_n 2/1; 2 to TERMINATING RETIRED"},
      {In(), 1, "scaling 2>2 +0 -0: preserve_n 2/1, paused 1/2"},
      {Both(), 1, "scaling 2>2 +0 -0: preserve_n 2/1, paused 1/2"},
      {Both(), 2, ""},
  };
  for (const auto& [pause, wanted, review] : cases) {
    Given given = Running(2);
    given.Order(pause);
    if (wanted != 2) given.Order(Resize(wanted));
    EXPECT_EQ(given.WouldReview("web"), review);
    given.Review("web");
    EXPECT_EQ(given.WouldReview("web"), "") << "after " << review;
    EXPECT_EQ(given.Later(minutes(5)).WouldReview("web"), "") << "after " << review;
  }
}

TEST(ReviewPause, APoolPausedBeforeItsFirstDecisionStaysEmpty) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=2").Order(Out()).Review("web");
  EXPECT_EQ(given.last(), "scaling 0>0 +0 -0: preserve_n 0/2, paused 2");
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Order(ResumeScaling{"web", true, true});
  EXPECT_EQ(given.WouldReview("web"), "scaling 0>2 +2 -0: preserve_n 0/2; request 1; request 2");
}

TEST(ReviewPause, HoldsAnExchangeOfUniqueInstancesEitherWay) {
  for (const PauseScaling& pause : {Out(), In(), Both()}) {
    Given given;
    given.Order(Apply{{}, {}, {WithUniques(given, {"a", "b"})}}).Review("web");
    given.Runs("web", 1).Runs("web", 2).Order(pause);
    given.Order(Apply{{}, {}, {WithUniques(given, {"b", "c"})}}).Review("web");
    EXPECT_EQ(given.last(), "scaling 2>2 +0 -0: preserve_n 2/2, uniques 1/2, paused 2/2");
    EXPECT_EQ(given.WouldReview("web"), "");
    given.Order(ResumeScaling{"web", true, true});
    EXPECT_EQ(given.WouldReview("web"),
              "scaling 2>2 +1 -1: preserve_n 2/2, uniques 1/2; 1 to TERMINATING RETIRED; "
              "request 3 as c");
  }
}

TEST(ReviewPause, PausedInAPoolMayGrowBesideAnInstanceItNoLongerWants) {
  Given given;
  given.Order(Apply{{}, {}, {WithUniques(given, {"a"})}}).Review("web");
  given.Runs("web", 1).Runs("web", 2).Order(In());
  EpuDefinition larger = WithUniques(given, {"c"});
  larger.settings[0].value = std::int64_t{4};
  given.Order(Apply{{}, {}, {larger}}).Review("web");
  EXPECT_EQ(given.last(),
            "scaling 2>4 +2 -0: preserve_n 2/4, uniques 0/1, paused 4/4; request 3 as c; "
            "request 4");
  EXPECT_EQ(given.WouldReview("web"), "");
}

// ---- What goes on ----

TEST(ReviewPause, RepairGoesOn) {
  Given given = Running(2);
  given.Order(Both()).Says("web", 1, Health::kProcessError).Review("web");
  EXPECT_EQ(given.last(), "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 3");
  given.Order(Kill{{{"web", 2}}}).Review("web");
  EXPECT_EQ(given.last(), "repair 1>2 +1 -0: lost 1/2; request 4");
}

TEST(ReviewPause, RepairKeepsTheSizeThatWasHeld) {
  Given given = Running(3);
  given.Order(In()).Order(Resize(1)).Review("web");
  given.Says("web", 1, Health::kProcessError).Review("web");
  EXPECT_EQ(given.last(), "repair 3>3 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 4");
  EXPECT_EQ(given.WouldReview("web"), "");
}

TEST(ReviewPause, RemovalGoesOn) {
  Given given = Running(1);
  given.Order(Both()).Order(Remove{"web"}).Review("web");
  EXPECT_EQ(given.last(), "1 to TERMINATING REMOVED");
  given.Gone("web", 1).Review("web");
  given.Pool("web", "npreserving", "preserve_n=1").Review("web");
  EXPECT_EQ(given.last(), "scaling 0>1 +1 -0: preserve_n 0/1; request 2");  // A pool anew is free.
}

// ---- Until when ----

TEST(ReviewPause, LetsGoByItselfWhenItsTimeIsOver) {
  Given given = Running(2);
  given.Order(PauseScaling{"web", true, true, Duration(hours(2))}).Order(Resize(3)).Review("web");
  EXPECT_EQ(given.last(), "scaling 2>2 +0 -0: preserve_n 2/3, paused 3/2 until +2h1m");
  given.Later(hours(2) - seconds(1));
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Later(seconds(1));
  EXPECT_EQ(given.WouldReview("web"), "scaling 2>3 +1 -0: preserve_n 2/3; request 3");
}

TEST(ReviewPause, HoldsWhateverTheNewPolicyWantsAndRecordsThatToo) {
  Given given = Running(2);
  given.Order(Out()).Order(Resize(3)).Review("web");
  given.Order(Resize(4)).Review("web");
  EXPECT_EQ(given.last(), "scaling 2>2 +0 -0: preserve_n 2/4, paused 4/2");
  EXPECT_EQ(given.WouldReview("web"), "");
}

// ---- What is known of it ----

TEST(ReviewPause, TheReadingThatWasHeldDrivesTheChangeOnceScalingIsFree) {
  Given given;
  given.Pool("crunch", "queuelen",
             "sensor=queue queuelen_high_water=100 queuelen_low_water=10 min_instances=1");
  given.Review("crunch").Runs("crunch", 1).Later(seconds(10));
  given.Order(PauseScaling{"crunch", true, false, {}});
  const Sequence decision = given.pool("crunch").decision;
  given.Reads("crunch", 132).Review("crunch");
  EXPECT_EQ(given.last(), "scaling 1>1 +0 -0: high_water 132/100, paused 2/1");
  EXPECT_EQ(given.pool("crunch").decision, decision) << "nothing was changed";
  EXPECT_GT(given.pool("crunch").paused_out->decision, decision);
  given.Order(ResumeScaling{"crunch", true, false}).Review("crunch");
  EXPECT_EQ(given.last(), "scaling 1>2 +1 -0: high_water 132/100; request 2");
}

}  // namespace
}  // namespace epu
