#include "projections/pool.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using std::chrono::seconds;

constexpr SiteNumber kHere{2}, kThere{3};

// A pool with a worker for each state, numbered from 1.
Epu PoolOf(std::initializer_list<WorkerState> states) {
  Epu epu;
  std::uint32_t number = 0;
  for (const WorkerState state : states) {
    Worker& worker = epu.workers[WorkerNumber{++number}];
    worker.number = WorkerNumber{number};
    worker.site = kHere;
    worker.state = state;
    worker.health = state == WorkerState::kRunning ? Health::kOk : Health::kUnknown;
  }
  epu.wanted = number;
  return epu;
}

TEST(Pool, EachStateBelongsToItsSets) {
  const struct {
    WorkerState state;
    bool valid, pending, unhealthy;
  } cases[] = {
      {WorkerState::kRequested, true, true, false},
      {WorkerState::kErrorRetrying, true, true, false},
      {WorkerState::kPending, true, true, false},
      {WorkerState::kStarted, true, true, false},
      {WorkerState::kRunning, true, false, false},
      {WorkerState::kRunningFailed, true, false, true},
      {WorkerState::kTerminating, false, false, false},
      {WorkerState::kTerminated, false, false, false},
      {WorkerState::kFailed, false, false, false},
      {WorkerState::kRejected, false, false, false},
  };
  for (const auto& [state, valid, pending, unhealthy] : cases) {
    const Epu epu = PoolOf({state});
    const Worker& worker = epu.workers.begin()->second;
    EXPECT_EQ(IsValid(worker), valid) << StateName(state);
    EXPECT_EQ(IsPending(worker), pending) << StateName(state);
    EXPECT_EQ(IsUnhealthy(epu, worker), unhealthy) << StateName(state);
    EXPECT_EQ(IsHealthy(epu, worker), valid && !unhealthy) << StateName(state);
    EXPECT_EQ(CountValid(epu), valid ? 1u : 0u);
    EXPECT_EQ(CountPending(epu), pending ? 1u : 0u);
    EXPECT_EQ(ValidWorkers(epu).size(), valid ? 1u : 0u);
  }
}

TEST(Pool, EachHealthIsHealthyOrNotWhereItIsMonitored) {
  const struct {
    Health health;
    bool unhealthy;
  } cases[] = {
      {Health::kUnknown, false},     {Health::kOk, false},     {Health::kMonitorError, true},
      {Health::kProcessError, true}, {Health::kMissing, true}, {Health::kZombie, false},
  };
  for (const auto& [health, unhealthy] : cases) {
    Epu epu = PoolOf({WorkerState::kRunning});
    Worker& worker = epu.workers.begin()->second;
    worker.health = health;
    EXPECT_EQ(IsUnhealthy(epu, worker), unhealthy) << HealthName(health);
    epu.definition.health.monitor = false;
    EXPECT_FALSE(IsUnhealthy(epu, worker));
    epu.definition.health.monitor = true;
    worker.state = WorkerState::kTerminating;
    EXPECT_FALSE(IsUnhealthy(epu, worker));
  }
}

TEST(Pool, CountsMachinesUntilTheyAreProvenGone) {
  State state;
  Epu& epu = state.epus[EpuNumber{9}];
  epu = PoolOf({WorkerState::kRequested, WorkerState::kRunning, WorkerState::kTerminating,
                WorkerState::kFailed});
  epu.workers.at(WorkerNumber{2}).site = kThere;
  epu.workers.at(WorkerNumber{4}).presence = Presence::kGone;
  EXPECT_EQ(CountMachines(epu), 3u);
  EXPECT_EQ(CountMachines(state, kHere), 2u);
  EXPECT_EQ(CountMachines(state, kThere), 1u);
  EXPECT_EQ(CountMachines(state), 3u);
}

