#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "commands/client.h"
#include "provisioner/agent.h"

// epu-agent: runs beside one worker of the process driver. Started by epud, never by people.

namespace epu {
namespace {

// How long a heartbeat may hold the agent up: its loop has nothing else to do meanwhile, and
// SIGTERM waits that long at most.
constexpr Duration kBeatTimeout = std::chrono::milliseconds(200);

// Heartbeats through the gateway of an epud, which may come and go.
class GatewaySink final : public HeartbeatSink {
 public:
  explicit GatewaySink(const std::string& endpoint)
      : client_(GatewayClient::Open(endpoint, DrawClient())) {}

  absl::StatusOr<Noted> Send(const Heartbeat& heartbeat) override {
    if (!client_.ok()) return client_.status();
    return (*client_)->Beat(heartbeat, kBeatTimeout);
  }

 private:
  static std::uint64_t DrawClient() {
    std::random_device random;
    return std::uint64_t{random()} + 1;
  }

  const absl::StatusOr<std::unique_ptr<GatewayClient>> client_;
};

int RunMain(const std::vector<std::string>& arguments) {
  const absl::StatusOr<AgentOptions> options = ParseAgentArguments(arguments);
  if (!options.ok()) {
    fmt::print(stderr, "epu-agent: {}; it is started by epud\n",
               std::string(options.status().message()));
    return 1;
  }
  return RunAgent(*options, [](const std::string& endpoint) {
    return std::make_unique<GatewaySink>(endpoint);
  });
}

}  // namespace
}  // namespace epu

int main(int count, char** arguments) {
  return epu::RunMain(std::vector<std::string>(arguments + 1, arguments + count));
}
