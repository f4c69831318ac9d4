#include "provisioner/reconcile.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace epu {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// The server started at 1000 s; the worker has been in its state since 1010 s; it is 1020 s, and
// the listing was begun just before. The site's listings lag by 2 s.
Time At(int second) { return Time(seconds(second)); }

constexpr EpuNumber kCrunch{10};
constexpr SiteNumber kLocal{5};
constexpr LaunchId kLaunch{0x5d1e, 3};
constexpr WorkerId kWorker{kCrunch, WorkerNumber{12}};

Machine MachineOf(const LaunchId& launch, const std::string& id,
                  MachineCondition condition = MachineCondition::kRunning) {
  return {id, Token{"k3f9", launch}, condition};
}

Order Changes(WorkerState to, Reason reason = Reason::kNone, const std::string& machine = "") {
  return ReportWorker{kWorker, to, reason, "", machine};
}

Order Notes(Presence to, const std::string& machine = "") {
  return ReportMachine{kWorker, to, machine};
}

// One worker at one site, and what the site lists.
struct World {
  State state;
  Listing listing;
  DriverFacts facts{.listing_lag = seconds(2), .repeat_safe = Duration::max()};
  CallLog calls;
  Time now = At(1020);

  World(WorkerState worker_state, Presence presence) {
    state.log_id = "k3f9";
    state.epoch = 0x5d1e;
    state.server_started = At(1000);
    state.requests = {{0x5d1e, 3}};
    state.sites[kLocal].number = kLocal;
    Epu& epu = state.epus[kCrunch];
    epu.number = kCrunch;
    epu.definition.name = "crunch";
    epu.definition.worker.site = kLocal;
    epu.definition.worker.command = {"/usr/local/bin/crunch-worker", "/srv/spool"};
    epu.definition.worker.environment = {{"REGION", "north"}};
    epu.definition.worker.stop_grace = seconds(7);
    epu.definition.health.boot_timeout = seconds(30);
    Worker& worker = epu.workers[WorkerNumber{12}];
    worker.number = WorkerNumber{12};
    worker.site = kLocal;
    worker.launch = kLaunch;
    worker.state = worker_state;
    worker.state_since = worker.presence_since = At(1010);
    worker.presence = presence;
    listing.begun = At(1019);
  }

  Worker& worker() { return state.epus[kCrunch].workers[WorkerNumber{12}]; }
  Epu& epu() { return state.epus[kCrunch]; }

  World&& Lists(const Machine& machine) && {
    listing.machines.push_back(machine);
    return std::move(*this);
  }
  World&& ListsIt() && { return std::move(*this).Lists(MachineOf(kLaunch, "pid 7")); }
  World&& ListsItWithoutAgent() && {
    return std::move(*this).Lists(MachineOf(kLaunch, "pid 8", MachineCondition::kAgentLost));
  }
  World&& Disabled() && {
    state.enabled = false;
    return std::move(*this);
  }
  World&& SiteDisabled() && {
    state.sites[kLocal].enabled = false;
    return std::move(*this);
  }
  World&& Unmonitored() && {
    epu().definition.health.monitor = false;
    return std::move(*this);
  }
  World&& Since(int second) && {
    worker().state_since = At(second);
    return std::move(*this);
  }
  World&& ServerStarted(int second) && {
    state.server_started = At(second);
    return std::move(*this);
  }
  World&& Called(int second) && {
    calls.launch_ended[kLaunch] = At(second);
    return std::move(*this);
  }
  World&& RepeatSafeFor(Duration duration) && {
    facts.repeat_safe = duration;
    return std::move(*this);
  }
  // Listed and looked at one second later.
  World&& ListedAt(int second) && {
    listing.begun = At(second);
    now = At(second + 1);
    return std::move(*this);
  }

  Reconciliation Reconciled() const {
    return Reconcile(state, state.sites.at(kLocal), listing, facts, calls, now);
  }
};

// A row of a table: a situation, and what is due in it.
struct Row {
  const char* situation;
  World world;
  std::vector<Order> reports;
  std::size_t launches = 0;
  std::size_t terminations = 0;
};

void ExpectRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Reconciliation due = row.world.Reconciled();
    EXPECT_EQ(due.reports, row.reports) << row.situation;
    EXPECT_EQ(due.launches.size(), row.launches) << row.situation;
    EXPECT_EQ(due.terminations.size(), row.terminations) << row.situation;
    EXPECT_EQ(row.world.Reconciled(), due) << row.situation;
  }
}

using enum WorkerState;
using enum Presence;