TEST(Pool, VictimsAreThoseNotYetRunningThenTheYoungest) {
  const Epu epu = PoolOf({WorkerState::kStarted, WorkerState::kRunning, WorkerState::kTerminating,
                          WorkerState::kRequested, WorkerState::kRunning});
  const std::vector<WorkerNumber> order = {WorkerNumber{4}, WorkerNumber{1}, WorkerNumber{5},
                                           WorkerNumber{2}};
  EXPECT_EQ(VictimOrder(epu), order);
}

TEST(Pool, TheIdleAreVictimsBeforeTheOthers) {
  Epu epu = PoolOf({WorkerState::kRunning, WorkerState::kRunning, WorkerState::kRunning,
                    WorkerState::kRequested, WorkerState::kRunning});
  epu.workers.at(WorkerNumber{1}).report.activity = Activity::kIdle;
  epu.workers.at(WorkerNumber{2}).report.activity = Activity::kIdle;
  epu.workers.at(WorkerNumber{3}).report.activity = Activity::kBusy;
  const std::vector<WorkerNumber> order = {WorkerNumber{4}, WorkerNumber{2}, WorkerNumber{1},
                                           WorkerNumber{5}, WorkerNumber{3}};
  EXPECT_EQ(VictimOrder(epu), order);
  epu.workers.at(WorkerNumber{2}).drain_until = Time{};
  EXPECT_EQ(VictimOrder(epu).size(), 4u) << "it is given up already";
  EXPECT_EQ(CountValid(epu), 4u);
  EXPECT_EQ(CountMachines(epu), 5u);
}

TEST(PoolState, FollowsTheOriginal) {
  const Epu stable = PoolOf({WorkerState::kRunning, WorkerState::kRunning});
  EXPECT_EQ(PoolStateOf(stable), PoolState::kStable);
  EXPECT_EQ(PoolStateOf(PoolOf({})), PoolState::kStable);
  EXPECT_EQ(PoolStateOf(PoolOf({WorkerState::kRunning, WorkerState::kStarted})),
            PoolState::kPending);
  EXPECT_EQ(PoolStateOf(Epu{}), PoolState::kPending);  // Nothing was decided yet.

  Epu smaller = stable;
  smaller.wanted = 3;
  EXPECT_EQ(PoolStateOf(smaller), PoolState::kPending);
  Epu leaving = stable;
  leaving.removing = true;
  EXPECT_EQ(PoolStateOf(leaving), PoolState::kPending);
  Epu unheard = stable;
  unheard.workers.begin()->second.health = Health::kUnknown;
  EXPECT_EQ(PoolStateOf(unheard), PoolState::kPending);
  unheard.definition.health.monitor = false;
  EXPECT_EQ(PoolStateOf(unheard), PoolState::kStable);
  Epu failing = stable;
  failing.engine_error = "tired";
  EXPECT_EQ(PoolStateOf(failing), PoolState::kUnknown);
  failing.dev_mode_failure = WorkerNumber{1};
  EXPECT_EQ(PoolStateOf(failing), PoolState::kDevModeFailed);
}

TEST(Pool, APauseHoldsUntilItsEnd) {
  const Time now{std::chrono::hours(9)};
  Epu epu;
  EXPECT_EQ(HoldOut(epu, now), nullptr);
  epu.paused_out = Hold{1, {}, now, 0};
  epu.paused_in = Hold{1, {}, {}, 0};
  EXPECT_EQ(HoldOut(epu, now - Duration(1)), &*epu.paused_out);
  EXPECT_EQ(HoldOut(epu, now), nullptr);
  EXPECT_EQ(HoldIn(epu, now), &*epu.paused_in);
}

TEST(Pool, AReadingGrowsOlder) {
  const Time recorded{seconds(100)};
  const Reading reading{1, recorded, seconds(3), 7.0, {}, ""};
  EXPECT_EQ(AgeOf(reading, recorded), seconds(3));
  EXPECT_EQ(AgeOf(reading, recorded + seconds(4)), seconds(7));
}

}  // namespace
}  // namespace epu
