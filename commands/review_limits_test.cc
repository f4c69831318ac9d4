#include <gtest/gtest.h>

#include "commands/given.h"

// What holds a review back: limits, back-off, a switch, an engine that fails.

namespace epu {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Given Requested(std::string_view settings) {
  Given given;
  given.Pool("web", "npreserving", settings).Review("web");
  return given;
}

Given Running(std::uint32_t size, std::string_view settings) {
  Given given = Requested(settings);
  for (std::uint32_t worker = 1; worker <= size; ++worker) given.Runs("web", worker);
  given.Later(seconds(60));
  return given;
}

Apply Limits(std::uint32_t of_run, std::uint32_t of_site) {
  return {of_run, {{"here", "process", of_site, ""}}, {}};
}

// ---- The three limits ----

TEST(ReviewLimits, AReplacementWaitsAtTheMaximumUntilTheMachineIsGone) {
  Given given = Running(2, "preserve_n=2 max_instances=2");
  given.Says("web", 1, Health::kProcessError).Review("web");
  EXPECT_EQ(given.last(),
            "repair 2>2 +0 -1: unhealthy 1, max_instances 3/2; 1 to TERMINATING UNHEALTHY");
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Reports("web", 1, WorkerState::kTerminated);
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Gone("web", 1).Review("web");
  EXPECT_EQ(given.last(), "repair 1>2 +1 -0: lost 1/2; request 3");
}

TEST(ReviewLimits, AreRecordedWithWhatWasWanted) {
  const struct {
    std::uint32_t of_run, of_site;
    std::string decision;
  } cases[] = {
      {9, 9, "scaling 0>5 +5 -0: preserve_n 0/5"},
      {9, 3, "scaling 0>5 +3 -0: preserve_n 0/5, site_max_workers 5/3"},
      {2, 9, "scaling 0>5 +2 -0: preserve_n 0/5, run_max_workers 5/2"},
      {1, 3, "scaling 0>5 +1 -0: preserve_n 0/5, site_max_workers 5/3, run_max_workers 3/1"},
  };
  for (const auto& [of_run, of_site, decision] : cases) {
    Given given;
    given.Order(Limits(of_run, of_site)).Pool("web", "npreserving", "preserve_n=5").Review("web");
    EXPECT_EQ(given.Lines({given.last_payloads()[0]}), decision);
    EXPECT_EQ(given.WouldReview("web"), "");
  }
}

TEST(ReviewLimits, CountRequestsInFlightOfEveryPool) {
  Given given;
  given.Order(Limits(3, 9)).Pool("a", "npreserving", "preserve_n=2").Review("a");
  given.Pool("b", "npreserving", "preserve_n=2").Review("b");
  EXPECT_EQ(given.last(), "scaling 0>2 +1 -0: preserve_n 0/2, run_max_workers 4/3; request 1");
}

TEST(ReviewLimits, LaunchTheRestWhenThereIsRoom) {
  Given given;
  given.Order(Limits(1, 9)).Pool("web", "npreserving", "preserve_n=3").Review("web");
  given.Order(Limits(2, 9)).Review("web");
  EXPECT_EQ(given.last(), "repair 1>3 +1 -0: lost 1/3, run_max_workers 3/2; request 2");
}

TEST(ReviewLimits, EndNobodyWhenTheyAreLowered) {
  Given given = Running(3, "preserve_n=3");
  given.Order(Limits(1, 1));
  EXPECT_EQ(given.WouldReview("web"), "");
}

// ---- Launching switched off ----

TEST(ReviewLimits, NothingIsLaunchedWhileDisabledAndRetirementsGoOn) {
  for (const std::string site : {"", "here"}) {
    Given given = Running(2, "preserve_n=2");
    given.Order(SwitchLaunching{site, false});
    given.Says("web", 1, Health::kMissing).Review("web");
    EXPECT_EQ(given.last(), site.empty() ? "repair 2>2 +0 -1: unhealthy 1, disabled 1; "
                                           "1 to TERMINATING UNHEALTHY"
                                         : "repair 2>2 +0 -1: unhealthy 1, site_disabled 1; "
                                           "1 to TERMINATING UNHEALTHY");
    EXPECT_EQ(given.WouldReview("web"), "");
    given.Order(SwitchLaunching{site, true});
    EXPECT_EQ(given.WouldReview("web"), "repair 1>2 +1 -0: lost 1/2; request 3");
  }
}

// ---- A launch that is cut to nothing ----

TEST(ReviewLimits, ALaunchCutToNothingIsSaidOnceUntilTheHoldIsAnother) {
  Given given = Running(2, "preserve_n=2");
  given.Order(SwitchLaunching{"here", false}).Fails("web", 1).Review("web");
  EXPECT_EQ(given.last(), "repair 1>2 +0 -0: lost 1/2, site_disabled 1");
  given.Later(minutes(10)).Review("web");
  EXPECT_EQ(given.last(), "") << "the same hold";
  given.Order(SwitchLaunching{"", false}).Review("web");
  EXPECT_EQ(given.last(), "repair 1>2 +0 -0: lost 1/2, disabled 1") << "another hold";
  given.Order(Reconfigure{"web", {{"max_instances", std::int64_t{7}}}}).Review("web");
  EXPECT_EQ(given.last(), "repair 1>2 +0 -0: lost 1/2, disabled 1") << "another policy";
  given.Order(SwitchLaunching{"", true}).Order(SwitchLaunching{"here", true}).Review("web");
  EXPECT_EQ(given.last(), "repair 1>2 +1 -0: lost 1/2; request 3");
}

TEST(ReviewLimits, ALimitThatCutsIsSaidAgainWhenItIsChanged) {
  Given given;
  given.Order(Limits(9, 1)).Pool("a", "npreserving", "preserve_n=1").Review("a");
  given.Pool("b", "npreserving", "preserve_n=3").Review("b");
  EXPECT_EQ(given.last(), "scaling 0>3 +0 -0: preserve_n 0/3, site_max_workers 4/1");
  EXPECT_EQ(given.WouldReview("b"), "") << "said by the decision that wanted them";
  given.Order(Limits(1, 9)).Review("b");
  EXPECT_EQ(given.last(), "repair 0>3 +0 -0: lost 0/3, run_max_workers 4/1");
  EXPECT_EQ(given.WouldReview("b"), "");
}

TEST(ReviewLimits, AHoldUsesUpNoReading) {
  Given given;
  given
      .Pool("crunch", "queuelen",
            "sensor=queue queuelen_high_water=9 queuelen_low_water=2 min_instances=2")
      .Review("crunch")
      .Runs("crunch", 1)
      .Runs("crunch", 2)
      .Later(seconds(60))
      .Order(SwitchLaunching{"", false})
      .Fails("crunch", 2)
      .Reads("crunch", 12)
      .Review("crunch");
  EXPECT_EQ(given.last(), "repair 1>2 +0 -0: lost 1/2, disabled 1");
  given.Order(SwitchLaunching{"", true}).Review("crunch").Runs("crunch", 3).Review("crunch");
  EXPECT_EQ(given.last(), "scaling 2>3 +1 -0: high_water 12/9; request 4");
}

// ---- Back-off ----

TEST(BackOff, RepairsTheFirstFailureAtOnceThenWaitsTwiceAsLongEachRound) {
  Given given = Requested("preserve_n=1");
  std::uint32_t worker = 1;
  const Duration waits[] = {seconds(0),   seconds(1),   seconds(2),  seconds(4),
                            seconds(8),   seconds(16),  seconds(32), seconds(64),
                            seconds(128), seconds(256), minutes(5),  minutes(5)};
  for (const Duration wait : waits) {
    given.Later(milliseconds(10)).Fails("web", worker++);
    EXPECT_EQ(given.pool("web").back_off.until - given.now(), wait);
    if (wait > Duration::zero()) {
      given.Review("web");
      EXPECT_TRUE(given.last().starts_with("repair 0>1 +0 -0: lost 0/1, back_off")) << given.last();
      given.Later(wait - Duration(1)).Review("web");
      EXPECT_EQ(given.last(), "") << "said once";
      given.Later(Duration(1));
    }
    given.Review("web");
    EXPECT_EQ(given.last(), "repair 0>1 +1 -0: lost 0/1; request " + std::to_string(worker));
  }
}

TEST(BackOff, IsShownWithADecisionThatItHolds) {
  Given given = Requested("preserve_n=1");
  given.Later(seconds(1)).Fails("web", 1).Review("web");
  given.Later(seconds(1)).Fails("web", 2).Review("web");
  EXPECT_EQ(given.last(), "repair 0>1 +0 -0: lost 0/1, back_off 2 until +3s");
  given.Order(Reconfigure{"web", {{"preserve_n", std::int64_t{1}}}});  // The same: nothing.
  EXPECT_EQ(given.pool("web").back_off.failures, 2u);
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Fact(EngineErrorChanged{given.pool("web").number, "x"}).Review("web");
  EXPECT_EQ(given.last(), "engine decides");
}

TEST(BackOff, CutsWhatTheEngineWants) {
  Given given;
  given
      .Pool("crunch", "queuelen",
            "sensor=queue queuelen_high_water=9 queuelen_low_water=2 min_instances=2")
      .Review("crunch")
      .Later(seconds(1));
  given.Fails("crunch", 1).Review("crunch").Later(seconds(1)).Fails("crunch", 3);
  given.Runs("crunch", 2).Says("crunch", 2, Health::kMissing).Review("crunch");
  EXPECT_EQ(given.last(),
            "repair 1>2 +0 -1: unhealthy 1, lost 1/2, back_off 2 until +3s; "
            "2 to TERMINATING UNHEALTHY");
}

TEST(BackOff, CountsWorkersThatFailTogetherOnce) {
  Given given = Requested("preserve_n=3");
  given.Later(seconds(1)).Fails("web", 1).Review("web");
  given.Later(seconds(1)).Fails("web", 2).Review("web");
  given.Later(seconds(1)).Fails("web", 3).Review("web");
  EXPECT_EQ(given.pool("web").back_off.failures, 1u);
  given.Later(seconds(1)).Fails("web", 4).Review("web");  // A replacement.
  EXPECT_EQ(given.pool("web").back_off.failures, 2u);
}

TEST(BackOff, DoesNotCountAWorkerThatHadSettled) {
  Given given = Requested("preserve_n=1");
  given.Runs("web", 1).Later(kSettled).Says("web", 1, Health::kProcessError);
  EXPECT_EQ(given.pool("web").back_off.failures, 0u);
  given.Review("web").Runs("web", 2).Later(kSettled - Duration(1));
  given.Says("web", 2, Health::kProcessError);
  EXPECT_EQ(given.pool("web").back_off.failures, 1u);
}

TEST(BackOff, IsHalvedByEachWorkerThatComesToRun) {
  Given given = Requested("preserve_n=2");
  for (std::uint32_t round = 0; round < 4; ++round) {
    given.Later(minutes(1))
        .Fails("web", 2 * round + 1)
        .Fails("web", 2 * round + 2)
        .Later(minutes(1));
    given.Review("web");
  }
  EXPECT_EQ(given.pool("web").back_off.failures, 4u);
  given.Runs("web", 9).Later(seconds(20)).Runs("web", 10).Later(seconds(10));
  given.Says("web", 9, Health::kOk).Reports("web", 9, WorkerState::kRunningFailed);
  EXPECT_EQ(given.pool("web").back_off.failures, 2u);
  given.Later(seconds(20)).Reports("web", 10, WorkerState::kRunningFailed);
  EXPECT_EQ(given.pool("web").back_off.failures, 1u);
}

TEST(BackOff, IsNotHalvedByWorkersThatRanBeforeItBegan) {
  Given given = Running(3, "preserve_n=3");
  given.Order(Reconfigure{"web", {{"preserve_n", std::int64_t{4}}}}).Review("web");
  for (std::uint32_t round = 0; round < 3; ++round) {
    given.Later(minutes(1)).Fails("web", 4 + round).Later(minutes(1)).Review("web");
  }
  EXPECT_EQ(given.pool("web").back_off.failures, 3u);
}

TEST(BackOff, EndsWithTheConfigurationUnderWhichItBegan) {
  Given given = Requested("preserve_n=1");
  given.Later(seconds(1)).Fails("web", 1).Review("web").Later(seconds(1)).Fails("web", 2);
  EXPECT_EQ(given.WouldReview("web"), "repair 0>1 +0 -0: lost 0/1, back_off 2 until +3s");
  given.Order(Reconfigure{"web", {{"max_instances", std::int64_t{5}}}});
  EXPECT_EQ(given.WouldReview("web"), "repair 0>1 +1 -0: lost 0/1; request 3");
}

// ---- Engines that fail, or are missing ----

// Fails with the text of the setting `error`, and wants one worker where that is empty.
class Moody final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time) const override {
    const std::string& error = TextOf(epu.definition, "error");
    if (error == "silent") return absl::InternalError("");
    if (!error.empty()) return absl::InternalError(error);
    return Decision{1, {}, {}};
  }
  std::vector<Problem> Validate(const EpuDefinition&) const override { return {}; }
};

