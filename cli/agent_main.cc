#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/event_line.h"
#include "cli/line_file.h"
#include "commands/client.h"
#include "provisioner/agent.h"

// epu-agent: runs beside one worker of the process driver. Started by epud, never by people.

namespace epu {
namespace {

// How long a heartbeat may hold the agent up: its loop has nothing else to do meanwhile, and
// SIGTERM waits that long at most.
constexpr Duration kBeatTimeout = std::chrono::milliseconds(200);

// Heartbeats through the gateway of an epud, which may come and go; and what becomes of the command
// as event lines, in the file events.log of the worker's directory.
class GatewaySink final : public HeartbeatSink {
 public:
  GatewaySink(const std::string& endpoint, const AgentOptions& options)
      : client_(GatewayClient::Open(endpoint, DrawClient())), options_(options) {}

  void NoteStart() override { AddLine("node_started", {}); }
  void NoteEnd(std::string_view how) override { AddLine("node_terminated", how); }

  absl::StatusOr<Noted> Send(const Heartbeat& heartbeat) override {
    if (!client_.ok()) return client_.status();
    return (*client_)->Beat(heartbeat, kBeatTimeout);
  }

 private:
  static std::uint64_t DrawClient() {
    std::random_device random;
    return std::uint64_t{random()} + 1;
  }

  // A line that cannot be written is no reason to end a worker, and nobody could be told.
  void AddLine(const std::string& name, std::string_view how) const {
    const char* worker = std::getenv("EPU_WORKER");
    const std::string token = FormatToken(options_.token);
    nlohmann::ordered_json extra = {{"node_id", worker == nullptr ? "" : worker}, {"token", token}};
    if (!how.empty()) extra["end"] = how;
    const EventLine line{worker == nullptr ? "worker" : worker, name, token + "-" + name,
                         std::chrono::floor<Duration>(std::chrono::system_clock::now()),
                         extra.dump()};
    AppendLines(options_.directory + "/events.log", FormatEventLine(line) + "\n").IgnoreError();
  }

  const absl::StatusOr<std::unique_ptr<GatewayClient>> client_;
  const AgentOptions& options_;
};

int RunMain(const std::vector<std::string>& arguments) {
  const absl::StatusOr<AgentOptions> options = ParseAgentArguments(arguments);
  if (!options.ok()) {
    fmt::print(stderr, "epu-agent: {}; it is started by epud\n",
               std::string(options.status().message()));
    return 1;
  }
  return RunAgent(*options, [&](const std::string& endpoint) {
    return std::make_unique<GatewaySink>(endpoint, *options);
  });
}

}  // namespace
}  // namespace epu

int main(int count, char** arguments) {
  return epu::RunMain(std::vector<std::string>(arguments + 1, arguments + count));
}
