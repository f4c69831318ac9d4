#include "commands/health.h"

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The windows of DefinitionOf.
constexpr Duration kBoot = seconds(300);
constexpr Duration kMissingAfter = seconds(120);
constexpr Duration kZombieAfter = seconds(120);
constexpr Duration kMoment = milliseconds(1);

// A worker "web/1", the doctor that watches it, and what the doctor says.
class Ward {
 public:
  explicit Ward(bool monitor = true) {
    EpuDefinition web = DefinitionOf(given_.catalog(), "web", "npreserving", "preserve_n=1");
    web.health.monitor = monitor;
    given_.Order(Apply{{}, {}, {web}}).Review("web");
  }

  Ward& Later(Duration passed) {
    given_.Later(passed);
    return *this;
  }
  Ward& Is(WorkerState state) {
    given_.Reports("web", 1, state);
    return *this;
  }
  Ward& Hears(Health health, std::string detail = "") {
    EXPECT_TRUE(Hear(given_.state(), {id(), LaunchOf(), health, std::move(detail)}, given_.now(),
                     liveness_));
    return *this;
  }
  // It is heard to be well, and what its worker says of itself.
  Ward& Says(WorkReport report) {
    EXPECT_TRUE(Hear(given_.state(), {id(), LaunchOf(), Health::kOk, "", std::move(report)},
                     given_.now(), liveness_));
    return *this;
  }
  // The server is started again: what was heard is lost.
  Ward& Restart() {
    liveness_.clear();
    given_.Order(StartServer{{"k3f9", ++epoch_, "host", 78, "/srv/log"}});
    return *this;
  }

  // What the doctor reports, which is recorded; nothing is left to report then.
  std::string Round() {
    std::string lines;
    for (Order& report : HealthReports(given_.state(), liveness_, given_.now())) {
      given_.Order(std::move(report));
      lines += (lines.empty() ? "" : "; ") + given_.last();
    }
    EXPECT_TRUE(HealthReports(given_.state(), liveness_, given_.now()).empty());
    return lines;
  }

  WorkerId id() const { return {given_.pool("web").number, WorkerNumber{1}}; }
  LaunchId LaunchOf() const { return FindWorker(given_.state(), id())->launch; }
  Given& given() { return given_; }
  Liveness& liveness() { return liveness_; }

 private:
  Given given_;
  Liveness liveness_;
  std::uint32_t epoch_ = 1;
};

Ward Started(bool monitor = true) {
  Ward ward(monitor);
  ward.Is(WorkerState::kPending).Is(WorkerState::kStarted);
  return ward;
}

Ward HeardOk() {
  Ward ward = Started();
  EXPECT_EQ(ward.Hears(Health::kOk).Round(), "1 to RUNNING; 1 is OK");
  return ward;
}

Ward NeverHeard() {
  Ward ward = Started();
  ward.Is(WorkerState::kRunning);
  return ward;
}

// Of a worker whose machine outlives it.
Ward Ended() {
  Ward ward = HeardOk();
  ward.Is(WorkerState::kTerminating);
  return ward;
}

// ---- Heard ----

TEST(Health, TheFirstHeartbeatMakesAStartedWorkerRunning) {
  EXPECT_EQ(Started().Hears(Health::kOk).Round(), "1 to RUNNING; 1 is OK");
  EXPECT_EQ(Started().Hears(Health::kProcessError).Round(), "1 to RUNNING; 1 is PROCESS_ERROR");
}

TEST(Health, AHeartbeatBeforeTheSiteListsTheMachineWaits) {
  Ward ward;
  ward.Is(WorkerState::kPending).Hears(Health::kOk);
  EXPECT_EQ(ward.Round(), "");
  EXPECT_EQ(ward.Is(WorkerState::kStarted).Round(), "1 to RUNNING; 1 is OK");
}

TEST(Health, FollowsWhatTheAgentSays) {
  Ward ward = HeardOk();
  EXPECT_EQ(ward.Hears(Health::kOk).Round(), "");
  EXPECT_EQ(ward.Hears(Health::kProcessError, "exit 1").Round(), "1 is PROCESS_ERROR");
  EXPECT_EQ(ward.Hears(Health::kProcessError, "exit 1").Round(), "");
  EXPECT_EQ(ward.Hears(Health::kProcessError, "exit 2").Round(), "1 is PROCESS_ERROR");
  EXPECT_EQ(ward.Hears(Health::kProcessError, "").Round(), "");
  EXPECT_EQ(ward.Hears(Health::kMonitorError).Round(), "1 is MONITOR_ERROR");
  EXPECT_EQ(ward.Hears(Health::kOk).Round(), "1 is OK");
}

