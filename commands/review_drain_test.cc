#include <gtest/gtest.h>

#include "commands/given.h"

// How busy workers leave a pool: asked first, ended when they are idle, and not later than their
// time.

namespace epu {
namespace {

using std::chrono::seconds;

constexpr Duration kDrain = seconds(60);  // Of DefinitionOf.

Given Busy(std::uint32_t size) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=" + std::to_string(size)).Review("web");
  for (std::uint32_t worker = 1; worker <= size; ++worker) {
    given.Runs("web", worker).Does("web", worker, Activity::kBusy);
  }
  given.Later(seconds(100));
  return given;
}

Reconfigure Size(std::int64_t size) { return {"web", {{"preserve_n", size}}}; }

TEST(Drain, ABusyWorkerThatIsTooMuchIsAskedFirst) {
  Given given = Busy(2);
  given.Order(Size(1)).Review("web");
  EXPECT_EQ(given.last(), "scaling 2>1 +0 -1: preserve_n 2/1; drain 2 RETIRED until +2m40s");
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Later(seconds(5)).Does("web", 2, Activity::kIdle).Review("web");
  EXPECT_EQ(given.last(), "2 to TERMINATING RETIRED");
  EXPECT_EQ(given.WouldReview("web"), "");
}

TEST(Drain, EndsByWhateverComesFirst) {
  const auto nothing = [](Given&) {};
  const struct {
    const char* what;
    void (*happens)(Given&);
    Duration later;
    std::string then;
  } cases[] = {
      {"it goes on", nothing, kDrain - Duration(1), ""},
      {"its time is over", nothing, kDrain, "2 to TERMINATING RETIRED"},
      {"it becomes idle", [](Given& given) { given.Does("web", 2, Activity::kIdle); }, seconds(1),
       "2 to TERMINATING RETIRED"},
      {"it says nothing more", [](Given& given) { given.Does("web", 2, Activity::kUnknown); },
       seconds(1), ""},
      {"its process ends", [](Given& given) { given.Says("web", 2, Health::kProcessError); },
       seconds(1), "2 to TERMINATING RETIRED"},
      {"it is silent", [](Given& given) { given.Says("web", 2, Health::kMissing); }, seconds(1),
       "2 to TERMINATING RETIRED"},
      {"its agent is lost",
       [](Given& given) { given.Reports("web", 2, WorkerState::kRunningFailed); }, seconds(1),
       "2 to TERMINATING RETIRED"},
      {"its machine is gone", [](Given& given) { given.Gone("web", 2); }, seconds(1), ""},
  };
  for (const auto& [what, happens, later, then] : cases) {
    Given given = Busy(2);
    given.Order(Size(1)).Review("web");
    happens(given);
    given.Later(later);
    EXPECT_EQ(given.WouldReview("web"), then) << what;
    EXPECT_EQ(given.pool("web").back_off.failures, 0u) << what << ": it was wanted no more";
  }
}

TEST(Drain, ADrainingWorkerDoesNotCount) {
  Given given = Busy(2);
  given.Order(Size(1)).Review("web").Order(Size(2)).Review("web");
  EXPECT_EQ(given.last(), "scaling 1>2 +1 -0: preserve_n 1/2; request 3");
}

TEST(Drain, ItsMachineCounts) {
  Given given = Busy(2);
  given
      .Order(
          Reconfigure{"web", {{"preserve_n", std::int64_t{1}}, {"max_instances", std::int64_t{2}}}})
      .Review("web")
      .Order(Size(2))
      .Review("web");
  EXPECT_EQ(given.last(), "scaling 1>2 +0 -0: preserve_n 1/2, max_instances 3/2");
}

TEST(Drain, WhoIsInAHurryDoesNotWait) {
  Given given = Busy(3);
  EXPECT_EQ(given.Would(Kill{{{"web", 1}}}), "1 to TERMINATING KILLED");
  EXPECT_EQ(given.Would(KillSome{"web", 1}), "3 to TERMINATING KILLED");
  given.Order(Size(2)).Review("web");
  EXPECT_EQ(given.Would(Kill{{{"web", 3}}}), "3 to TERMINATING KILLED") << "though it drains";
  EXPECT_EQ(given.Would(EndRun{}),
            "launching; 1 to TERMINATING RUN_ENDED; 2 to TERMINATING RUN_ENDED; "
            "3 to TERMINATING RUN_ENDED");
  given.Says("web", 1, Health::kMissing);
  EXPECT_EQ(given.WouldReview("web"),
            "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 4");
}

TEST(Drain, ARemovedPoolLetsItsBusyWorkersFinish) {
  Given given = Busy(2);
  given.Does("web", 1, Activity::kIdle).Order(Remove{"web"}).Review("web");
  EXPECT_EQ(given.last(), "1 to TERMINATING REMOVED; drain 2 REMOVED until +2m40s");
  EXPECT_EQ(given.WouldReview("web"), "");
  given.Gone("web", 1).Later(kDrain).Review("web");
  EXPECT_EQ(given.last(), "2 to TERMINATING REMOVED");
  given.Gone("web", 2).Review("web");
  EXPECT_EQ(given.last(), "removed");
}

TEST(Drain, TheIdleAreGivenUpBeforeTheBusy) {
  Given given = Busy(3);
  given.Does("web", 1, Activity::kIdle).Order(Size(2)).Review("web");
  EXPECT_EQ(given.last(), "scaling 3>2 +0 -1: preserve_n 3/2; 1 to TERMINATING RETIRED");
}

TEST(Drain, APoolMayHaveNone) {
  Given given;
  EpuDefinition web = DefinitionOf(given.catalog(), "web", "npreserving", "preserve_n=2");
  web.worker.drain_timeout = {};
  given.Order(Apply{{}, {}, {web}}).Review("web");
  given.Runs("web", 1).Runs("web", 2).Does("web", 2, Activity::kBusy).Order(Size(1)).Review("web");
  EXPECT_EQ(given.last(), "scaling 2>1 +0 -1: preserve_n 2/1; 2 to TERMINATING RETIRED");
}

}  // namespace
}  // namespace epu
