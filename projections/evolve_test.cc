#include "projections/evolve.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Time kStart{std::chrono::sys_days{std::chrono::November / 22 / 2026}};
constexpr SiteNumber kHere{2};
constexpr EpuNumber kWeb{3};
constexpr SensorNumber kQueue{3 * kSensorsMax};

// A fold under way: a server, a site, a pool "web" with a sensor "queue".
class Fold {
 public:
  Fold() {
    On(ServerStarted{"k3f9", 0x5d1e, "host", 77, "/srv/log"});
    On(SiteDefined{kHere, {"here", "process", 10, ""}});
    EpuDefinition web;
    web.name = "web";
    web.settings = {{"preserve_n", std::int64_t{1}}};
    web.sensors = {{kQueue, "queue", PutSource{}, {}}};
    On(EpuDefined{kWeb, web});
  }

  Fold& Later(Duration passed) {
    now_ += passed;
    return *this;
  }
  Fold& On(Payload payload, CommandId command = {}, Place place = {}) {
    Evolve(state_, {state_.head + 1, now_, kServer, command, place, "", std::move(payload)});
    return *this;
  }
  // Web/1, web/2, …
  Fold& Requested(std::uint32_t number) {
    return On(WorkerRequested{kWeb, WorkerNumber{number}, kHere, {0x5d1e, number}, "", 3});
  }
  Fold& Becomes(std::uint32_t number, WorkerState to, Reason reason = Reason::kNone) {
    return On(WorkerChanged{kWeb, WorkerNumber{number}, {}, to, reason, "", ""});
  }
  Fold& Machine(std::uint32_t number, Presence to) {
    return On(MachineChanged{kWeb, WorkerNumber{number}, to, ""});
  }
  Fold& Reads(double value, Duration age) {
    return On(ReadingTaken{kWeb, kQueue, value, {}, age, ""});
  }

  const State& state() const { return state_; }
  const Epu& web() const { return state_.epus.at(kWeb); }
  const Worker* worker(std::uint32_t number) const {
    return FindWorker(state_, {kWeb, WorkerNumber{number}});
  }
  const Reading& reading() const { return web().sensors.at(kQueue).latest; }
  Time now() const { return now_; }

 private:
  State state_;
  Time now_ = kStart;
};

// ---- Workers ----

TEST(Evolve, AWorkerIsRequestedWithANumberThatIsNotUsedAgain) {
  Fold fold;
  fold.Requested(1).Requested(2);
  EXPECT_EQ(fold.worker(1)->state, WorkerState::kRequested);
  EXPECT_EQ(fold.worker(1)->presence, Presence::kUnasked);
  EXPECT_EQ(fold.worker(1)->request, 4u);
  EXPECT_EQ(fold.web().next_worker, WorkerNumber{3});
  EXPECT_EQ(fold.state().requests.at(0x5d1e), 2u);
}

TEST(Evolve, KeepsWhatIsLearntOfAWorker) {
  Fold fold;
  fold.Requested(1).Later(seconds(1));
  fold.On(WorkerChanged{kWeb, WorkerNumber{1}, {}, WorkerState::kPending, {}, "", ""});
  fold.Later(seconds(1));
  fold.On(WorkerChanged{kWeb, WorkerNumber{1}, {}, WorkerState::kStarted, {}, "", "pid 7"});
  fold.Later(seconds(1)).Becomes(1, WorkerState::kRunning);
  const Worker& worker = *fold.worker(1);
  EXPECT_EQ(worker.machine, "pid 7");
  EXPECT_EQ(worker.presence, Presence::kOpened);
  EXPECT_EQ(worker.presence_since, kStart + seconds(1));
  EXPECT_EQ(worker.running_since, kStart + seconds(3));
  EXPECT_EQ(worker.state_since, kStart + seconds(3));
}

TEST(Evolve, AMachineMayExistForEveryStateAfterTheSiteWasAsked) {
  for (const WorkerState to : {WorkerState::kPending, WorkerState::kStarted, WorkerState::kRunning,
                               WorkerState::kRunningFailed}) {
    Fold fold;
    fold.Requested(1).Becomes(1, to);
    EXPECT_EQ(fold.worker(1)->presence, Presence::kOpened);
  }
}

