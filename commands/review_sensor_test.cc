#include <gtest/gtest.h>

#include "commands/given.h"

// The engine sensor within reviews: what its cool-down holds, and what it does not.

namespace epu {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Two workers that run and are long past the cool-down, under a high load.
Given Loaded() {
  Given given;
  given
      .Pool("fleet", "sensor",
            "metric=load scale_up_threshold=0.8 scale_down_threshold=0.2 min_instances=2 "
            "cooldown_period=5m")
      .Review("fleet")
      .Runs("fleet", 1)
      .Runs("fleet", 2)
      .Later(minutes(5))
      .Measures("fleet", 1, "load", 1.0)
      .Measures("fleet", 2, "load", 0.75);
  return given;
}

TEST(ReviewSensor, TheAverageDrivesADecisionThatNamesTheReports) {
  Given given = Loaded();
  const Sequence reported = given.state().head;
  given.Review("fleet");
  EXPECT_EQ(given.last(), "scaling 2>3 +1 -0: above_threshold 0.875/0.8; request 3");
  const auto& decision = std::get<DecisionMade>(given.last_payloads().front());
  EXPECT_EQ(decision.inputs, (std::vector<Sequence>{reported, reported - 1}));
}

TEST(ReviewSensor, ACoolDownHoldsScalingAndNeverRepair) {
  Given given = Loaded();
  given.Review("fleet").Runs("fleet", 3).Later(seconds(60));
  for (std::uint32_t worker = 1; worker <= 3; ++worker) {
    given.Measures("fleet", worker, "load", 1.0);
  }
  EXPECT_EQ(given.WouldReview("fleet"), "") << "cooling down";
  given.Says("fleet", 1, Health::kProcessError).Review("fleet");
  EXPECT_EQ(given.last(), "repair 3>3 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 4");
  given.Runs("fleet", 4).Gone("fleet", 2).Review("fleet");
  EXPECT_EQ(given.last(), "repair 2>3 +1 -0: lost 2/3; request 5");
  given.Runs("fleet", 5).Measures("fleet", 5, "load", 1.0);
  EXPECT_EQ(given.WouldReview("fleet"), "") << "repair is no reason to cool down less";
}

TEST(ReviewSensor, RepairBeginsNoCoolDown) {
  Given given = Loaded();
  given.Says("fleet", 1, Health::kProcessError).Review("fleet");
  EXPECT_EQ(given.last(), "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 3");
  given.Runs("fleet", 3).Measures("fleet", 3, "load", 1.0).Review("fleet");
  EXPECT_EQ(given.last(), "scaling 2>3 +1 -0: above_threshold 0.875/0.8; request 4");
}

TEST(ReviewSensor, ANewMinimumWaitsForNoCoolDown) {
  Given given = Loaded();
  given.Review("fleet").Order(Reconfigure{"fleet", {{"min_instances", std::int64_t{5}}}});
  EXPECT_EQ(given.WouldReview("fleet"), "scaling 3>5 +2 -0: minimum 3/5; request 4; request 5");
}

}  // namespace
}  // namespace epu
