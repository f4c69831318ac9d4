#include "cli/provisioner_server.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/machine_clock.h"
#include "cli/snapshot_files.h"
#include "commands/submission.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

// How long the main thread waits for reports before it looks at time and log again.
constexpr auto kTick = std::chrono::milliseconds(200);

// How long the server has for an answer; one that is away is asked again in the next round.
constexpr Duration kPatience = std::chrono::seconds(2);
constexpr auto kRetryPause = std::chrono::milliseconds(500);

// How long one question of the follower waits at the server: a stop waits for it.
constexpr Duration kNewsWait = std::chrono::seconds(1);

// Reports of one call, which the server remembers all.
constexpr std::size_t kReportsAtOnce = kOutcomesMax;

absl::StatusOr<std::unique_ptr<GatewayClient>> Connect(const std::string& endpoint) {
  std::random_device random;
  const std::uint64_t client = std::uint64_t{random()} << 16 | (random() & 0xFFFF);
  return GatewayClient::Open(endpoint, std::max<std::uint64_t>(client, 1));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProvisionerServer>> ProvisionerServer::Open(
    const ServerOptions& options) {
  const Holder self{::getpid(), WallClock(), options.log_directory};
  absl::StatusOr<EndpointLock> lock =
      EndpointLock::TakeProvisioner(options.run_directory, options.run, self);
  if (!lock.ok()) return lock.status();
  const std::string endpoint = EndpointOf(options.run_directory);
  absl::StatusOr<std::unique_ptr<GatewayClient>> client = Connect(endpoint);
  if (!client.ok()) return client.status();
  absl::StatusOr<std::unique_ptr<GatewayClient>> follower = Connect(endpoint);
  if (!follower.ok()) return follower.status();
  return std::unique_ptr<ProvisionerServer>(
      new ProvisionerServer(options, *std::move(lock), *std::move(client), *std::move(follower)));
}

ProvisionerServer::ProvisionerServer(const ServerOptions& options, EndpointLock lock,
                                     std::unique_ptr<GatewayClient> client,
                                     std::unique_ptr<GatewayClient> follower)
    : options_(options),
      journal_(options.level),
      lock_(std::move(lock)),
      client_(std::move(client)),
      follower_(std::move(follower)),
      reports_(kReportInboxMax) {}

ProvisionerServer::~ProvisionerServer() = default;

std::string ProvisionerServer::endpoint() const { return EndpointOf(options_.run_directory); }

absl::Status ProvisionerServer::Run(std::stop_token stop) {
  if (absl::Status ready = AwaitServer(stop); !ready.ok()) return ready;
  if (stop.stop_requested()) return absl::OkStatus();
  std::jthread follower([this](std::stop_token over) {
    while (!over.stop_requested()) WaitForNews(over);
  });
  absl::Status status;
  while (!stop.stop_requested() && status.ok()) {
    status = FollowServer();
    SendReports(stop);
  }
  for (auto& [number, site] : sites_) site->Stop();
  follower.request_stop();
  follower.join();
  sites_.clear();
  return status;
}

// Until a server answers: its log is there then, and its time is known.
absl::Status ProvisionerServer::AwaitServer(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const absl::StatusOr<ServerState> state = client_->GetState(kPatience);
    if (!state.ok()) {
      if (!std::exchange(server_away_, true)) {
        journal_.Write(Level::kWarn, fmt::format("waiting for the server at {}", endpoint()));
      }
      std::this_thread::sleep_for(kRetryPause);
      continue;
    }
    absl::StatusOr<std::unique_ptr<LmdbLog>> log =
        LmdbLog::OpenToRead(options_.log_directory, LmdbOptions{});
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
    known_ = SnapshotFiles(options_.log_directory).Nearest(*log_, ~Sequence{0});
    clock_ = std::make_unique<FollowerClock>(state->time);
    head_ = state->head;
    site_surroundings_ = std::make_unique<SiteSurroundings>(
        SiteSurroundings{options_.run, options_.run_directory, options_.agent_path, endpoint(),
                         *log_, *clock_, journal_, [this](std::vector<Order> reports) {
                           for (Order& report : reports) {
                             if (!reports_.TryPush(std::move(report))) return;  // Found out again.
                           }
                         }});
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

// The server's time and the log, as far as they go on; the sites that are new in it. Sites go on
// while the server is away.
absl::Status ProvisionerServer::FollowServer() {
  const absl::StatusOr<ServerState> state = client_->GetState(kPatience);
  if (state.ok()) clock_->Follow(state->time);
  if (server_away_ != !state.ok()) {
    server_away_ = !state.ok();
    journal_.Write(Level::kWarn, server_away_
                                     ? fmt::format("the server at {} is away: {}", endpoint(),
                                                   std::string(state.status().message()))
                                     : fmt::format("the server at {} is back", endpoint()));
  }
  if (absl::Status status = CatchUp(*log_, known_); !status.ok()) return status;
  head_ = known_.position;
  return StartSites();
}

// A site works for one server: where another has started on the log, its work is begun anew, with
// nothing remembered of what was asked for the first.
absl::Status ProvisionerServer::StartSites() {
  const State& state = known_.state;
  if (state.epoch != epoch_) {
    sites_.clear();
    epoch_ = state.epoch;
  }
  for (const auto& [number, site] : state.sites) {
    if (sites_.contains(number)) continue;
    sites_.emplace(number, std::make_unique<SiteRunner>(*site_surroundings_, state, site));
  }
  if (news_.exchange(false)) {
    for (auto& [number, site] : sites_) site->Poke();
  }
  return absl::OkStatus();
}

// What is not recorded is found out again in the next pass of its site.
void ProvisionerServer::SendReports(const std::stop_token& stop) {
  std::vector<Order> reports = reports_.TakeAll(Steady::now() + kTick);
  for (std::size_t begin = 0; begin < reports.size(); begin += kReportsAtOnce) {
    if (stop.stop_requested()) return;
    const std::size_t end = std::min(begin + kReportsAtOnce, reports.size());
    std::vector<Command> commands;
    for (std::size_t i = begin; i < end; ++i) {
      commands.push_back({client_->NextId(), std::nullopt, "", std::move(reports[i])});
    }
    for (const Answer& answer : client_->SubmitAll(commands, kPatience)) {
      if (answer.status.ok()) continue;
      journal_.Write(Level::kInfo, fmt::format("a report was not taken: {}",
                                               std::string(answer.status.message())));
      return;
    }
  }
}

// The server answers when its log has grown beyond what the main thread has folded.
void ProvisionerServer::WaitForNews(const std::stop_token& stop) {
  const Sequence after = head_;
  const absl::StatusOr<Records> records =
      follower_->Read({after, {1, 1 << 20}, kNewsWait}, kPatience);
  if (!records.ok() || records->records.empty()) {
    if (!records.ok() && !stop.stop_requested()) std::this_thread::sleep_for(kRetryPause);
    return;
  }
  news_ = true;
  reports_.Wake();
  while (!stop.stop_requested() && news_) {  // Until the main thread has taken it in.
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace epu
