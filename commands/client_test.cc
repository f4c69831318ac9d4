#include "commands/client.h"

#include <set>

#include "commands/raw_peer.h"
#include "commands/served_run.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kNumber = 0x7f3a9c;
constexpr Duration kPatience = 60s;  // No test waits this long, but one that fails.

std::unique_ptr<GatewayClient> ClientOf(const std::string& endpoint) {
  return GatewayClient::Open(endpoint, kNumber).value();
}

Command NewCommand(GatewayClient& client) { return {client.NextId(), std::nullopt, "", EndRun{}}; }

// A server that does as it is told, for what a real one does rarely.
struct ScriptedServer : RawPeer {
  ScriptedServer() : RawPeer(zmq::socket_type::router) { Bind(endpoint()); }

  std::string endpoint() const { return "ipc://" + directory.path() + "/sock"; }

  // The next request; the frame before it names its sender.
  Request Next() {
    const std::vector<std::string> frames = Receive();
    EXPECT_EQ(frames.size(), 2u);
    if (frames.size() != 2) return {};
    peer = frames[0];
    return DecodeRequest(frames[1]).value();
  }
  void Reply(const epu::Reply& reply) { Send({peer, EncodeReply(reply)}); }

  const TemporaryDirectory directory;
  std::string peer;
};

// ---- Against a gateway ----

TEST(Client, NumbersItsCommandsFromOne) {
  const TemporaryDirectory nobody;
  const auto client = ClientOf(EndpointOf(nobody.path()));
  EXPECT_EQ(client->NextId(), (CommandId{kNumber, 1}));
  EXPECT_EQ(client->NextId(), (CommandId{kNumber, 2}));
}

TEST(Client, GetsTheAnswerToACommand) {
  ServedRun run(8);
  run.StartWriter();
  const auto client = ClientOf(run.endpoint());
  const Answer answer = client->Submit(NewCommand(*client), kPatience);
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.first, 1u);
}

TEST(Client, ARepeatByIdFromAnotherProcessGetsTheFirstOutcome) {
  ServedRun run(8);
  run.StartWriter();
  const auto first = ClientOf(run.endpoint());
  const Command command = NewCommand(*first);
  EXPECT_EQ(first->Submit(command, kPatience).first, 1u);
  EXPECT_EQ(first->Submit(NewCommand(*first), kPatience).first, 2u);
  const auto second = ClientOf(run.endpoint());
  EXPECT_EQ(second->Submit(command, kPatience).first, 1u);
}

TEST(Client, SubmitsManyAndGetsOneAnswerEachInTheirOrder) {
  constexpr std::size_t kCommands = 2000;
  ServedRun run(16);  // Too small for all that may be under way: some are told "busy".
  run.StartWriter();
  const auto client = ClientOf(run.endpoint());
  std::vector<Command> commands;
  for (std::size_t i = 0; i < kCommands; ++i) commands.push_back(NewCommand(*client));
  const std::vector<Answer> answers = client->SubmitAll(commands, kPatience);
  run.StopWriter();
  ASSERT_EQ(answers.size(), kCommands);
  EXPECT_EQ(run.outcomes.size(), kCommands);
  for (std::size_t i = 0; i < kCommands; ++i) {
    ASSERT_TRUE(answers[i].status.ok()) << answers[i].status;
    EXPECT_EQ(answers[i].first, run.outcomes.at(commands[i].id));
  }
}

TEST(Client, GetsThroughWhenAFullInboxIsEmptied) {
  ServedRun run(1);
  const auto first = ClientOf(run.endpoint());
  const auto second = GatewayClient::Open(run.endpoint(), kNumber + 1).value();
  Answer answers[2];
  {
    std::jthread one([&] { answers[0] = first->Submit(NewCommand(*first), kPatience); });
    std::jthread other([&] { answers[1] = second->Submit(NewCommand(*second), kPatience); });
    run.StartWriter();
  }
  EXPECT_TRUE(answers[0].status.ok()) << answers[0].status;
  EXPECT_TRUE(answers[1].status.ok()) << answers[1].status;
}

TEST(Client, BeatsReadsAndAsksForTheState) {
  ServedRun run(8);
  const auto client = ClientOf(run.endpoint());
  const Heartbeat heartbeat{{EpuNumber{3}, WorkerNumber{1}}, {1, 1}, Health::kOk, ""};
  EXPECT_TRUE(client->Beat(heartbeat, kPatience).ok());
  EXPECT_EQ(client->GetState(kPatience)->log_id, "k3f9");
  const auto records = client->Read({0, {}, 10ms}, kPatience);
  ASSERT_TRUE(records.ok()) << records.status();
  EXPECT_TRUE(records->records.empty());
}

TEST(Client, WaitsForAServerThatComesLater) {
  const TemporaryDirectory home;
  ServedRun run(8);
  const std::string path = home.path() + "/sock";
  const auto client = ClientOf("ipc://" + path);
  Answer answer;
  {
    std::jthread asking([&] { answer = client->Submit(NewCommand(*client), kPatience); });
    run.StartWriter();
    std::filesystem::create_symlink(run.directory.path() + "/epud.sock", path);
  }
  EXPECT_TRUE(answer.status.ok()) << answer.status;
}

