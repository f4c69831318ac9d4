#include "provisioner/process_driver.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "provisioner/agent.h"
#include "provisioner/agent_options.h"
#include "provisioner/key_file.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kHost = "127.0.0.1";  // Of every machine here.

int MillisecondsUntil(SteadyClock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

// The machine of `token` among `processes`; none where nothing carries it.
std::optional<Machine> FindMachine(const std::vector<Process>& processes, const Token& token) {
  const std::string text = FormatToken(token);
  const Process* shown = FindAgent(processes, text);
  const bool agent_alive = shown != nullptr;
  for (const Process& process : processes) {
    if (agent_alive || process.token != text) continue;
    if (shown == nullptr || process.start < shown->start) shown = &process;
  }
  if (shown == nullptr) return std::nullopt;
  return Machine{fmt::format("pid {}", shown->pid), token,
                 agent_alive ? MachineCondition::kRunning : MachineCondition::kAgentLost, kHost};
}

// A name that is one component of a path, and not a way out of it.
bool IsPlainName(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos && name.front() != '.';
}

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return SystemError(errno, fmt::format("cannot make {}", path));
}

absl::Status WriteSpec(const std::string& path, const Token& token, const LaunchSpec& spec) {
  std::string text = fmt::format("token {}\n", FormatToken(token));
  if (!spec.unique_key.empty()) text += fmt::format("unique {}\n", spec.unique_key);
  for (const std::string& argument : spec.command) text += fmt::format("argument {}\n", argument);
  for (const Variable& variable : spec.environment) {
    text += fmt::format("variable {}\n", variable.name);
  }
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return SystemError(errno, fmt::format("cannot write {}", path));
  const absl::Cleanup closer = [file] { close(file); };
  const ssize_t written = write(file, text.data(), text.size());
  if (written < 0) return SystemError(errno, fmt::format("cannot write {}", path));
  return absl::OkStatus();
}