TEST(Health, HearsOnlyTheLaunchesOfThisLogAndWhatIsForAnAgentToSay) {
  Ward ward = Started();
  const State& state = ward.given().state();
  const LaunchId launch = ward.LaunchOf();
  const struct {
    Heartbeat heartbeat;
    bool heard;
  } cases[] = {
      {{ward.id(), launch, Health::kOk, ""}, true},
      {{ward.id(), {launch.epoch, launch.request + 1}, Health::kOk, ""}, false},
      {{ward.id(), {launch.epoch + 1, launch.request}, Health::kOk, ""}, false},
      {{{ward.id().epu, WorkerNumber{2}}, launch, Health::kOk, ""}, false},
      {{ward.id(), launch, Health::kUnknown, ""}, false},
      {{ward.id(), launch, Health::kMissing, ""}, false},
      {{ward.id(), launch, Health::kZombie, ""}, false},
  };
  for (const auto& [heartbeat, heard] : cases) {
    Liveness liveness;
    EXPECT_EQ(Hear(state, heartbeat, ward.given().now(), liveness), heard);
    EXPECT_EQ(liveness.size(), heard ? 1u : 0u);
  }
}

TEST(Health, ALongDetailIsCutAndReportedOnce) {
  Ward ward = HeardOk();
  ward.Hears(Health::kProcessError, std::string(9'000, 'x'));
  EXPECT_EQ(ward.liveness().at(ward.id()).detail.size(), CutText(std::string(9'000, 'x')).size());
  EXPECT_EQ(ward.Round(), "1 is PROCESS_ERROR");
}

// ---- Silent ----

TEST(Health, ARunningWorkerNeverHeardIsMissingAfterTheBootWindow) {
  Ward ward = NeverHeard();
  EXPECT_EQ(ward.Later(kBoot).Round(), "");
  EXPECT_EQ(ward.Later(kMoment).Round(), "1 is MISSING");
  EXPECT_EQ(ward.Later(kBoot).Round(), "");
}

TEST(Health, AWorkerIsMissingWhenSilentForTheWindowAndBackWhenHeard) {
  Ward ward = HeardOk();
  EXPECT_EQ(ward.Later(kMissingAfter).Round(), "");
  EXPECT_EQ(ward.Later(kMoment).Round(), "1 is MISSING");
  EXPECT_EQ(ward.Hears(Health::kOk).Round(), "1 is OK");
}

TEST(Health, AWorkerThatIsNotRunningIsNeverMissing) {
  EXPECT_EQ(Started().Later(2 * kBoot).Round(), "");
  EXPECT_EQ(Ended().Later(2 * kBoot).Round(), "");
}

// ---- After a start of the server ----

TEST(Health, WindowsCountFromTheStartOfTheServer) {
  Ward never = NeverHeard();
  EXPECT_EQ(never.Later(kBoot - kMoment).Restart().Later(kBoot).Round(), "");
  EXPECT_EQ(never.Later(kMoment).Round(), "1 is MISSING");

  Ward known = HeardOk();
  EXPECT_EQ(known.Later(kBoot).Restart().Later(kMissingAfter).Round(), "");
  EXPECT_EQ(known.Later(kMoment).Round(), "1 is MISSING");
}

TEST(Health, AMissingWorkerStaysMissingUntilItIsHeard) {
  Ward ward = HeardOk();
  EXPECT_EQ(ward.Later(2 * kMissingAfter).Round(), "1 is MISSING");
  EXPECT_EQ(ward.Restart().Later(kMoment).Round(), "");
  EXPECT_EQ(ward.Later(2 * kMissingAfter).Round(), "");
  EXPECT_EQ(ward.Hears(Health::kOk).Round(), "1 is OK");
}

// ---- Monitoring off ----

TEST(Health, WithMonitoringOffNothingIsReportedButRunning) {
  Ward ward = Started(false);
  EXPECT_EQ(ward.Hears(Health::kProcessError).Round(), "1 to RUNNING");
  EXPECT_EQ(ward.Later(2 * kBoot).Round(), "");
  EXPECT_EQ(ward.Is(WorkerState::kTerminating).Later(2 * kBoot).Hears(Health::kOk).Round(), "");
}

// ---- What a worker says of itself ----

TEST(Health, AWorkersWordIsRecordedAsItChangesAndNotTooOften) {
  const WorkReport idle{Activity::kIdle, "", {}, "", {}};
  const WorkReport busy{Activity::kBusy, "job 7", {}, "", {}};
  const WorkReport next{Activity::kBusy, "job 8", {}, "", {}};
  const WorkReport once{Activity::kBusy, "job 8", {}, "", kReportEvery};  // Not said anew.
  const struct {
    Duration later;
    WorkReport report;
    std::string recorded;
  } steps[] = {
      {kMoment, idle, "1 says idle"},       {kActivityEvery - kMoment, busy, ""},
      {kMoment, busy, "1 says busy job 7"}, {kReportEvery - kMoment, next, ""},
      {kMoment, next, "1 says busy job 8"}, {kReportEvery, once, ""},
      {kMoment, next, "1 says busy job 8"},
  };
  Ward ward = HeardOk();
  for (const auto& [later, report, recorded] : steps) {
    EXPECT_EQ(ward.Later(later).Says(report).Round(), recorded);
  }
}

TEST(Health, ADrainingWorkerIsHeardToBeIdleAtOnce) {
  Ward ward = HeardOk();
  EXPECT_EQ(ward.Says({Activity::kBusy, "", {}, "", {}}).Round(), "1 says busy");
  ward.given().Fact(DrainBegun{ward.id().epu, ward.id().number, Reason::kRetired,
                               ward.given().now() + seconds(60)});
  EXPECT_EQ(ward.Says({Activity::kIdle, "", {}, "", {}}).Round(), "1 says idle");
}

TEST(Health, OfAWorkersWordOnlyWhatIsWellFormedIsTaken) {
  Ward ward = HeardOk();
  WorkReport report{Activity::kIdle, std::string(2 * kTextMax, 'x'), {}, "", -seconds(5)};
  report.metrics = {{"b", 2}, {"a", 1}, {"b", 3}, {"none", 1e308 * 10}, {"", 1}};
  ward.Says(report).Round();
  const Worker& worker = *FindWorker(ward.given().state(), ward.id());
  EXPECT_EQ(worker.report.doing.size(), kTextMax);
  EXPECT_EQ(worker.report.metrics, (std::vector<Metric>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(worker.report.age, Duration::zero());
  report.metrics.clear();
  for (std::size_t i = 0; i <= kMetricsMax; ++i) report.metrics.push_back({std::to_string(i), 1});
  ward.Later(kReportEvery).Says(report).Round();
  EXPECT_EQ(worker.report.metrics.size(), kMetricsMax);
}

// ---- After the end ----

TEST(Health, AWorkerHeardLongAfterItsEndIsAZombieUntilItIsSilent) {
  Ward ward = Ended();
  EXPECT_EQ(ward.Later(kZombieAfter).Hears(Health::kOk).Round(), "");
  EXPECT_EQ(ward.Later(kMoment).Hears(Health::kOk).Round(), "1 is ZOMBIE");
  EXPECT_EQ(ward.Later(kZombieAfter).Round(), "");
  EXPECT_EQ(ward.Later(kMoment).Round(), "1 is UNKNOWN");
  EXPECT_EQ(ward.Later(kMoment).Round(), "");  // It does not rise by what was heard then.
  EXPECT_EQ(ward.Hears(Health::kOk).Round(), "1 is ZOMBIE");
}

TEST(Health, AZombieStaysOneAtItsNextState) {
  Ward ward = Ended();
  ward.Later(2 * kZombieAfter).Hears(Health::kOk);
  EXPECT_EQ(ward.Round(), "1 is ZOMBIE");
  EXPECT_EQ(ward.Is(WorkerState::kTerminated).Round(), "");
}

TEST(Health, AZombieThatWasNotHeardSinceTheServerStartedIsForgotten) {
  Ward ward = Ended();
  ward.Later(2 * kZombieAfter).Hears(Health::kOk);
  EXPECT_EQ(ward.Round(), "1 is ZOMBIE");
  EXPECT_EQ(ward.Later(kZombieAfter).Restart().Later(kZombieAfter).Round(), "");
  EXPECT_EQ(ward.Later(kMoment).Round(), "1 is UNKNOWN");
}

// ---- Forgetting ----

TEST(Health, ForgetsWorkersThatHaveLeft) {
  Ward ward = HeardOk();
  Forget(ward.given().state(), ward.liveness());
  EXPECT_EQ(ward.liveness().size(), 1u);
  ward.given().Gone("web", 1);
  Forget(ward.given().state(), ward.liveness());
  EXPECT_EQ(ward.liveness().size(), 0u);
}

}  // namespace
}  // namespace epu