// ---- Against a server that misbehaves ----

TEST(Client, SaysThatThereIsNoServer) {
  const TemporaryDirectory nobody;
  const std::string endpoint = EndpointOf(nobody.path());
  const auto client = ClientOf(endpoint);
  const absl::Status none = absl::UnavailableError("no server at " + endpoint + " after 50ms");
  EXPECT_EQ(client->Submit(NewCommand(*client), 50ms).status, none);
  EXPECT_EQ(client->GetState(50ms).status(), none);
  const std::vector<Command> commands(100, NewCommand(*client));
  for (const Answer& answer : client->SubmitAll(commands, 50ms)) EXPECT_EQ(answer.status, none);
}

TEST(Client, SaysThatTheOutcomeIsUnknownWhenASentCommandGetsNoAnswer) {
  ScriptedServer server;
  const auto client = ClientOf(server.endpoint());
  EXPECT_EQ(client->Submit(NewCommand(*client), 2s).status,
            absl::DeadlineExceededError("no answer after 2s"));
}

TEST(Client, RepeatsACommandThatGetsNoAnswerUnderTheSameId) {
  ScriptedServer server;
  const auto client = ClientOf(server.endpoint());
  const Command command = NewCommand(*client);
  Answer answer;
  {
    std::jthread asking([&] { answer = client->Submit(command, kPatience); });
    const Request lost = server.Next();
    const Request again = server.Next();
    EXPECT_EQ(std::get<Command>(lost.body), command);
    EXPECT_EQ(std::get<Command>(again.body), command);
    EXPECT_EQ(lost.number, again.number);
    server.Reply({again.number, Answer{absl::OkStatus(), 41, 42}});
  }
  EXPECT_EQ(answer.first, 41u);
  EXPECT_EQ(answer.last, 42u);
}

TEST(Client, BacksOffWhenBusyAndGetsThrough) {
  ScriptedServer server;
  const auto client = ClientOf(server.endpoint());
  Answer answer;
  {
    std::jthread asking([&] { answer = client->Submit(NewCommand(*client), kPatience); });
    server.Reply({server.Next().number, Refused{absl::UnavailableError("busy")}});
    server.Reply({server.Next().number, Answer{absl::UnavailableError("busy"), 0, 0}});
    server.Reply({server.Next().number, Answer{absl::OkStatus(), 41, 42}});
  }
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.first, 41u);
}

TEST(Client, NeverSendsACommand64BeyondTheOldestThatHasNoAnswer) {
  ScriptedServer server;
  const auto client = ClientOf(server.endpoint());
  std::vector<Command> commands;
  for (std::size_t i = 0; i < kOutcomesMax + 1; ++i) commands.push_back(NewCommand(*client));
  std::vector<Answer> answers;
  {
    std::jthread asking([&] { answers = client->SubmitAll(commands, kPatience); });
    const Request oldest = server.Next();
    std::uint64_t newest = 0;
    // All but the oldest are answered; it is repeated, and still nothing new comes.
    while (newest < kOutcomesMax) {
      const Request request = server.Next();
      newest = std::max(newest, std::get<Command>(request.body).id.number);
      if (request.number != oldest.number) server.Reply({request.number, Answer{}});
    }
    for (Request request = server.Next(); request.number != oldest.number;) request = server.Next();
    server.Reply({oldest.number, Answer{}});
    Request last = server.Next();
    while (last.number == oldest.number) last = server.Next();
    EXPECT_EQ(std::get<Command>(last.body).id.number, kOutcomesMax + 1);
    server.Reply({last.number, Answer{}});
  }
  EXPECT_EQ(answers.size(), kOutcomesMax + 1);
}

TEST(Client, PassesARefusalOn) {
  ScriptedServer server;
  const auto client = ClientOf(server.endpoint());
  absl::Status status;
  {
    std::jthread asking([&] { status = client->GetState(kPatience).status(); });
    server.Reply({server.Next().number, Refused{absl::PermissionDeniedError("uid 7 may not")}});
  }
  EXPECT_EQ(status, absl::PermissionDeniedError("uid 7 may not"));
}

TEST(Client, NamesBothVersionsWhenTheServerSpeaksAnother) {
  ScriptedServer server;
  const auto client = ClientOf(server.endpoint());
  absl::Status status;
  {
    std::jthread asking([&] { status = client->GetState(kPatience).status(); });
    const Request request = server.Next();
    server.Send({server.peer, "garbage"});
    server.Send({server.peer, FrameOfVersion<wire::Reply>(2, request.number)});
  }
  EXPECT_EQ(status, absl::FailedPreconditionError(
                        "the server speaks protocol version 2, this program version 1"));
}

TEST(Client, RefusesWhatCannotBeSent) {
  const TemporaryDirectory nobody;
  const auto client = ClientOf(EndpointOf(nobody.path()));
  Command command = NewCommand(*client);
  command.order = Review{};
  EXPECT_EQ(client->Submit(command, kPatience).status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GatewayClient::Open("tcp://localhost:1", kNumber).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace epu