TEST(Reconcile, RecordsTheIntentBeforeAnyCallOrRejectsTheWorker) {
  ExpectRows({
      {"requested", World(kRequested, kUnasked), {Changes(kPending)}},
      {"retrying", World(kErrorRetrying, kUnasked), {Changes(kPending)}},
      {"run disabled",
       World(kRequested, kUnasked).Disabled(),
       {Changes(kRejected, Reason::kDisabled)}},
      {"site disabled",
       World(kRequested, kUnasked).SiteDisabled(),
       {Changes(kRejected, Reason::kDisabled)}},
  });
}

TEST(Reconcile, AsksForAPendingMachineOverAndOverUntilItIsListedOrTimeIsUp) {
  ExpectRows({
      {"not listed", World(kPending, kOpened), {}, 1},
      {"asked before", World(kPending, kOpened).Called(1018), {}, 1},
      {"listed",
       World(kPending, kOpened).ListsIt(),
       {Changes(kStarted, Reason::kNone, "pid 7"), Notes(kListed, "pid 7")}},
      {"listed, disabled since",
       World(kPending, kOpened).ListsIt().Disabled(),
       {Changes(kStarted, Reason::kNone, "pid 7"), Notes(kListed, "pid 7")}},
      {"after the last moment",
       World(kPending, kOpened).ListedAt(1070),
       {Changes(kFailed, Reason::kIaasTimeout)}},
      {"at the last moment", World(kPending, kOpened).ListedAt(1069), {}, 1},
      {"the server was away most of the time",
       World(kPending, kOpened).ServerStarted(1040).ListedAt(1070),
       {},
       1},
  });
}

TEST(Reconcile, RepeatsACallOnlyWhileTheSiteStillKnowsTheToken) {
  ExpectRows({
      {"safe", World(kPending, kOpened).Called(1011).RepeatSafeFor(seconds(11)), {}, 1},
      {"no longer safe", World(kPending, kOpened).Called(1011).RepeatSafeFor(seconds(10)), {}, 0},
      {"the first call", World(kPending, kOpened).RepeatSafeFor(seconds(0)), {}, 1},
      {"perhaps called by an earlier server",
       World(kPending, kOpened).ServerStarted(1015).RepeatSafeFor(seconds(5)),
       {},
       0},
  });
}

TEST(Reconcile, CallsNothingWhileDisabledAndRejectsWhatIsProvenAbsent) {
  const std::vector<Order> rejected = {Notes(kGone), Changes(kRejected, Reason::kDisabled)};
  ExpectRows({
      {"never called", World(kPending, kOpened).Disabled(), rejected},
      {"site disabled", World(kPending, kOpened).SiteDisabled(), rejected},
      {"perhaps called before the server's start",
       World(kPending, kOpened).Disabled().ServerStarted(1018),
       {}},
      {"called too recently", World(kPending, kOpened).Disabled().Called(1018), {}},
      {"called long enough ago", World(kPending, kOpened).Disabled().Called(1017), rejected},
      {"half recorded, and enabled since",
       World(kPending, kGone),
       {Changes(kRejected, Reason::kDisabled)}},
  });
}

TEST(Reconcile, WatchesAMachineThatIsListed) {
  ExpectRows({
      {"started", World(kStarted, kListed).ListsIt(), {}},
      {"started, first listing", World(kStarted, kOpened).ListsIt(), {Notes(kListed, "pid 7")}},
      {"running", World(kRunning, kListed).ListsIt(), {}},
      {"back again", World(kRunning, kUnlisted).ListsIt(), {Notes(kListed, "pid 7")}},
      {"nobody listens", World(kStarted, kListed).ListsIt().Unmonitored(), {Changes(kRunning)}},
      {"started, agent lost",
       World(kStarted, kListed).ListsItWithoutAgent(),
       {Changes(kRunningFailed, Reason::kAgentLost)}},
      {"running, agent lost",
       World(kRunning, kListed).ListsItWithoutAgent(),
       {Changes(kRunningFailed, Reason::kAgentLost)}},
      {"agent lost, nobody listens",
       World(kStarted, kListed).ListsItWithoutAgent().Unmonitored(),
       {Changes(kRunningFailed, Reason::kAgentLost)}},
      {"agent lost, known", World(kRunningFailed, kListed).ListsItWithoutAgent(), {}},
  });
}

