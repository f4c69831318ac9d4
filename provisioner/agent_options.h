#pragma once

#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/event.h"
#include "provisioner/driver.h"

// What epu-agent is told on its command line, for both sides: the driver writes it, the agent reads
// it.
//
//   epu-agent [--detach] --endpoint URL --dir PATH --token TOKEN --epu N --worker N --grace-ms N
//             -- COMMAND [ARGUMENT…]

namespace epu {

// Whether the agent leaves its starter, which then has no child to wait for but one that ends at
// once.
enum class Detach { kStay, kDetach };

struct AgentOptions {
  Detach detach = Detach::kStay;
  std::string endpoint;   // Where epud hears heartbeats; one that is away is waited for.
  std::string directory;  // The worker's own; the command starts in it.
  Token token;
  WorkerId worker;
  Duration stop_grace{};             // Between SIGTERM and SIGKILL; whole milliseconds.
  std::vector<std::string> command;  // Run as it is, never by a shell.
  bool operator==(const AgentOptions&) const = default;
};

// The arguments behind the program's name.
std::vector<std::string> FormatAgentArguments(const AgentOptions& options);

// kInvalidArgument, with the flag, for anything that is missing, unknown or no number.
absl::StatusOr<AgentOptions> ParseAgentArguments(const std::vector<std::string>& arguments);

}  // namespace epu
