#include "commands/wire.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "commands/wire.capnp.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// One of every order that may come from outside, with every field set to something that is not its
// default.
std::vector<Order> OneOfEachOrder() {
  EpuDefinition pool;
  pool.name = "crunch";
  pool.engine = "queuelen";
  pool.settings = {{"high", std::int64_t{100}}, {"age", Duration(30s)}};
  pool.worker = {SiteNumber{}, "local", {"/bin/sleep", "60"}, {{"REGION", "north"}}, 10s};
  pool.health = {true, 300s, 120s, 60s};
  pool.sensors = {{SensorNumber{}, "queue", SpoolSource{"/srv/spool"}, 2s}};
  const WorkerId worker{EpuNumber{3}, WorkerNumber{12}};
  return {
      Apply{64, {{"local", "process", 16, "key"}}, {pool}},
      Apply{std::nullopt, {}, {}},
      Apply{std::nullopt, {}, {}, true, 18206},
      Reconfigure{"crunch", {{"high", std::int64_t{80}}}},
      Kill{{{"crunch", 12}, {"web", 1}}},
      KillSome{"crunch", 3},
      Remove{"crunch"},
      SwitchLaunching{"local", true},
      SwitchLaunching{"", false},
      EndRun{},
      PutReading{"crunch", "queue", 132.0, 4.0, 200ms, "spool /srv/spool"},
      PutReading{"crunch", "queue", Absent{}, std::nullopt, -1s, ""},
      PutReading{"crunch", "queue", Broken{"exit 1"}, std::nullopt, 0s, ""},
      ReportWorker{worker, WorkerState::kFailed, Reason::kIaasFull, "no room", "pid 40177"},
      ReportMachine{worker, Presence::kGone, "pid 40177"},
      ReportHealth{worker, Health::kMissing, 15s, "silent"},
      ReportSite{SiteNumber{2}, true, "was: Permission denied"},
      PauseScaling{"crunch", true, false, 2h},
      PauseScaling{"crunch", false, true, std::nullopt},
      ResumeScaling{"crunch", true, true},
      Adopt{{"k3f9-5d1e-208"}},
      Collect{{"k3f9-5d1e-208", "k3f9-5d1e-209"}},
      ReportStranger{SiteNumber{2}, {0x5d1e, 208}, "pid 40177", true},
      NoteLines{{{"provisioner", "new_node", "k3f9-9", Time(55s), "{}", "broker"}}},
  };
}

std::vector<Order> OrdersOfTheServerItself() {
  return {StartServer{},  NoteClock{},  Review{},    NoteDenied{}, ReportWork{}, NoteDisk{},
          ReportShadow{}, PlanLaunch{}, BeginWalk{}, EndWalk{},    BeginStep{},  EndStep{}};
}

Command CommandWith(Order order) { return {{0x7f3a9c, 12}, std::nullopt, "why", std::move(order)}; }

std::string FrameOf(decltype(Request::body) body) {
  return EncodeRequest({7, std::move(body)}).value();
}

Reply Echo(decltype(Reply::body) body) {
  return DecodeReply(EncodeReply({7, std::move(body)})).value();
}

// A request of a message that is built by hand.
template <typename Fill>
std::string FrameBy(Fill fill) {
  capnp::MallocMessageBuilder message;
  auto builder = message.initRoot<wire::Request>();
  builder.setVersion(kProtocolVersion);
  fill(builder);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asChars();
  return {bytes.begin(), bytes.size()};
}

// ---- What is well formed ----

TEST(Wire, EveryOrderFromOutsideComesOutAsItWentIn) {
  for (const Order& order : OneOfEachOrder()) {
    const auto request = DecodeRequest(FrameOf(CommandWith(order)));
    ASSERT_TRUE(request.ok()) << OrderName(order) << ": " << request.status();
    EXPECT_EQ(request->number, 7u);
    EXPECT_EQ(std::get<Command>(request->body), CommandWith(order)) << OrderName(order);
  }
}

TEST(Wire, ThereIsAnOrderOfEveryKindInThisTestOrItIsTheServersOwn) {
  std::vector<bool> seen(std::variant_size_v<Order>);
  for (const Order& order : OneOfEachOrder()) seen[order.index()] = true;
  for (const Order& order : OrdersOfTheServerItself()) {
    EXPECT_FALSE(seen[order.index()]);
    seen[order.index()] = true;
  }
  EXPECT_EQ(seen, std::vector<bool>(seen.size(), true));
}