std::span<const Key> MoodyKeys() {
  static const std::vector<Key> keys =
      WithCommonKeys({{.name = "error", .type = KeyType::kText, .default_value = std::string()}});
  return keys;
}

EngineCatalog WithMoody() {
  EngineCatalog catalog = BuiltInEngines();
  catalog.push_back({"moody", 1, "", MoodyKeys(), std::make_unique<Moody>()});
  return catalog;
}

Reconfigure Mood(std::string error) { return {"web", {{"error", std::move(error)}}}; }

TEST(EngineErrors, AreRecordedOnceForEachTextAndWhenTheyEnd) {
  Given given(WithMoody());
  given.Pool("web", "moody", "error=tired").Review("web");
  EXPECT_EQ(given.last(), "engine error: tired");
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Order(Mood("sad")).Review("web");
  EXPECT_EQ(given.last(), "engine error: sad");
  given.Order(Mood("silent")).Review("web");
  EXPECT_EQ(given.last(), "engine error: INTERNAL: ");
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Order(Mood("")).Review("web");
  EXPECT_EQ(given.last(), "engine decides; scaling 0>1 +1 -0: ; request 1");
}

TEST(EngineErrors, DoNotKeepAPoolFromBeingRepaired) {
  Given given(WithMoody());
  given.Pool("web", "moody", "").Review("web").Runs("web", 1).Later(seconds(60));
  given.Order(Mood("tired")).Says("web", 1, Health::kMissing).Review("web");
  EXPECT_EQ(given.last(),
            "repair 1>1 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 2; "
            "engine error: tired");
}

