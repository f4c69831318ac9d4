#include "provisioner/provisioner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provisioner/fake_site.h"

namespace epu {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ProvisionerTest : public testing::Test {
 protected:
  void PassTimes(int passes) {
    for (int pass = 0; pass < passes; ++pass) EXPECT_EQ(provisioner_.Pass(), absl::OkStatus());
  }
  void Pass() { PassTimes(1); }
  void ExpectState(WorkerId worker, WorkerState state, Reason reason = Reason::kNone) {
    const Worker* found = server_.Find(worker);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(StateName(found->state), StateName(state));
    EXPECT_EQ(ReasonName(found->reason), ReasonName(reason));
  }
  std::size_t CountSiteReports() const {
    std::size_t count = 0;
    for (const Order& order : server_.orders) count += std::holds_alternative<ReportSite>(order);
    return count;
  }
  void End(WorkerId worker) {
    server_.Record(WorkerChanged{worker.epu, worker.number, WorkerState::kStarted,
                                 WorkerState::kTerminating, Reason::kRetired, "", ""});
  }
  // A worker that was refused before its site was asked, and is forgotten; its request is in the
  // log.
  Token TokenOfAWorkerThatLeft() {
    const WorkerId worker = server_.Request();
    server_.Take({ReportWorker{worker, WorkerState::kRejected, Reason::kDisabled, "", ""}});
    EXPECT_EQ(server_.Find(worker), nullptr);
    return {"k3f9", {0x5d1e, 1}};
  }

