#include "commands/gateway.h"

#include <pwd.h>
#include <unistd.h>

#include <random>

#include "commands/raw_peer.h"
#include "commands/served_run.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kClient = 0x7f3a9c;

Command NewCommand(std::uint64_t number) { return {{kClient, number}, std::nullopt, "", EndRun{}}; }

std::string Submit(std::uint64_t request) {
  return EncodeRequest({request, NewCommand(request)}).value();
}

std::string Report(std::uint64_t request) {
  Command command = NewCommand(request);
  command.order = ReportSite{SiteNumber{2}, true, ""};
  return EncodeRequest({request, command}).value();
}

std::string Beat(std::uint64_t request, WorkerNumber worker = WorkerNumber{1}) {
  return EncodeRequest({request, Heartbeat{{EpuNumber{3}, worker}, {1, 1}, Health::kOk, ""}})
      .value();
}

std::string Read(std::uint64_t request, Sequence after, Duration wait) {
  return EncodeRequest({request, ReadQuery{after, {10, 1000}, wait}}).value();
}

// A peer of `run`.
struct Peer : RawPeer {
  explicit Peer(const ServedRun& run) : RawPeer(zmq::socket_type::dealer) {
    Connect(run.endpoint());
  }
};

absl::Status RefusalOf(const Reply& reply) {
  const auto* refused = std::get_if<Refused>(&reply.body);
  return refused == nullptr ? absl::OkStatus() : refused->status;
}

Sequence FirstOf(const Reply& reply) {
  const auto* answer = std::get_if<Answer>(&reply.body);
  EXPECT_NE(answer, nullptr) << RefusalOf(reply);
  return answer == nullptr ? 0 : answer->first;
}

std::vector<Submission> TakeCommands(ServedRun& run, std::size_t count) {
  std::vector<Submission> all;
  Eventually([&] {
    for (auto& submission : run.commands.TakeAll({})) all.push_back(std::move(submission));
    return all.size() >= count;
  });
  return all;
}

// ---- Commands ----

TEST(Gateway, CarriesACommandToTheWriterAndItsAnswerBack) {
  ServedRun run(8);
  run.StartWriter();
  Peer peer(run);
  peer.Send({Submit(5)});
  const Reply reply = peer.ReceiveReply();
  EXPECT_EQ(reply.number, 5u);
  EXPECT_EQ(FirstOf(reply), 1u);
}

TEST(Gateway, TheAuthorIsWhoTheKernelSaysWhateverTheCommandSays) {
  ServedRun run(8);
  Peer peer(run);
  Command command = NewCommand(1);
  command.author = Author{4242, "somebody"};
  peer.Send({EncodeRequest({1, command}).value()});
  const auto taken = TakeCommands(run, 1);
  ASSERT_EQ(taken.size(), 1u);
  ASSERT_TRUE(taken[0].command.author.has_value());
  EXPECT_EQ(taken[0].command.author->user_id, geteuid());
  EXPECT_EQ(taken[0].command.author->name, Authors().Find(geteuid()).name);
}

TEST(Gateway, ARepeatAfterTheAnswerIsDecidedAgainByTheWriter) {
  ServedRun run(8);
  run.StartWriter();
  Peer peer(run);
  peer.Send({Submit(5)});
  EXPECT_EQ(FirstOf(peer.ReceiveReply()), 1u);
  peer.Send({Submit(5)});
  EXPECT_EQ(FirstOf(peer.ReceiveReply()), 1u);
}

TEST(Gateway, ARepeatBeforeTheAnswerIsAnsweredWithIt) {
  ServedRun run(8);
  Peer peer(run);
  peer.Send({Submit(5)});
  peer.Send({Submit(5)});
  peer.Send({Submit(6)});
  auto taken = TakeCommands(run, 2);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].command.id.number, 5u);
  EXPECT_EQ(taken[1].command.id.number, 6u);
  run.Process(std::move(taken));
  EXPECT_EQ(peer.ReceiveReply().number, 5u);
  EXPECT_EQ(peer.ReceiveReply().number, 6u);
}