TEST(Evolve, AWorkerLeavesWhenItsEndIsRecordedAndItsMachineIsGone) {
  const struct {
    std::string_view history;
    bool left;
  } cases[] = {
      {"", false},    {"P", false},     {"PG", false},    {"PT", false}, {"PTE", false},
      {"PTEG", true}, {"PTGE", true},   {"PGTE", true},   {"PF", false}, {"PFG", true},
      {"PGF", true},  {"T", false},     {"TE", true},     {"F", true},   {"J", true},
      {"PJ", false},  {"PTELU", false}, {"PTELUG", true},
  };
  for (const auto& [history, left] : cases) {
    Fold fold;
    fold.Requested(1);
    for (const char step : history) {
      if (step == 'P') fold.Becomes(1, WorkerState::kPending);
      if (step == 'T') fold.Becomes(1, WorkerState::kTerminating);
      if (step == 'E') fold.Becomes(1, WorkerState::kTerminated);
      if (step == 'F') fold.Becomes(1, WorkerState::kFailed);
      if (step == 'J') fold.Becomes(1, WorkerState::kRejected);
      if (step == 'L') fold.Machine(1, Presence::kListed);
      if (step == 'U') fold.Machine(1, Presence::kUnlisted);
      if (step == 'G') fold.Machine(1, Presence::kGone);
    }
    EXPECT_EQ(fold.worker(1) == nullptr, left) << history;
  }
}

TEST(Evolve, WhatIsSaidOfAWorkerThatHasLeftChangesNothing) {
  Fold fold;
  fold.Requested(1).Becomes(1, WorkerState::kFailed);
  const Epu before = fold.web();
  fold.Becomes(1, WorkerState::kTerminated).Machine(1, Presence::kGone);
  fold.On(HealthChanged{kWeb, WorkerNumber{1}, Health::kOk, {}, ""});
  EXPECT_EQ(fold.web(), before);
}

TEST(Evolve, HealthIsUnknownFromTheEndOnButForAZombies) {
  Fold fold;
  fold.Requested(1).Becomes(1, WorkerState::kRunning);
  fold.On(HealthChanged{kWeb, WorkerNumber{1}, Health::kMissing, {}, "silent"});
  fold.Becomes(1, WorkerState::kTerminating);
  EXPECT_EQ(fold.worker(1)->health, Health::kUnknown);
  fold.On(HealthChanged{kWeb, WorkerNumber{1}, Health::kZombie, {}, ""});
  fold.Becomes(1, WorkerState::kTerminated);
  EXPECT_EQ(fold.worker(1)->health, Health::kZombie);
  EXPECT_EQ(fold.worker(1)->health_detail, "silent");
}

TEST(Evolve, RunningFailedThenFailedIsOneFailure) {
  Fold fold;
  fold.Requested(1).Becomes(1, WorkerState::kRunningFailed).Becomes(1, WorkerState::kFailed);
  EXPECT_EQ(fold.web().back_off.failures, 1u);
  EXPECT_EQ(fold.web().failure, WorkerNumber{1});
}

TEST(Evolve, WhatEndedOnOrdersIsNoFailure) {
  Fold fold;
  fold.Requested(1).Requested(2);
  fold.Becomes(1, WorkerState::kTerminating, Reason::kKilled).Becomes(1, WorkerState::kFailed);
  fold.Becomes(2, WorkerState::kRejected, Reason::kDisabled);
  EXPECT_EQ(fold.web().back_off, BackOff{});
  EXPECT_EQ(fold.web().failure, std::nullopt);
}

// ---- Pools ----

TEST(Evolve, ARemovedPoolLeavesItsNameAndTheNumberOfItsNextWorker) {
  Fold fold;
  fold.Requested(1).Becomes(1, WorkerState::kRejected).On(RemovalBegun{kWeb}).On(EpuRemoved{kWeb});
  EXPECT_EQ(FindEpu(fold.state(), "web"), nullptr);
  Epu rest;
  rest.number = kWeb;
  rest.definition.name = "web";
  rest.removed = true;
  rest.next_worker = WorkerNumber{2};
  rest.removal = fold.state().head;
  EXPECT_EQ(fold.web(), rest);
}

TEST(Evolve, AReconfigurationReplacesKeysAndAddsThoseThatAnOlderBuildLacked) {
  Fold fold;
  fold.On(EpuReconfigured{kWeb, {{"preserve_n", std::int64_t{4}}, {"new", true}}});
  EXPECT_EQ(fold.web().definition.settings,
            (std::vector<Setting>{{"preserve_n", std::int64_t{4}}, {"new", true}}));
  EXPECT_EQ(fold.web().policy, fold.state().head);
}

TEST(Evolve, AnEngineErrorCountsFromItsFirstText) {
  Fold fold;
  fold.On(EngineErrorChanged{kWeb, "tired"}).Later(seconds(9)).On(EngineErrorChanged{kWeb, "sad"});
  EXPECT_EQ(fold.web().engine_error, "sad");
  EXPECT_EQ(fold.web().engine_error_since, kStart);
  fold.On(EngineErrorChanged{kWeb, ""}).Later(seconds(1)).On(EngineErrorChanged{kWeb, "sad"});
  EXPECT_EQ(fold.web().engine_error_since, kStart + seconds(10));
}