TEST(Wire, TheServersOwnOrdersCannotBeSent) {
  for (const Order& order : OrdersOfTheServerItself()) {
    const auto frame = EncodeRequest({1, CommandWith(order)});
    EXPECT_EQ(frame.status().code(), absl::StatusCode::kInvalidArgument) << OrderName(order);
    EXPECT_NE(frame.status().message().find("is the server's own order"), std::string::npos);
  }
}

TEST(Wire, AnAuthorIsNotSent) {
  Command command = CommandWith(EndRun{});
  command.author = Author{0, "root"};
  const auto request = DecodeRequest(FrameOf(command));
  EXPECT_EQ(std::get<Command>(request->body).author, std::nullopt);
}

TEST(Wire, QueriesAndHeartbeatsComeOutAsTheyWentIn) {
  const Heartbeat heartbeat{
      {EpuNumber{3}, WorkerNumber{12}}, {0x5d1e, 208}, Health::kProcessError, "exit 1"};
  EXPECT_EQ(std::get<Heartbeat>(DecodeRequest(FrameOf(heartbeat))->body), heartbeat);
  Heartbeat telling = heartbeat;
  telling.report = WorkReport{Activity::kBusy, "photo-17.jpg", {{"load", 0.5}}, "line 4", 3s};
  EXPECT_EQ(std::get<Heartbeat>(DecodeRequest(FrameOf(telling))->body), telling);

  const auto read = std::get<ReadQuery>(DecodeRequest(FrameOf(ReadQuery{5, {6, 7}, 8s}))->body);
  EXPECT_EQ(read.after, 5u);
  EXPECT_EQ(read.limit.records, 6u);
  EXPECT_EQ(read.limit.bytes, 7u);
  EXPECT_EQ(read.wait, 8s);

  EXPECT_TRUE(std::holds_alternative<StateQuery>(DecodeRequest(FrameOf(StateQuery{}))->body));
}

TEST(Wire, RepliesComeOutAsTheyWentIn) {
  const auto answer =
      std::get<Answer>(Echo(Answer{absl::NotFoundError("no EPU \"crunsh\""), 0, 0}).body);
  EXPECT_EQ(answer.status, absl::NotFoundError("no EPU \"crunsh\""));
  const auto done = std::get<Answer>(Echo(Answer{absl::OkStatus(), 41, 43}).body);
  EXPECT_TRUE(done.status.ok());
  EXPECT_EQ(done.first, 41u);
  EXPECT_EQ(done.last, 43u);

  const auto refused = std::get<Refused>(Echo(Refused{absl::UnavailableError("busy")}).body);
  EXPECT_EQ(refused.status, absl::UnavailableError("busy"));

  const std::vector<Record> stored = {{1, 2, 3}, {}, {std::numeric_limits<Word>::max()}};
  const auto records = std::get<Records>(Echo(Records{stored, 44, 45}).body);
  EXPECT_EQ(records.records, stored);
  EXPECT_EQ(records.scanned_to, 44u);
  EXPECT_EQ(records.head, 45u);

  const ServerState state{9, Time(77s), "k3f9", 0x5d1e, {{{EpuNumber{3}, WorkerNumber{1}}, 2s}}};
  EXPECT_EQ(std::get<ServerState>(Echo(state).body), state);
  EXPECT_EQ(std::get<Noted>(Echo(Noted{false}).body), Noted{false});
  EXPECT_EQ(std::get<Noted>(Echo(Noted{true}).body), Noted{true});
  EXPECT_EQ(Echo(Noted{}).number, 7u);
}

TEST(Wire, AReadingThatIsNoNumberIsBroken) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto sent = [](double value) {
    const PutReading order{"crunch", "queue", value, value, 0s, ""};
    const auto request = DecodeRequest(FrameOf(CommandWith(order)));
    return std::get<PutReading>(std::get<Command>(request->body).order);
  };
  EXPECT_EQ(sent(nan).measure, Measure(Broken{"nan"}));
  EXPECT_EQ(sent(-infinity).measure, Measure(Broken{"-inf"}));
  EXPECT_EQ(sent(nan).in_progress, std::nullopt);
  EXPECT_EQ(sent(5).measure, Measure(5.0));
}