  FakeClock clock_;
  FakeServer server_{clock_};
  FakeDriver driver_;
  Provisioner provisioner_{FakeServer::kSite, driver_, server_.log, clock_, server_.Sink()};
};

TEST_F(ProvisionerTest, BringsAWorkerUpWithItsIntentRecordedBeforeTheCall) {
  const WorkerId worker = server_.Request();
  Pass();
  ExpectState(worker, WorkerState::kPending);
  EXPECT_THAT(driver_.launched, IsEmpty());

  Pass();
  EXPECT_THAT(driver_.launched, ElementsAre(Token{"k3f9", {0x5d1e, 1}}));
  ExpectState(worker, WorkerState::kStarted);
  EXPECT_EQ(server_.Find(worker)->machine, "pid 1");
  EXPECT_EQ(server_.Find(worker)->presence, Presence::kOpened);

  Pass();
  EXPECT_EQ(server_.Find(worker)->presence, Presence::kListed);
  EXPECT_TRUE(provisioner_.in_motion());
  server_.Take({ReportWorker{worker, WorkerState::kRunning, Reason::kNone, "", ""}});
  const std::size_t orders = server_.orders.size();
  Pass();
  EXPECT_FALSE(provisioner_.in_motion());
  EXPECT_THAT(server_.orders, SizeIs(orders)) << "nothing to say of a site at rest";
  EXPECT_THAT(driver_.launched, SizeIs(1));
}

TEST_F(ProvisionerTest, EndsAWorkerAndProvesItGone) {
  const WorkerId worker = server_.Request();
  PassTimes(3);
  End(worker);
  Pass();
  EXPECT_THAT(driver_.terminated, ElementsAre(Token{"k3f9", {0x5d1e, 1}}));
  Pass();
  ExpectState(worker, WorkerState::kTerminating, Reason::kRetired);
  clock_.now += seconds(2);
  Pass();
  EXPECT_EQ(server_.Find(worker), nullptr) << "proven gone";
}

TEST_F(ProvisionerTest, TurnsRefusalsIntoFailuresAndAsksAgainWhereNothingIsKnown) {
  struct Case {
    absl::Status answer;
    WorkerState state;
    Reason reason;
  };
  for (const Case& c : {
           Case{absl::ResourceExhaustedError("no room"), WorkerState::kFailed, Reason::kIaasFull},
           Case{absl::InvalidArgumentError("bad"), WorkerState::kFailed, Reason::kIaasProblem},
           Case{absl::UnavailableError("timeout"), WorkerState::kPending, Reason::kNone},
       }) {
    driver_.launch_answer = c.answer;
    const WorkerId worker = server_.Request();
    PassTimes(2);
    ExpectState(worker, c.state, c.reason);
    if (c.state == WorkerState::kFailed) {
      EXPECT_EQ(server_.Find(worker)->detail, std::string(c.answer.message()));
    }
  }
  const std::size_t calls = driver_.launched.size();
  driver_.launch_answer = absl::OkStatus();
  Pass();
  EXPECT_THAT(driver_.launched, SizeIs(calls + 1));
}

TEST_F(ProvisionerTest, GivesUpOnALaunchThatTheSiteNeverAnswers) {
  driver_.launch_answer = absl::UnavailableError("timeout");
  const WorkerId worker = server_.Request();
  PassTimes(2);
  clock_.now += seconds(61);
  Pass();
  ExpectState(worker, WorkerState::kFailed, Reason::kIaasTimeout);
}

TEST_F(ProvisionerTest, MakesNoCallOnceDisablingIsRecordedEvenInTheMiddleOfAPass) {
  server_.Request();
  server_.Request();
  Pass();
  driver_.after_launch = [&] { server_.Record(LaunchingSwitched{SiteNumber{}, false}); };
  Pass();
  EXPECT_THAT(driver_.launched, SizeIs(1));
  driver_.after_launch = [] {};
  Pass();
  EXPECT_THAT(driver_.launched, SizeIs(1));
}

TEST_F(ProvisionerTest, StaysDisabledThroughARestart) {
  server_.Record(LaunchingSwitched{FakeServer::kSite, false});
  const WorkerId worker = server_.Request();
  server_.Start(0x6000);
  Provisioner next(FakeServer::kSite, driver_, server_.log, clock_, server_.Sink());
  for (int pass = 0; pass < 3; ++pass) ASSERT_TRUE(next.Pass().ok());
  EXPECT_THAT(driver_.launched, IsEmpty());
  EXPECT_EQ(server_.Find(worker), nullptr) << "rejected, and never had a machine";

  server_.Record(LaunchingSwitched{FakeServer::kSite, true});
  server_.Request();
  for (int pass = 0; pass < 3; ++pass) ASSERT_TRUE(next.Pass().ok());
  EXPECT_THAT(driver_.launched, SizeIs(1));
}

TEST_F(ProvisionerTest, ConcludesNothingFromAFailedListingAndSaysSoOnce) {
  const WorkerId worker = server_.Request();
  PassTimes(3);
  driver_.machines.clear();
  driver_.list_answer = absl::PermissionDeniedError("Permission denied");
  const std::size_t before = CountSiteReports();
  for (int pass = 0; pass < 5; ++pass) {
    clock_.now += seconds(60);
    EXPECT_TRUE(absl::IsPermissionDenied(provisioner_.Pass()));
  }
  EXPECT_EQ(CountSiteReports(), before + 1);
  ExpectState(worker, WorkerState::kStarted);
  EXPECT_EQ(server_.Find(worker)->presence, Presence::kListed);
  EXPECT_EQ(server_.Fold().sites.at(FakeServer::kSite).error, "Permission denied");

  driver_.list_answer = absl::PermissionDeniedError("Permission denied, again");
  EXPECT_FALSE(provisioner_.Pass().ok());
  EXPECT_EQ(CountSiteReports(), before + 2);
  driver_.list_answer = absl::OkStatus();
  PassTimes(2);
  EXPECT_EQ(CountSiteReports(), before + 3);
  EXPECT_EQ(server_.Fold().sites.at(FakeServer::kSite).answering, true);
}

TEST_F(ProvisionerTest, GoesOnWhereAKilledServerStopped) {
  const WorkerId launched = server_.Request();
  const WorkerId requested = server_.Request();
  server_.Take({ReportWorker{launched, WorkerState::kPending, Reason::kNone, "", ""}});
  const Token token{"k3f9", {0x5d1e, 1}};
  driver_.machines[token] = Machine{"pid 1", token, MachineCondition::kRunning};

  server_.Start(0x6000);
  Provisioner next(FakeServer::kSite, driver_, server_.log, clock_, server_.Sink());
  for (int pass = 0; pass < 3; ++pass) ASSERT_TRUE(next.Pass().ok());

  ExpectState(launched, WorkerState::kStarted);
  ExpectState(requested, WorkerState::kStarted);
  EXPECT_THAT(driver_.launched, ElementsAre(Token{"k3f9", {0x5d1e, 2}}));
}

TEST_F(ProvisionerTest, StopsWhenAnotherServerHasTakenTheLog) {
  server_.Request();
  PassTimes(1);
  const Token orphan{"k3f9", {0x5d1e, 77}};
  driver_.machines[orphan] = Machine{"pid 77", orphan, MachineCondition::kRunning};
  server_.Start(0x6000);
  EXPECT_TRUE(absl::IsFailedPrecondition(provisioner_.Pass()));
  EXPECT_TRUE(absl::IsFailedPrecondition(provisioner_.Pass()));
  EXPECT_THAT(driver_.launched, IsEmpty());
  EXPECT_THAT(driver_.terminated, IsEmpty());
}

TEST_F(ProvisionerTest, EndsOrphansAndCollectedStrangers) {
  const Token orphan = TokenOfAWorkerThatLeft();
  const Token stranger{"k3f9", {0x1234, 1}};
  driver_.machines[orphan] = Machine{"pid 77", orphan, MachineCondition::kRunning};
  driver_.machines[stranger] = Machine{"pid 1", stranger, MachineCondition::kRunning};
  PassTimes(2);
  EXPECT_THAT(driver_.terminated, ElementsAre(orphan));
  EXPECT_EQ(server_.Fold().strangers.at(stranger.launch).machine, "pid 1");

  EXPECT_EQ(provisioner_.CountStrangers(), 1u);

  server_.Record(
      StrangerChanged{FakeServer::kSite, stranger.launch, "pid 1", StrangerFate::kCollected});
  driver_.terminated.clear();
  PassTimes(1);
  EXPECT_THAT(driver_.terminated, ElementsAre(stranger));
  EXPECT_EQ(provisioner_.CountStrangers(), 0u);
  PassTimes(1);
  EXPECT_THAT(server_.Fold().strangers, IsEmpty());
}

TEST_F(ProvisionerTest, KeepsTheFirstRefusalToEndAMachine) {
  const Token orphan = TokenOfAWorkerThatLeft();
  driver_.machines[orphan] = Machine{"pid 77", orphan, MachineCondition::kRunning};
  driver_.terminate_answer = absl::PermissionDeniedError("not yours");
  Pass();
  EXPECT_EQ(provisioner_.termination_status(), absl::PermissionDeniedError("pid 77: not yours"));
  driver_.terminate_answer = absl::OkStatus();
  Pass();
  EXPECT_EQ(provisioner_.termination_status(), absl::OkStatus());
}

TEST_F(ProvisionerTest, KeepsNewWorkersWaitingForASiteThatDoesNotAnswer) {
  const WorkerId worker = server_.Request();
  driver_.list_answer = absl::UnavailableError("no route");
  EXPECT_FALSE(provisioner_.Pass().ok());
  ExpectState(worker, WorkerState::kErrorRetrying, Reason::kIaasProblem);
  driver_.list_answer = absl::OkStatus();
  PassTimes(2);
  ExpectState(worker, WorkerState::kStarted);
}

TEST_F(ProvisionerTest, RepeatsReportsThatWereLost) {
  const WorkerId worker = server_.Request();
  int lost = 0;
  Provisioner deaf(FakeServer::kSite, driver_, server_.log, clock_,
                   [&](std::vector<Order> orders) { lost += static_cast<int>(orders.size()); });
  ASSERT_TRUE(deaf.Pass().ok());
  ASSERT_TRUE(deaf.Pass().ok());
  EXPECT_EQ(lost, 4) << "that the site answers and that the worker is pending, twice";
  ExpectState(worker, WorkerState::kRequested);
  EXPECT_THAT(driver_.launched, IsEmpty());
}

}  // namespace
}  // namespace epu
