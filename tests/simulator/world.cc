#include "tests/simulator/world.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/simulator/convergence.h"
#include "tests/simulator/process_died.h"
#include "tests/simulator/proof.h"

namespace epu::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kBeginning{std::chrono::sys_days{std::chrono::January / 5 / 2026} +
                          std::chrono::hours(9)};

// Steps quick and slow: in the one many calls meet in a second, in the other windows pass.
const std::vector<Duration> kPaces = {milliseconds(100), milliseconds(500), seconds(1), seconds(3)};

constexpr Duration kDownMax = seconds(12);  // Between two processes of the server.
constexpr Duration kLeapMax = minutes(5);
constexpr Duration kFullMax = seconds(40);
constexpr std::size_t kRoomMax = 6 * 1024;
constexpr std::size_t kReserveMax = 16 * 1024;

// Few, so that a new process draws a used one at times.
constexpr std::uint32_t kEpochs = 4096;
constexpr std::uint32_t kForeignEpoch = 0xF0000;

// After the faults: a step a second and a half, and the most of them. The longest that anything
// holds is kBackOffMax, once more after the windows in which the last faults are noticed.
constexpr Duration kSettlePace = milliseconds(1500);
constexpr std::uint64_t kSettleStepsMax = 1200;
// Nothing is missing, and nothing changes, for so long; readings come more often.
constexpr Duration kCalm = seconds(16);
constexpr Duration kReadingEvery = seconds(4);

}  // namespace

World::World(std::uint64_t seed, Tally& tally, Trace& trace)
    : tally_(tally),
      trace_(trace),
      random_(seed),
      faults_(random_, tally.fired),
      verdict_(tally.checked),
      clock_(kBeginning),
      cast_(DrawCast(random_)),
      pace_(random_.Pick(kPaces)),
      catalog_(BuiltInEngines()),
      log_(disk_, faults_),
      witness_(disk_, clock_, sites_, verdict_, trace),
      to_server_(random_, faults_, Fault::kMessageLost),
      to_clients_(random_, faults_, Fault::kAnswerLost) {
  for (const std::string& name : cast_.sites) {
    sites_.push_back(std::make_unique<SimulatedSite>(name, clock_, random_, faults_, witness_,
                                                     [this] { Meanwhile(); }));
  }
  clients_.push_back(std::make_unique<SimulatedClient>(11, Author{1000, "ada"}, 4));
  clients_.push_back(std::make_unique<SimulatedClient>(12, Author{1001, "grace"}, 4));
  clients_.push_back(std::make_unique<SimulatedClient>(13, std::nullopt, 8));
  final_work_ = random_.Next();
  Give(*clients_.front(), DeclareAll(cast_, random_));
}

RunResult World::Run(std::uint64_t steps) {
  while (step_ < steps && !verdict_.failed()) {
    ++step_;
    Step();
  }
  if (!verdict_.failed()) Settle();
  if (!verdict_.failed()) ProveLog(disk_, catalog_, given_, witness_.state(), verdict_);
  for (const auto& site : sites_) tally_.machines += site->machines().size();
  tally_.steps += std::min(step_, steps);
  tally_.settling_steps += step_ - std::min(step_, steps);
  tally_.events += witness_.events().size();
  for (const Event& event : witness_.events()) Count(event, tally_.reached);
  RunResult result{"", step_, HashOf(disk_), random_.Next()};
  if (verdict_.failed()) result.failure = fmt::format("step {}: {}", step_, verdict_.failure());
  return result;
}

// ---- The two phases ----

void World::Step() {
  clock_.Advance(random_.Between(Duration::zero(), pace_));
  Outside();
  if (server_ != nullptr && faults_.Fires(Fault::kCrash)) StopServer("is gone");
  switch (random_.Below(8)) {
    case 0:
    case 1:
    case 2:
      TurnOfWriter();
      break;
    case 3:
      TurnOfPeople();
      break;
    default:
      TurnOfSite(random_.Below(sites_.size()));
  }
  witness_.SeeMachines();
}