TEST(EngineErrors, APoolWhoseEngineIsMissingIsShownAndLeftAlone) {
  Given given(WithMoody());
  given.Pool("web", "moody", "").Review("web").Runs("web", 1).Says("web", 1, Health::kMissing);
  const EngineCatalog without = BuiltInEngines();
  const Command review{{}, {}, "", Review{given.pool("web").number}};
  const auto payloads = Decide(given.state(), review, given.now(), without);
  EXPECT_EQ(given.Lines(*payloads), "engine error: this build has no engine \"moody\"");

  given.Fact(payloads->front());
  EXPECT_EQ(Decide(given.state(), review, given.now(), without)->size(), 0u);
  given.Review("web");  // And it goes on under a build that has it.
  EXPECT_EQ(given.last(),
            "repair 1>1 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 2; engine decides");
}

TEST(EngineErrors, ADefinitionOfAnOlderBuildIsShownAndCompletedWhenConfigured) {
  Given given(WithMoody());
  given.Pool("web", "moody", "");
  EpuDefinition old = given.pool("web").definition;
  old.settings.erase(old.settings.begin());
  given.Fact(EpuDefined{given.pool("web").number, old}).Review("web");
  EXPECT_EQ(given.last(),
            "engine error: web has no error, which moody needs in this build; configure it");
  given.Order(Reconfigure{"web", {}}).Review("web");
  EXPECT_EQ(given.last(), "engine decides; scaling 0>1 +1 -0: ; request 1");
}

}  // namespace
}  // namespace epu