// The first line of a new agent, without its end; what came of it where it ended or time is up.
std::string ReadLine(int file, SteadyClock::time_point deadline) {
  std::string line;
  while (line.size() < kTextMax) {
    pollfd readable{file, POLLIN, 0};
    const int ready = poll(&readable, 1, MillisecondsUntil(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    char c = 0;
    if (read(file, &c, 1) != 1 || c == '\n') break;
    line.push_back(c);
  }
  return line;
}

// Takes leave of the process that the agent left behind, which ends at once; one that does not in
// time is killed, so that no call hangs on it.
void ReapStarter(pid_t child, SteadyClock::time_point deadline) {
  const int file = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  if (file >= 0) {
    pollfd ended{file, POLLIN, 0};
    if (poll(&ended, 1, MillisecondsUntil(deadline)) <= 0) kill(child, SIGKILL);
    close(file);
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

std::vector<Variable> KeptEnvironment() {
  std::vector<Variable> kept;
  for (const char* name : {"PATH", "HOME", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) kept.push_back({name, value});
  }
  return kept;
}

ProcessDriver::ProcessDriver(ProcessDriverOptions options) : options_(std::move(options)) {}

// What is there is looked up in this order so that nothing slips between: the marker first, since
// whoever made it is seen by a sweep begun after, or has ended.
absl::StatusOr<Machine> ProcessDriver::Launch(const Token& token, const LaunchSpec& spec) {
  const absl::StatusOr<std::string> directory = PrepareDirectory(token, spec);
  if (!directory.ok()) return directory.status();
  const std::string marker = *directory + "/" + MarkerName(token);
  const bool started_before = access(marker.c_str(), F_OK) == 0;
  const absl::StatusOr<std::vector<Process>> processes = ReadProcesses();
  if (!processes.ok()) return absl::UnavailableError(processes.status().message());
  if (std::optional<Machine> machine = FindMachine(*processes, token)) return *machine;
  if (started_before) {
    return absl::FailedPreconditionError(
        fmt::format("{} was started before and has ended", FormatToken(token)));
  }
  if (absl::Status spoken = WriteSpec(*directory + "/spec", token, spec); !spoken.ok()) {
    return spoken;
  }
  return StartAgent(token, spec, *directory);
}

absl::StatusOr<std::string> ProcessDriver::PrepareDirectory(const Token& token,
                                                            const LaunchSpec& spec) const {
  if (token.log_id != options_.log_id || !IsPlainName(spec.epu_name) || spec.command.empty()) {
    return absl::InvalidArgumentError(fmt::format("{} of EPU \"{}\" is no launch of this run",
                                                  FormatToken(token), spec.epu_name));
  }
  const std::string pool = options_.workers_directory + "/" + spec.epu_name;
  const std::string directory = fmt::format("{}/{}", pool, ToInteger(spec.worker.number));
  for (const std::string& path : {options_.workers_directory, pool, directory}) {
    if (absl::Status made = MakeDirectory(path); !made.ok()) return made;
  }
  return directory;
}

absl::StatusOr<Machine> ProcessDriver::StartAgent(const Token& token, const LaunchSpec& spec,
                                                  const std::string& directory) const {
  absl::StatusOr<std::vector<std::string>> environment = EnvironmentOf(token, spec, directory);
  if (!environment.ok()) return environment.status();
  AgentOptions agent;
  agent.detach = Detach::kDetach;
  agent.endpoint = options_.endpoint;
  agent.directory = directory;
  agent.token = token;
  agent.worker = spec.worker;
  agent.stop_grace = spec.stop_grace;
  agent.command = spec.command;

  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return SystemError(errno, "cannot make a pipe");
  SpawnRequest request;
  request.arguments = FormatAgentArguments(agent);
  request.arguments.insert(request.arguments.begin(), options_.agent_path);
  request.environment = *std::move(environment);
  request.directory = directory;
  request.output = pipe_ends[1];
  const absl::StatusOr<pid_t> starter = Spawn(request);
  close(pipe_ends[1]);
  const absl::Cleanup closer = [&] { close(pipe_ends[0]); };
  if (!starter.ok()) return starter.status();

  const SteadyClock::time_point deadline = SteadyClock::now() + kAgentStartMax;
  const std::string line = ReadLine(pipe_ends[0], deadline);
  ReapStarter(*starter, deadline);
  if (line.starts_with("pid ")) return Machine{line, token, MachineCondition::kRunning, kHost};
  if (line.starts_with("full ")) return absl::ResourceExhaustedError(line.substr(5));
  if (line.starts_with("error ")) return absl::FailedPreconditionError(line.substr(6));
  // Silent: it ended at once or is slow. "twice": another one was quicker. A listing will tell.
  return absl::UnavailableError(line.empty() ? "the agent did not say that it stands" : line);
}

// Ours first, so that no definition can take a worker's token away; of two with one name the first
// counts, and of the definition's own the last.
absl::StatusOr<std::vector<std::string>> ProcessDriver::EnvironmentOf(
    const Token& token, const LaunchSpec& spec, const std::string& directory) const {
  std::vector<Variable> variables = {
      {"EPU_RUN", options_.run_name},
      {"EPU_NAME", spec.epu_name},
      {"EPU_WORKER", fmt::format("{}/{}", spec.epu_name, ToInteger(spec.worker.number))},
      {std::string(kTokenVariable), FormatToken(token)},
      {"EPU_REPORT", fmt::format("{}/{}", directory, kReportName)},
      {"EPU_DRAIN", fmt::format("{}/{}", directory, kDrainName)}};
  variables.insert(variables.end(), spec.environment.rbegin(), spec.environment.rend());
  variables.insert(variables.end(), options_.environment.begin(), options_.environment.end());
  std::vector<std::string> environment;
  std::set<std::string> names;
  for (const Variable& variable : variables) {
    if (!names.insert(variable.name).second) continue;
    std::string value = variable.value;
    if (variable.secret) {
      absl::StatusOr<std::string> key = ReadKeyFile(options_.keys_directory, variable.value);
      if (!key.ok()) return key.status();
      value = *std::move(key);
    }
    environment.push_back(variable.name + "=" + value);
  }
  return environment;
}

absl::Status ProcessDriver::Terminate(const Machine& machine, Duration stop_grace) {
  const absl::StatusOr<std::vector<Process>> processes = ReadProcesses();
  if (!processes.ok()) return processes.status();
  const std::string token = FormatToken(machine.token);
  std::vector<Process> tree = TreeOf(*processes, token);
  if (tree.empty()) return absl::OkStatus();

  const SteadyClock::time_point now = SteadyClock::now();
  const auto asked = asked_.try_emplace(machine.token, now).first;
  const Process* agent = FindAgent(*processes, token);
  const bool overdue = now - asked->second > stop_grace + kAgentSlack;
  if (agent != nullptr && !overdue) return SendSignal(*agent, SIGTERM);

  // The agent comes last, when nothing else is left: while it lives, what is forked meanwhile is
  // still found as its descendant.
  if (agent != nullptr && tree.size() > 1) {
    std::erase_if(tree, [&](const Process& process) { return process.pid == agent->pid; });
  }
  absl::Status first_failure;
  for (const Process& process : tree) {
    first_failure.Update(SendSignal(process, SIGKILL));
  }
  return first_failure;
}

absl::StatusOr<std::vector<Machine>> ProcessDriver::List() {
  const absl::StatusOr<std::vector<Process>> processes = ReadProcesses();
  if (!processes.ok()) return processes.status();
  std::set<Token> tokens;
  for (const Process& process : *processes) {
    const absl::StatusOr<Token> token = ParseToken(process.token);
    if (token.ok() && token->log_id == options_.log_id) tokens.insert(*token);
  }
  std::erase_if(asked_, [&](const auto& asked) { return !tokens.contains(asked.first); });
  std::vector<Machine> machines;
  for (const Token& token : tokens) machines.push_back(*FindMachine(*processes, token));
  return machines;
}

// A process is in the table from its first moment; the lag is what an agent takes from its spawning
// by an epud that was killed meanwhile to carrying its token. Repeating is safe because of the
// marker.
DriverFacts ProcessDriver::Facts() const { return {std::chrono::seconds(2), Duration::max()}; }

}  // namespace epu