// ---- What is refused ----

TEST(Wire, AnotherProtocolVersionIsToldBothVersions) {
  const std::string frame = FrameBy([](auto builder) {
    builder.setVersion(2);
    builder.setNumber(31);
    builder.setState();
  });
  EXPECT_EQ(DecodeRequest(frame).status(),
            absl::FailedPreconditionError(
                "the request is of protocol version 2, this server speaks version 1"));
  EXPECT_EQ(DecodeEnvelope(frame)->version, 2u);
  EXPECT_EQ(DecodeEnvelope(frame)->number, 31u);
}

TEST(Wire, AnEnvelopeIsTheSameInRequestsAndReplies) {
  const auto envelope = DecodeEnvelope(EncodeReply({31, Noted{}}));
  EXPECT_EQ(envelope->version, kProtocolVersion);
  EXPECT_EQ(envelope->number, 31u);
}

TEST(Wire, UnknownValuesAreRefused) {
  const auto refusal = [](auto fill) {
    return std::string(DecodeRequest(FrameBy(fill)).status().message());
  };
  const auto command = [](auto builder) {
    auto submit = builder.initSubmit();
    submit.setClient(1);
    submit.setNumber(1);
    return submit;
  };
  EXPECT_EQ(refusal([&](auto builder) { command(builder).initReportWorker().setTo(601); }),
            "not a message of this protocol: unknown worker state 601");
  EXPECT_EQ(refusal([&](auto builder) { command(builder).initReportHealth().setTo(77); }),
            "not a message of this protocol: unknown health 77");
  EXPECT_EQ(refusal([&](auto builder) { command(builder).initReportMachine().setTo(5); }),
            "not a message of this protocol: unknown presence 5");
  EXPECT_EQ(refusal([](auto builder) { builder.initSubmit().setEndRun(); }),
            "command id 0-0: both parts count from 1");
}

TEST(Wire, GarbageIsRefused) {
  for (const std::string& frame :
       {std::string(), std::string("\n"), std::string("hello, world"), std::string(8, '\xff'),
        std::string(64, '\xff'), std::string(64, '\0'), std::string(1 << 16, 'x')}) {
    EXPECT_FALSE(DecodeRequest(frame).ok()) << frame.size();
    EXPECT_FALSE(DecodeReply(frame).ok()) << frame.size();
  }
}

TEST(Wire, ATruncatedFrameIsRefused) {
  for (const Order& order : OneOfEachOrder()) {
    const std::string whole = FrameOf(CommandWith(order));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ASSERT_FALSE(DecodeRequest(whole.substr(0, size)).ok()) << OrderName(order) << " " << size;
    }
  }
}

TEST(Wire, RandomFramesDoNoHarm) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string frame(8 * (random() % 64), '\0');
    for (char& byte : frame) byte = static_cast<char>(random());
    (void)DecodeRequest(frame);
    (void)DecodeReply(frame);
    (void)DecodeEnvelope(frame);
  }
}

TEST(Wire, FramesWithFlippedBitsDoNoHarm) {
  std::mt19937_64 random(1);
  const std::vector<Order> orders = OneOfEachOrder();
  for (int i = 0; i < 10'000; ++i) {
    std::string frame = FrameOf(CommandWith(orders[random() % orders.size()]));
    for (int flips = 0; flips < 3; ++flips) {
      frame[random() % frame.size()] ^= static_cast<char>(1 << (random() % 8));
    }
    (void)DecodeRequest(frame);
  }
}

TEST(Wire, AMessageOverTheLimitIsRefusedOnBothSides) {
  Command large = CommandWith(Remove{std::string(kMessageBytesMax, 'x')});
  EXPECT_EQ(EncodeRequest({1, large}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeRequest(std::string(kMessageBytesMax + 8, '\0')).status(),
            absl::InvalidArgumentError("a message of 1048584 bytes; at most 1048576 are taken"));

  const std::vector<Record> records(2 * kMessageBytesMax / (1000 * sizeof(Word)), Record(1000));
  EXPECT_EQ(std::get<Refused>(Echo(Records{records, 0, 0}).body).status.code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace epu