void World::Settle() {
  faults_.Stop();
  log_.Empty();
  const Sequence head = witness_.state().head;
  if (trace_.on()) trace_.Say(fmt::format("step {}: the faults stop, head {}", step_, head));
  // In some runs launching stays as it was.
  std::vector<Order> orders = FinalOrders(cast_);
  if (final_work_ % 8 == 0) orders.resize(1);
  // One after the other, and behind everything that is still under way.
  const Time last_late = clock_.Now() + Network<ToServer>::kLateMax;
  std::uint64_t settling = 0;
  while (!verdict_.failed()) {
    ++step_;
    if (!orders.empty() && AreOperatorsIdle() && clock_.Now() > last_late) {
      Give(*clients_.front(), orders.front());
      orders.erase(orders.begin());
    }
    SettleStep();
    if (orders.empty() && HasSettled()) break;
    if (++settling < kSettleStepsMax) continue;
    verdict_.Fail(Check::kConverges, WhatIsMissing(witness_.state(), sites_, clock_.Now()));
  }
  verdict_.Holds(Check::kConverges, true);
  JudgeRest(witness_.state(), sites_, clock_.Now(), verdict_);
}

void World::SettleStep() {
  clock_.Advance(kSettlePace);
  if (clock_.Now() >= next_reading_ && clients_.back()->has_room()) {
    Give(*clients_.back(), FinalReading(final_work_ / 8));
    next_reading_ = clock_.Now() + kReadingEvery;
  }
  Outside();
  TurnOfWriter();
  for (std::size_t i = 0; i < sites_.size(); ++i) TurnOfSite(i);
  witness_.SeeMachines();
}

// Whether nothing was missing for a while, in which nothing was recorded but what sensors and
// workers say.
bool World::HasSettled() {
  const std::vector<Event>& events = witness_.events();
  const bool quiet = std::all_of(events.begin() + static_cast<std::ptrdiff_t>(settled_at_),
                                 events.end(), [](const Event& event) {
                                   return std::holds_alternative<ReadingTaken>(event.payload) ||
                                          std::holds_alternative<WorkReported>(event.payload);
                                 });
  settled_at_ = events.size();
  const bool rest =
      quiet && AreOperatorsIdle() && WhatIsMissing(witness_.state(), sites_, clock_.Now()).empty();
  if (!rest) settled_since_ = clock_.Now();
  return clock_.Now() - settled_since_ >= kCalm;
}

bool World::AreOperatorsIdle() const { return clients_[0]->idle() && clients_[1]->idle(); }

// ---- The players ----

// What goes on whoever's turn it is: machines, agents, messages, the world's own mishaps.
void World::Outside() {
  Disturb();
  for (const auto& site : sites_) {
    site->Live();
    for (Heartbeat& heartbeat : site->TakeHeartbeats()) {
      to_server_.Send(std::move(heartbeat), clock_.Now());
    }
  }
  for (const auto& client : clients_) {
    for (Command& command : client->TakeDue(clock_.Now())) {
      to_server_.Send(std::move(command), clock_.Now());
    }
  }
  if (server_ == nullptr && clock_.Now() >= server_starts_) StartServer();
  Deliver();
}

void World::Disturb() {
  if (faults_.Fires(Fault::kTimeLeaps)) {
    clock_.Advance(random_.Between(Duration(seconds(10)), Duration(kLeapMax)));
  }
  if (faults_.Fires(Fault::kStranger)) {
    SimulatedSite& site = *sites_[random_.Below(sites_.size())];
    site.AddStranger({kLogId, {kForeignEpoch, ++strangers_}});
  }
  FillDisk();
}

void World::FillDisk() {
  if (faults_.Fires(Fault::kDiskFull)) {
    log_.Fill(random_.Below(kRoomMax), random_.Below(kReserveMax >> random_.Below(8)));
    disk_empties_ = clock_.Now() + random_.Between(Duration(seconds(1)), kFullMax);
  } else if (disk_empties_ != Time{} && clock_.Now() >= disk_empties_) {
    log_.Empty();
    disk_empties_ = Time{};
  }
}