// ---- Readings ----

TEST(Evolve, AnOlderReadingChangesNothing) {
  Fold fold;
  fold.Later(seconds(60)).Reads(41, seconds(5));
  const Reading latest = fold.reading();
  EXPECT_EQ(fold.Later(seconds(1)).Reads(7, seconds(7)).reading(), latest);
  EXPECT_EQ(fold.Reads(7, seconds(6)).reading().measure, Measure(7.0));  // As old: the later said.
  EXPECT_EQ(fold.reading().sequence, fold.state().head);
}

TEST(Evolve, AReadingOfASensorThatIsNoLongerDefinedChangesNothing) {
  Fold fold;
  const Epu before = fold.web();
  fold.On(ReadingTaken{kWeb, SensorNumber{999}, 7.0, {}, {}, ""});
  EXPECT_EQ(fold.web(), before);
}

// ---- Clients ----

TEST(Evolve, RemembersTheLast64CommandsOfAClient) {
  Fold fold;
  for (std::uint64_t number = 1; number <= 70; ++number) fold.On(RunLimited{9}, {7, number});
  EXPECT_EQ(FindOutcome(fold.state(), {7, 6}), nullptr);
  const Outcome* oldest = FindOutcome(fold.state(), {7, 7});
  ASSERT_NE(oldest, nullptr);
  EXPECT_EQ(*oldest, (Outcome{7, 3 + 7, 3 + 7}));
  EXPECT_EQ(FindOutcome(fold.state(), {8, 70}), nullptr);
  EXPECT_EQ(fold.state().clients.at(7).outcomes.size(), kOutcomesMax);
}

TEST(Evolve, RemembersACommandOfSeveralEventsOnce) {
  Fold fold;
  for (std::uint16_t index = 0; index < 3; ++index) fold.On(RunLimited{9}, {7, 1}, {index, 3});
  EXPECT_EQ(*FindOutcome(fold.state(), {7, 1}), (Outcome{1, 4, 6}));
  EXPECT_EQ(fold.state().clients.at(7).outcomes.size(), 1u);
}

TEST(Evolve, DoesNotRememberTheServersOwnCommands) {
  Fold fold;
  EXPECT_TRUE(fold.state().clients.empty());
  EXPECT_EQ(FindOutcome(fold.state(), {}), nullptr);
}

TEST(Evolve, ForgetsAClientUnheardForADay) {
  Fold fold;
  fold.On(RunLimited{9}, {7, 1}).Later(hours(12)).On(RunLimited{8}, {8, 1});
  fold.Later(hours(12)).On(RunLimited{7});
  EXPECT_EQ(fold.state().clients.size(), 2u);
  fold.Later(hours(1)).On(RunLimited{6});
  EXPECT_FALSE(fold.state().clients.contains(7));
  EXPECT_TRUE(fold.state().clients.contains(8));
}

// ---- Pauses ----

DecisionMade Wants(std::uint32_t size, std::uint32_t wanted, std::vector<Constraint> constraints) {
  DecisionMade decision;
  decision.epu = kWeb;
  decision.cause = DecisionCause::kScaling;
  decision.size = size;
  decision.wanted = wanted;
  decision.constraints = std::move(constraints);
  return decision;
}

TEST(Evolve, APauseHoldsTheDirectionsThatItNames) {
  Fold fold;
  fold.Later(seconds(9)).On(ScalingPaused{kWeb, true, false, kStart + hours(2)});
  EXPECT_EQ(fold.web().paused_out, (Hold{4, kStart + seconds(9), kStart + hours(2), 0}));
  EXPECT_EQ(fold.web().paused_in, std::nullopt);
  fold.On(ScalingPaused{kWeb, false, true, {}}).On(ScalingResumed{kWeb, true, false});
  EXPECT_EQ(fold.web().paused_out, std::nullopt);
  EXPECT_EQ(fold.web().paused_in, (Hold{5, kStart + seconds(9), {}, 0}));
}

TEST(Evolve, ADecisionThatIsHeldWholeChangesNothingButWhatThePauseHeldFirst) {
  const Constraint cut{ConstraintKind::kPaused, 3, 1, {}};
  Fold fold;
  fold.On(Wants(0, 1, {})).On(ScalingPaused{kWeb, true, true, {}});
  const Sequence decision = fold.web().decision;
  fold.On(Wants(1, 1, {cut})).On(Wants(1, 1, {cut}));
  EXPECT_EQ(fold.web().decision, decision);
  EXPECT_EQ(fold.web().paused_out->decision, 6u);
  EXPECT_EQ(fold.web().paused_in->decision, 0u);
  // Under another policy it is to be told anew.
  fold.On(EpuReconfigured{kWeb, {}});
  EXPECT_EQ(fold.web().paused_out->decision, 0u);
  EXPECT_EQ(fold.web().paused_out->event, 5u);
}