TEST(Gateway, AFullInboxIsAnsweredBusyUntilItIsEmptied) {
  ServedRun run(2);
  Peer peer(run);
  for (std::uint64_t request = 1; request <= 3; ++request) peer.Send({Submit(request)});
  const Reply busy = peer.ReceiveReply();
  EXPECT_EQ(busy.number, 3u);
  EXPECT_EQ(RefusalOf(busy).code(), absl::StatusCode::kUnavailable);
  run.StartWriter();
  EXPECT_EQ(peer.ReceiveReply().number, 1u);
  EXPECT_EQ(peer.ReceiveReply().number, 2u);
  peer.Send({Submit(3)});
  EXPECT_EQ(FirstOf(peer.ReceiveReply()), 3u);
}

TEST(Gateway, OnePeerCannotHaveMoreUnderWayThanItsQuota) {
  ServedRun run(1000);
  Peer greedy(run);
  Peer modest(run);
  for (std::uint64_t request = 1; request <= kInFlightMax + 1; ++request) {
    greedy.Send({Submit(request)});
  }
  const Reply busy = greedy.ReceiveReply();
  EXPECT_EQ(busy.number, kInFlightMax + 1);
  EXPECT_EQ(RefusalOf(busy).code(), absl::StatusCode::kUnavailable);

  run.StartWriter();
  for (std::size_t i = 1; i <= kInFlightMax; ++i) EXPECT_EQ(greedy.ReceiveReply().number, i);
  modest.Send({Submit(1000)});
  EXPECT_EQ(modest.ReceiveReply().number, 1000u);
  greedy.Send({Submit(kInFlightMax + 1)});
  EXPECT_NE(FirstOf(greedy.ReceiveReply()), 0u);
}

// ---- Reports ----

TEST(Gateway, ReportsHaveRoomWhenCommandsHaveNone) {
  ServedRun run(1);
  Peer peer(run);
  peer.Send({Submit(1)});
  peer.Send({Submit(2)});
  EXPECT_EQ(peer.ReceiveReply().number, 2u);  // Busy: the one place is taken.
  peer.Send({Beat(3)});
  EXPECT_TRUE(std::holds_alternative<Noted>(peer.ReceiveReply().body));
  const auto reports = run.reports.TakeAll({});
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(std::get<Heartbeat>(reports[0]).launch, (LaunchId{1, 1}));
}

TEST(Gateway, AHeartbeatIsAnsweredWithWhetherItsWorkerIsToDrain) {
  ServedRun run(8);
  Peer peer(run);
  peer.Send({Beat(1)});
  EXPECT_FALSE(std::get<Noted>(peer.ReceiveReply().body).drain);
  peer.Send({Beat(2, kDrainingWorker)});
  EXPECT_TRUE(std::get<Noted>(peer.ReceiveReply().body).drain);
}

TEST(Gateway, AReportGoesToTheReportsInboxAndWakesTheWriter) {
  ServedRun run(8);
  Peer peer(run);
  peer.Send({Report(1)});
  EXPECT_TRUE(run.commands.TakeAll(std::chrono::steady_clock::now() + 60s).empty());
  auto reports = run.reports.TakeAll({});
  ASSERT_EQ(reports.size(), 1u);
  run.Process({std::get<Submission>(std::move(reports[0]))});
  EXPECT_EQ(FirstOf(peer.ReceiveReply()), 1u);
}

TEST(Gateway, AFullReportsInboxIsBusyToo) {
  ServedRun run(1);
  Peer peer(run);
  peer.Send({Beat(1)});
  EXPECT_TRUE(std::holds_alternative<Noted>(peer.ReceiveReply().body));
  peer.Send({Beat(2)});
  EXPECT_EQ(RefusalOf(peer.ReceiveReply()).code(), absl::StatusCode::kUnavailable);
}

// ---- Queries ----

Record SealedRecord(Word word) {
  Record record = {0, word, word};
  Seal(record);
  return record;
}

