#include "cli/bench_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "commands/command.h"
#include "commands/endpoint_lock.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view kReadyIn = "ready in ";
constexpr auto kStartMax = std::chrono::seconds(10);
constexpr auto kEndMax = std::chrono::seconds(5);

// The environment of the bench, with a home of its own.
std::vector<std::string> EnvironmentWith(const std::string& home) {
  std::vector<std::string> variables = {"EPU_HOME=" + home};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("EPU_")) variables.emplace_back(*variable);
  }
  return variables;
}

EpuDefinition PoolNamed(const std::string& name, BenchSensors sensors,
                        const std::string& directory) {
  EpuDefinition pool;
  pool.name = name;
  pool.engine = "queuelen";
  pool.settings = {{"sensor", std::string("queue")},
                   {"queuelen_high_water", std::int64_t{100}},
                   {"queuelen_low_water", std::int64_t{10}},
                   {"max_instances", std::int64_t{64}}};
  pool.worker.site_name = "local";
  pool.worker.command = {"sleep", "3600"};
  pool.worker.stop_grace = std::chrono::seconds(5);
  pool.health = {true, std::chrono::minutes(1), std::chrono::minutes(1), std::chrono::minutes(1)};
  SensorDefinition queue;
  queue.name = "queue";
  if (sensors == BenchSensors::kSpool) {
    queue.source = SpoolSource{directory};
    queue.every = std::chrono::seconds(5);
  }
  pool.sensors = {queue};
  return pool;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BenchServer>> BenchServer::Start(const BenchSetting& setting,
                                                                const std::string& run) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return SystemError(errno, "a pipe");
  std::unique_ptr<BenchServer> server(new BenchServer);
  server->output_ = ends[0];
  const std::string directory = setting.directory + "/" + run;
  server->endpoint_ = EndpointOf(directory);
  server->log_directory_ = directory + "/log";
  const auto begun = Steady::now();
  const absl::StatusOr<pid_t> process = Spawn({.arguments = {setting.programs + "/epud", "-r", run},
                                               .environment = EnvironmentWith(setting.directory),
                                               .directory = setting.directory,
                                               .output = ends[1],
                                               .errors = ends[1]});
  ::close(ends[1]);
  if (!process.ok()) return process.status();
  server->process_ = *process;
  if (absl::Status ready = server->AwaitReady(); !ready.ok()) return ready;
  server->ready_after_ = std::chrono::duration_cast<Duration>(Steady::now() - begun);
  return server;
}

// Until it says so; where it ends instead, the status is what it said.
absl::Status BenchServer::AwaitReady() {
  std::string said;
  const auto deadline = Steady::now() + kStartMax;
  while (Steady::now() < deadline && !StopRequested()) {
    pollfd readable{output_, POLLIN, 0};
    if (::poll(&readable, 1, 100) <= 0) continue;
    char bytes[1024];
    const ssize_t got = ::read(output_, bytes, sizeof(bytes));
    if (got <= 0) return absl::UnavailableError(fmt::format("epud ended: {}", said));
    said.append(bytes, static_cast<std::size_t>(got));
    const std::size_t at = said.find(kReadyIn);
    const std::size_t end = said.find('\n', at);
    if (at == std::string::npos || end == std::string::npos) continue;
    says_ready_in_ = said.substr(at + kReadyIn.size(), end - at - kReadyIn.size());
    return absl::OkStatus();
  }
  if (StopRequested()) return CheckStop();
  return absl::UnavailableError(fmt::format("epud is not ready after 10s: {}", said));
}

BenchServer::~BenchServer() {
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
    const auto deadline = Steady::now() + kEndMax;
    while (::waitpid(process_, nullptr, WNOHANG) == 0) {
      if (Steady::now() > deadline) ::kill(process_, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ::close(output_);
}

Duration BenchServer::CpuTime() const {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return {};
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(used.tv_sec) +
                                              std::chrono::nanoseconds(used.tv_nsec));
}

std::size_t BenchServer::RssAnonBytes() const {
  std::ifstream status(fmt::format("/proc/{}/status", process_));
  for (std::string word; status >> word;) {
    std::size_t kibibytes = 0;
    if (word == "RssAnon:" && status >> kibibytes) return kibibytes << 10;
  }
  return 0;
}

absl::StatusOr<std::unique_ptr<GatewayClient>> ConnectTo(const BenchServer& server) {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 16) | 1;
  return GatewayClient::Open(server.endpoint(), number);
}

absl::Status DeclarePools(GatewayClient& client, int count, BenchSensors sensors,
                          const BenchSetting& setting) {
  const std::string spool = setting.directory + "/spool";
  std::filesystem::create_directories(spool);
  Apply apply;
  apply.sites = {{"local", "process", 64, ""}};
  for (int i = 0; i < count; ++i) {
    apply.epus.push_back(PoolNamed(fmt::format("pool-{}", i), sensors, spool));
  }
  for (Order order : {Order(SwitchLaunching{"", false}), Order(apply)}) {
    const Answer answer =
        client.Submit({client.NextId(), std::nullopt, "", std::move(order)}, kBenchPatience);
    if (!answer.status.ok()) return answer.status;
  }
  return absl::OkStatus();
}

}  // namespace epu
