#include "provisioner/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

namespace epu {
namespace {

// More than the kernel lets a process start with by default (a quarter of an 8 MiB stack).
constexpr std::size_t kEnvironmentBytesMax = 4 << 20;
constexpr std::size_t kStatBytesMax = 4096;

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

// A process may end between any two looks at it: then there is nothing to read.
std::optional<std::string> ReadFile(const std::string& path, std::size_t bytes_max) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const absl::Cleanup closer = [file] { close(file); };
  std::string text;
  char buffer[16384];
  while (text.size() < bytes_max) {
    const ssize_t got = read(file, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

std::string TokenIn(std::string_view environment) {
  while (!environment.empty()) {
    const std::size_t end = std::min(environment.find('\0'), environment.size());
    const std::string_view entry = environment.substr(0, end);
    if (entry.starts_with(kTokenVariable) && entry.substr(kTokenVariable.size()).starts_with('=')) {
      return std::string(entry.substr(kTokenVariable.size() + 1));
    }
    environment.remove_prefix(std::min(end + 1, environment.size()));
  }
  return {};
}

// "4127 (name) S 1 …": the name may hold anything, blanks and brackets too, so it ends at the last
// bracket. None for a zombie, unless only its first thread has ended.
std::optional<Process> ParseStat(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  Process process;
  std::from_chars(text.data(), text.data() + open, process.pid);
  process.name = std::string(text.substr(open + 1, close - open - 1));
  std::istringstream fields{std::string(text.substr(close + 1))};
  char state = 0;
  long long threads = 0;
  std::string skipped;
  fields >> state >> process.parent;
  for (int field = 5; field <= 19; ++field) fields >> skipped;
  fields >> threads >> skipped >> process.start;
  if (fields.fail()) return std::nullopt;
  if (state == 'X' || (state == 'Z' && threads <= 1)) return std::nullopt;
  return process;
}

std::optional<Process> ReadProcess(pid_t pid) {
  const std::string directory = fmt::format("/proc/{}", pid);
  const std::optional<std::string> stat_text = ReadFile(directory + "/stat", kStatBytesMax);
  std::optional<Process> process = stat_text ? ParseStat(*stat_text) : std::nullopt;
  if (!process) return std::nullopt;
  struct stat status = {};
  if (stat(directory.c_str(), &status) == 0 && status.st_uid == geteuid()) {
    const auto environment = ReadFile(directory + "/environ", kEnvironmentBytesMax);
    if (environment) process->token = TokenIn(*environment);
  }
  return process;
}

// Adds what one sweep sees; of a process seen twice the later look counts, where it has executed
// another program or lost its parent.
absl::Status Sweep(std::map<std::pair<pid_t, std::uint64_t>, Process>& seen) {
  const Directory directory(opendir("/proc"), &closedir);
  if (directory == nullptr) return absl::ErrnoToStatus(errno, "cannot read /proc");
  while (true) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto number = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (number.ec != std::errc() || number.ptr != name.data() + name.size()) continue;
    std::optional<Process> process = ReadProcess(pid);
    if (!process) continue;
    // While a process executes, or ends, it shows no environment: its token was seen before.
    Process& known = seen[{process->pid, process->start}];
    if (process->token.empty()) process->token = known.token;
    known = *std::move(process);
  }
  if (errno != 0) return absl::ErrnoToStatus(errno, "cannot read /proc");
  return absl::OkStatus();
}

// `members` and all their descendants. Processes come by pid, not by age, so it is gone through
// until nothing is added.
std::vector<Process> WithDescendants(const std::vector<Process>& processes,
                                     std::set<pid_t> members) {
  for (bool grown = true; grown;) {
    grown = false;
    for (const Process& process : processes) {
      if (!members.contains(process.parent) || members.contains(process.pid)) continue;
      members.insert(process.pid);
      grown = true;
    }
  }
  std::vector<Process> tree;
  for (const Process& process : processes) {
    if (members.contains(process.pid)) tree.push_back(process);
  }
  return tree;
}

}  // namespace

absl::StatusOr<std::vector<Process>> ReadProcesses() {
  std::map<std::pair<pid_t, std::uint64_t>, Process> seen;
  for (int sweep = 0; sweep < 2; ++sweep) {
    if (absl::Status swept = Sweep(seen); !swept.ok()) return swept;
  }
  std::vector<Process> processes;
  processes.reserve(seen.size());
  for (auto& [key, process] : seen) processes.push_back(std::move(process));
  return processes;
}

std::vector<Process> TreeOf(const std::vector<Process>& processes, std::string_view token) {
  std::set<pid_t> members;
  for (const Process& process : processes) {
    if (process.token == token) members.insert(process.pid);
  }
  return WithDescendants(processes, std::move(members));
}

std::vector<Process> DescendantsOf(const std::vector<Process>& processes, pid_t ancestor) {
  std::vector<Process> tree = WithDescendants(processes, {ancestor});
  std::erase_if(tree, [&](const Process& process) { return process.pid == ancestor; });
  return tree;
}

// A child of the agent has the agent's name until it executes: the oldest is the agent.
const Process* FindAgent(const std::vector<Process>& processes, std::string_view token) {
  const Process* agent = nullptr;
  for (const Process& process : processes) {
    if (process.token != token || process.name != kAgentName) continue;
    if (agent == nullptr || process.start < agent->start) agent = &process;
  }
  return agent;
}

absl::Status SendSignal(const Process& process, int signal) {
  if (process.pid == getpid()) return absl::OkStatus();
  const int file = static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0));
  if (file < 0) {
    return errno == ESRCH ? absl::OkStatus()
                          : absl::ErrnoToStatus(errno, fmt::format("pid {}", process.pid));
  }
  const absl::Cleanup closer = [file] { close(file); };
  // From here on the descriptor means one process, whatever becomes of its pid: if that one has the
  // same start it is the one that was seen.
  const auto stat_text = ReadFile(fmt::format("/proc/{}/stat", process.pid), kStatBytesMax);
  const std::optional<Process> now = stat_text ? ParseStat(*stat_text) : std::nullopt;
  if (!now || now->start != process.start) return absl::OkStatus();
  const long sent = syscall(SYS_pidfd_send_signal, file, signal, nullptr, 0);
  if (sent == 0 || errno == ESRCH) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, fmt::format("cannot signal pid {}", process.pid));
}

}  // namespace epu