TEST(Gateway, AReadGivesTheRecordsAsStored) {
  ServedRun run(8);
  const std::vector<Record> stored = {SealedRecord(1), SealedRecord(2)};
  ASSERT_TRUE(run.log.Append(0, stored, Reserve::kKeep).ok());
  Peer peer(run);
  peer.Send({Read(1, 0, 0s)});
  const auto records = std::get<Records>(peer.ReceiveReply().body);
  EXPECT_EQ(records.records, stored);
  EXPECT_EQ(records.scanned_to, 2u);
  EXPECT_EQ(records.head, 2u);
}

TEST(Gateway, AReadThatWaitsIsAnsweredWhenTheLogGrowsAndHoldsUpNobody) {
  ServedRun run(8);
  Peer reader(run);
  Peer other(run);
  reader.Send({Read(1, 0, 30s)});
  reader.Send({Read(2, 0, 0s)});
  EXPECT_EQ(reader.ReceiveReply().number, 2u);  // So the first one waits now.
  other.Send({EncodeRequest({1, StateQuery{}}).value()});
  EXPECT_EQ(std::get<ServerState>(other.ReceiveReply().body).log_id, "k3f9");

  const std::vector<Record> stored = {SealedRecord(1)};
  ASSERT_TRUE(run.log.Append(0, stored, Reserve::kKeep).ok());
  run.gateway->Poke();
  const Reply reply = reader.ReceiveReply();
  EXPECT_EQ(reply.number, 1u);
  EXPECT_EQ(std::get<Records>(reply.body).records, stored);
}

TEST(Gateway, AReadThatWaitsInVainSaysSoAtItsDeadline) {
  ServedRun run(8);
  Peer peer(run);
  peer.Send({Read(1, 0, 20ms)});
  EXPECT_TRUE(std::get<Records>(peer.ReceiveReply().body).records.empty());
}

// ---- Bad input ----

TEST(Gateway, AnotherProtocolVersionIsToldBoth) {
  ServedRun run(8);
  Peer peer(run);
  peer.Send({FrameOfVersion<wire::Request>(2, 31)});
  const Reply reply = peer.ReceiveReply();
  EXPECT_EQ(reply.number, 31u);
  EXPECT_EQ(RefusalOf(reply),
            absl::FailedPreconditionError(
                "the request is of protocol version 2, this server speaks version 1"));
}

TEST(Gateway, GarbageGetsOneAnswerEachAndChangesNothing) {
  ServedRun run(8);
  Peer peer(run);
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string frame(random() % 200, '\0');
    for (char& byte : frame) byte = static_cast<char>(random());
    peer.Send({frame});
    EXPECT_FALSE(RefusalOf(peer.ReceiveReply()).ok());
  }
  const std::string whole = Submit(1);
  peer.Send({whole.substr(0, whole.size() - 8)});
  EXPECT_FALSE(RefusalOf(peer.ReceiveReply()).ok());
  peer.Send({std::string(kMessageBytesMax + 8, 'x')});
  EXPECT_FALSE(RefusalOf(peer.ReceiveReply()).ok());
  peer.Send({whole, whole});
  EXPECT_EQ(RefusalOf(peer.ReceiveReply()),
            absl::InvalidArgumentError("a request is one frame, not 2"));
  EXPECT_TRUE(run.commands.TakeAll({}).empty());
  EXPECT_TRUE(run.reports.TakeAll({}).empty());

  peer.Send({whole});
  EXPECT_EQ(TakeCommands(run, 1).size(), 1u);
}

TEST(Gateway, APeerThatWentAwayIsNoTroubleToTheOthers) {
  ServedRun run(8);
  {
    Peer peer(run);
    peer.Send({Submit(1)});
    peer.Send({Read(2, 0, 30s)});
    run.Process(TakeCommands(run, 1));
  }
  Peer peer(run);
  run.StartWriter();
  run.gateway->Poke();
  peer.Send({Submit(2)});
  EXPECT_EQ(FirstOf(peer.ReceiveReply()), 2u);
}

}  // namespace
}  // namespace epu
