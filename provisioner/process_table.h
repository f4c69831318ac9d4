#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// What runs on this machine, as the kernel's process table (/proc) shows it, with the token that a
// worker's processes carry in their environment.

namespace epu {

// The variable that marks a worker's processes; children inherit it.
inline constexpr std::string_view kTokenVariable = "EPU_TOKEN";

// What the agent's process is called in the table; its children lose the name as they execute.
inline constexpr std::string_view kAgentName = "epu-agent";

// One process that has not ended; zombies are not among them. A pid is given out again, but not
// with the same start.
struct Process {
  pid_t pid = 0;
  std::uint64_t start = 0;  // Clock ticks between the machine's start and its own.
  pid_t parent = 0;
  std::string name;   // At most 15 bytes; what a process calls itself.
  std::string token;  // Empty where there is none, or the process is another user's.
  bool operator==(const Process&) const = default;
};

// All processes, by pid. The union of two sweeps over the table: of a process that forks and ends
// during one sweep neither parent nor child may have been seen.
absl::StatusOr<std::vector<Process>> ReadProcesses();

// The processes that carry `token`, and every descendant of one of them, by pid.
std::vector<Process> TreeOf(const std::vector<Process>& processes, std::string_view token);

// Every descendant of `ancestor`, by pid, without itself.
std::vector<Process> DescendantsOf(const std::vector<Process>& processes, pid_t ancestor);

// The agent among the processes that carry `token`; null where none is alive.
const Process* FindAgent(const std::vector<Process>& processes, std::string_view token);

// Sends `signal` to this very process: never to another one that has got its pid since. OK when it
// has ended. Never signals the caller itself.
absl::Status SendSignal(const Process& process, int signal);

}  // namespace epu