TEST(Evolve, ADecisionThatIsHeldInPartIsADecision) {
  Fold fold;
  fold.On(Wants(0, 2, {})).On(ScalingPaused{kWeb, false, true, {}});
  fold.On(Wants(2, 4, {{ConstraintKind::kPaused, 4, 4, {}}}));
  EXPECT_EQ(fold.web().wanted, 4u);
  EXPECT_EQ(fold.web().decision, 6u);
  EXPECT_EQ(fold.web().paused_in->decision, 6u);
}

// ---- What all share ----

TEST(Evolve, AStartForgetsWhetherSitesAnswer) {
  Fold fold;
  fold.On(SiteAnswered{kHere, true, ""});
  EXPECT_EQ(fold.state().sites.at(kHere).answering, true);
  fold.Later(seconds(9)).On(ServerStarted{"k3f9", 2, "host", 78, "/srv/log"});
  EXPECT_EQ(fold.state().sites.at(kHere).answering, std::nullopt);
  EXPECT_EQ(fold.state().epoch, 2u);
  EXPECT_EQ(fold.state().server_started, kStart + seconds(9));
  EXPECT_EQ(fold.state().requests, (std::map<std::uint32_t, std::uint64_t>{{2, 0}, {0x5d1e, 0}}));
}

TEST(Evolve, ACopyOwnsNoMachine) {
  Fold fold;
  fold.Requested(1).Requested(2).On(ServerStarted{"k3f9", 2, "host", 78, "/srv/log"});
  EXPECT_EQ(fold.state().epus.at(kWeb).workers.size(), 2u) << "the same log goes on";
  fold.On(ServerStarted{"a1b2", 3, "other", 79, "/copy/log"});
  EXPECT_EQ(fold.state().log_id, "a1b2");
  EXPECT_EQ(fold.state().host + fold.state().path, "other/copy/log");
  EXPECT_EQ(fold.state().epus.at(kWeb).workers.size(), 0u);
  EXPECT_EQ(fold.state().epus.at(kWeb).next_worker, WorkerNumber{3}) << "no number is used twice";
  EXPECT_EQ(fold.state().requests, (std::map<std::uint32_t, std::uint64_t>{{3, 0}}));
}

TEST(Evolve, SwitchesLaunchingOfASiteOrOfAll) {
  Fold fold;
  fold.On(LaunchingSwitched{kHere, false});
  EXPECT_TRUE(fold.state().enabled);
  EXPECT_FALSE(fold.state().sites.at(kHere).enabled);
  fold.On(LaunchingSwitched{{}, false}).On(LaunchingSwitched{kHere, true});
  EXPECT_FALSE(fold.state().enabled);
  EXPECT_TRUE(fold.state().sites.at(kHere).enabled);
}

// ---- Strangers ----

TEST(Evolve, AStrangerIsKnownUntilItIsGone) {
  const LaunchId launch{0x77aa, 3};
  const auto becomes = [&](StrangerFate to) { return StrangerChanged{kHere, launch, "pid 7", to}; };
  Fold fold;
  fold.On(becomes(StrangerFate::kUndecided)).Later(seconds(1));
  EXPECT_EQ(fold.state().strangers.at(launch),
            (Stranger{kHere, "pid 7", StrangerFate::kUndecided, 4, kStart}));
  fold.On(becomes(StrangerFate::kCollected));
  EXPECT_EQ(fold.state().strangers.at(launch),
            (Stranger{kHere, "pid 7", StrangerFate::kCollected, 5, kStart + seconds(1)}));
  fold.On(becomes(StrangerFate::kGone));
  EXPECT_TRUE(fold.state().strangers.empty());
}

TEST(Evolve, UnderAnotherIdTheStrangersAreThoseOfTheLogItWasCopiedFrom) {
  Fold fold;
  fold.On(StrangerChanged{kHere, {0x77aa, 3}, "pid 7", StrangerFate::kAdopted});
  fold.On(ServerStarted{"k3f9", 0x5d1f, "host", 1, "/log"});
  EXPECT_EQ(fold.state().strangers.size(), 1u);
  fold.On(ServerStarted{"zzzz", 0x5d20, "host", 1, "/log"});
  EXPECT_TRUE(fold.state().strangers.empty());
}

}  // namespace
}  // namespace epu