void World::Deliver() {
  const Time now = clock_.Now();
  for (ToServer& message : to_server_.TakeArrived(now)) {
    if (server_ == nullptr) continue;
    if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
      server_->Receive(*heartbeat);
      continue;
    }
    Command& command = std::get<Command>(message);
    const CommandId id = command.id;
    if (server_->Receive(std::move(command))) continue;
    to_clients_.Send({id, {absl::UnavailableError("busy"), 0, 0}}, now);
  }
  for (const ToClient& message : to_clients_.TakeArrived(now)) {
    if (trace_.on()) {
      trace_.Say(fmt::format("step {}: {} is answered {} {}", step_, FormatCommandId(message.id),
                             message.answer.first, message.answer.status.ToString()));
    }
    witness_.SeeAnswerHeard(message.id, message.answer);
    for (const auto& client : clients_) client->Hear(message.id, message.answer);
  }
}

void World::TurnOfPeople() {
  if (random_.OneIn(2)) {
    if (clients_.back()->has_room()) Give(*clients_.back(), DrawReading(random_));
    return;
  }
  SimulatedClient& client = *clients_[random_.Below(clients_.size() - 1)];
  if (client.has_room()) Give(client, DrawOrder(cast_, witness_.state(), random_));
}

void World::Give(SimulatedClient& client, Order order) {
  const Command& command = client.Give(std::move(order), clock_.Now());
  given_.emplace(command.id, command);
  if (trace_.on()) {
    trace_.Say(fmt::format("step {}: {} gives {}", step_, FormatCommandId(command.id),
                           OrderName(command.order)));
  }
}

// ---- The server's process ----

// Does what the process does in `call`, in which it may be gone.
template <typename Call>
void World::AsProcess(Call call) {
  try {
    call();
  } catch (const ProcessDied&) {
    StopServer("is gone within a call, or ends");
  }
}

void World::TurnOfWriter() {
  if (server_ == nullptr) return;
  if (trace_.on()) trace_.Say(fmt::format("step {}: the writer's turn", step_));
  AsProcess([&] { LetWriterRun(); });
}

// Ends the process where its writer must not go on.
void World::LetWriterRun() {
  const Sequence head = witness_.state().head;
  for (auto& [id, answer] : server_->TurnOfWriter()) {
    witness_.SeeAnswerGiven(id, answer, head);
    to_clients_.Send({id, std::move(answer)}, clock_.Now());
  }
  witness_.SeeWriter(server_->writer());
  if (!server_->writer().fault().ok()) throw ProcessDied{};
}

// While a site's thread waits for the site.
void World::Meanwhile() {
  if (!random_.OneIn(3)) return;
  Deliver();
  LetWriterRun();
}

void World::TurnOfSite(std::size_t index) {
  if (server_ == nullptr) return;
  if (trace_.on()) {
    trace_.Say(fmt::format("step {}: the turn of {}", step_, sites_[index]->name()));
  }
  AsProcess([&] { (void)server_->TurnOfSite(index); });
}

void World::StartServer() {
  if (trace_.on()) trace_.Say(fmt::format("step {}: a server starts", step_));
  ++tally_.servers;
  server_ = std::make_unique<Server>(Surroundings{log_, clock_, catalog_, faults_, sites_});
  AsProcess([&] {
    absl::Status status = server_->Start(DrawEpoch());
    while (absl::IsAlreadyExists(status)) status = server_->Start(DrawEpoch());
    if (!status.ok()) return StopServer("cannot start");
    witness_.SeeWriter(server_->writer());
  });
}

std::uint32_t World::DrawEpoch() {
  const State& known = witness_.state();
  if (!known.requests.empty() && faults_.Fires(Fault::kEpochTaken)) return known.epoch;
  return static_cast<std::uint32_t>(random_.Below(kEpochs));
}

void World::StopServer(const char* why) {
  if (trace_.on()) trace_.Say(fmt::format("step {}: the server {}", step_, why));
  server_.reset();
  server_starts_ = clock_.Now() + random_.Between(Duration::zero(), Duration(kDownMax));
}

}  // namespace epu::sim