TEST(Reconcile, GivesAStartedWorkerItsBootWindow) {
  const std::vector<Order> late = {Changes(kRunningFailed, Reason::kBootTimeout)};
  ExpectRows({
      {"at its end", World(kStarted, kListed).ListsIt().ListedAt(1039), {}},
      {"after its end", World(kStarted, kListed).ListsIt().ListedAt(1040), late},
      {"running", World(kRunning, kListed).ListsIt().ListedAt(1040), {}},
      {"nobody could have heard it before the server's start",
       World(kStarted, kListed).ListsIt().ServerStarted(1030).ListedAt(1059),
       {}},
      {"since the server's start",
       World(kStarted, kListed).ListsIt().ServerStarted(1030).ListedAt(1060), late},
  });
}

TEST(Reconcile, ConcludesThatANodeDisappearedOnlyFromASecondListing) {
  const Order failed = Changes(kFailed, Reason::kNodeDisappeared);
  ExpectRows({
      {"missed for the first time", World(kRunning, kListed), {Notes(kUnlisted)}},
      {"missed again", World(kRunning, kUnlisted), {failed, Notes(kGone)}},
      {"failed already, missed again", World(kRunningFailed, kUnlisted), {failed, Notes(kGone)}},
      {"missed again, within the lag", World(kStarted, kUnlisted).ListedAt(1012), {}},
      {"missed again, after the lag",
       World(kStarted, kUnlisted).ListedAt(1013),
       {failed, Notes(kGone)}},
      {"never listed, within the lag", World(kStarted, kOpened).ListedAt(1012), {}},
      {"never listed, after the lag", World(kStarted, kOpened).ListedAt(1013), {Notes(kUnlisted)}},
      {"not proven yet: a call came back just now",
       World(kRunning, kUnlisted).Called(1018),
       {failed}},
      {"not proven yet: the server has just started",
       World(kRunning, kUnlisted).ServerStarted(1018),
       {failed}},
  });
}

TEST(Reconcile, EndsAMachineUntilACompleteListingProvesItGone) {
  const std::vector<Order> ended = {Notes(kGone), Changes(kTerminated)};
  ExpectRows({
      {"never asked for", World(kTerminating, kUnasked), {Changes(kTerminated)}},
      {"listed", World(kTerminating, kListed).ListsIt(), {}, 0, 1},
      {"listed late", World(kTerminating, kOpened).ListsIt(), {Notes(kListed, "pid 7")}, 0, 1},
      {"listed without agent", World(kTerminating, kListed).ListsItWithoutAgent(), {}, 0, 1},
      {"failed, and yet listed", World(kFailed, kListed).ListsIt(), {}, 0, 1},
      {"not listed", World(kTerminating, kListed), ended},
      {"not listed, opened", World(kTerminating, kOpened), ended},
      {"failed, not listed", World(kFailed, kOpened), {Notes(kGone)}},
      {"terminated, not listed", World(kTerminated, kUnlisted), {Notes(kGone)}},
      {"a call came back just now", World(kTerminating, kOpened).Called(1018), {}},
      {"a call came back before", World(kTerminating, kOpened).Called(1017), ended},
      {"perhaps called just before the start",
       World(kTerminating, kOpened).ServerStarted(1018),
       {}},
      {"half recorded", World(kTerminating, kGone), {Changes(kTerminated)}},
      {"ended while disabled", World(kTerminating, kListed).ListsIt().Disabled(), {}, 0, 1},
  });
}

TEST(Reconcile, EndsAnOrphanOfThisLogAndReportsAStranger) {
  World world(kRunning, kListed);
  world.state.requests = {{0x5d1e, 3}, {0x1111, 9}};
  const Machine own = MachineOf(kLaunch, "pid 7");
  const Machine forgotten = MachineOf({0x5d1e, 2}, "pid 6");
  const Machine of_an_earlier_epoch = MachineOf({0x1111, 9}, "pid 5");
  const Machine of_another_history = MachineOf({0x2222, 1}, "pid 4");
  const Machine of_a_lost_request = MachineOf({0x1111, 10}, "pid 8");
  const Machine of_another_log = {"pid 3", Token{"aaaa", kLaunch}, MachineCondition::kRunning};
  world.listing.machines = {
      own, forgotten, of_another_history, of_an_earlier_epoch, of_another_log, of_a_lost_request};

  const Reconciliation due = world.Reconciled();

  EXPECT_THAT(due.reports, ElementsAre(ReportStranger{kLocal, {0x1111, 10}, "pid 8", true},
                                       ReportStranger{kLocal, {0x2222, 1}, "pid 4", true}));
  EXPECT_THAT(due.terminations, ElementsAre(TerminateCall{of_an_earlier_epoch, kOrphanGrace},
                                            TerminateCall{forgotten, kOrphanGrace}));
}

TEST(Reconcile, TreatsAKnownStrangerAsWasDecided) {
  const LaunchId launch{0x2222, 1};
  const SiteNumber elsewhere{6};
  const auto gone = [&](SiteNumber site) -> std::vector<Order> {
    return {ReportStranger{site, launch, "pid 4", false}};
  };
  const struct {
    const char* situation;
    SiteNumber site;  // That showed it first.
    StrangerFate fate;
    bool listed;
    std::vector<Order> reports;
    std::size_t terminations;
  } rows[] = {
      {"undecided", kLocal, StrangerFate::kUndecided, true, {}, 0},
      {"adopted", kLocal, StrangerFate::kAdopted, true, {}, 0},
      {"collected", kLocal, StrangerFate::kCollected, true, {}, 1},
      {"collected, of another site", elsewhere, StrangerFate::kCollected, true, {}, 1},
      {"undecided, not listed", kLocal, StrangerFate::kUndecided, false, gone(kLocal), 0},
      {"adopted, not listed", kLocal, StrangerFate::kAdopted, false, gone(kLocal), 0},
      {"collected, not listed", kLocal, StrangerFate::kCollected, false, gone(kLocal), 0},
      {"not listed, of another site", elsewhere, StrangerFate::kCollected, false, {}, 0},
  };
  for (const auto& row : rows) {
    World world(kRunning, kListed);
    world.listing.machines = {MachineOf(kLaunch, "pid 7")};
    world.state.strangers[launch] = {row.site, "pid 4", row.fate, 9, At(1000)};
    if (row.listed) world.listing.machines.push_back(MachineOf(launch, "pid 4"));
    const Reconciliation due = world.Reconciled();
    EXPECT_EQ(due.reports, row.reports) << row.situation;
    EXPECT_EQ(due.terminations.size(), row.terminations) << row.situation;
  }
}

TEST(Reconcile, LeavesWorkersOfOtherSitesAndTheirMachinesAlone) {
  World world(kRequested, kUnasked);
  world.worker().site = SiteNumber{6};
  EXPECT_EQ(world.Reconciled(), Reconciliation{});
  EXPECT_EQ(std::move(world).ListsIt().Reconciled(), Reconciliation{});
}

TEST(Reconcile, KeepsOneMachineOfAToken) {
  const Machine first = MachineOf(kLaunch, "pid 9");
  const Machine second = MachineOf(kLaunch, "pid 10");
  World world(kRunning, kListed);
  world.listing.machines = {second, first};
  EXPECT_THAT(world.Reconciled().terminations, ElementsAre(TerminateCall{second, seconds(7)}));
  world.worker().machine = "pid 10";
  EXPECT_THAT(world.Reconciled().terminations, ElementsAre(TerminateCall{first, seconds(7)}));
  world.worker().state = kTerminating;
  EXPECT_THAT(world.Reconciled().terminations,
              ElementsAre(TerminateCall{first, seconds(7)}, TerminateCall{second, seconds(7)}));
}

TEST(Reconcile, LaunchesWhatTheDefinitionSays) {
  World world(kPending, kOpened);
  world.worker().unique_key = "leader";
  world.epu().definition.settings = {
      {"preserve_n", std::int64_t{2}},
      {"unique_instances", std::vector<UniqueInstance>{{"scribe", {{"ROLE", "scribe"}}},
                                                       {"leader", {{"ROLE", "leader"}}}}}};

  const Reconciliation due = world.Reconciled();

  LaunchSpec spec;
  spec.worker = kWorker;
  spec.epu_name = "crunch";
  spec.unique_key = "leader";
  spec.command = {"/usr/local/bin/crunch-worker", "/srv/spool"};
  spec.environment = {{"REGION", "north"}, {"ROLE", "leader"}};
  spec.stop_grace = seconds(7);
  EXPECT_THAT(due.launches, ElementsAre(LaunchCall{Token{"k3f9", kLaunch}, spec}));
}

TEST(Reconcile, ReportsInTheOrderOfWorkers) {
  World world(kRequested, kUnasked);
  for (const std::uint32_t number : {3u, 200u}) {
    Worker worker = world.worker();
    worker.number = WorkerNumber{number};
    worker.launch = {0x5d1e, number};
    world.epu().workers[worker.number] = worker;
  }
  const auto pending = [](std::uint32_t number) -> Order {
    return ReportWorker{{kCrunch, WorkerNumber{number}}, kPending, Reason::kNone, "", ""};
  };
  EXPECT_THAT(world.Reconciled().reports, ElementsAre(pending(3), pending(12), pending(200)));
}

}  // namespace
}  // namespace epu
