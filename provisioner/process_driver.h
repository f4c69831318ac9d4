#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "provisioner/driver.h"
#include "provisioner/process_table.h"

// The site that is this machine: a worker is a tree of processes under an epu-agent.
//
// Each process of a worker carries EPU_TOKEN in its environment; by that the tree is found, however
// often epud was killed meanwhile. Processes that threw their environment away are found as
// descendants of the agent; those alone cannot be found once the agent was killed.
//
// Worker 12 of crunch has the directory WORKERS/crunch/12 (mode 0700), in which its command starts:
//   stdout, stderr    its output (0600)
//   spec              what was launched, for people; names of variables, not their values
//   started-TOKEN     made by the agent: the token was started, and will not be again

namespace epu {

struct ProcessDriverOptions {
  std::string workers_directory;  // "RUN/workers"; made where it is missing.
  std::string keys_directory;     // "RUN/keys"; of what variables name as secrets.
  std::string agent_path;         // Of epu-agent, absolute.
  std::string endpoint;           // Of epud, for heartbeats.
  std::string log_id;
  std::string run_name;               // Each worker's EPU_RUN.
  std::vector<Variable> environment;  // Each worker's beside its own; see KeptEnvironment.
};

// PATH, HOME and LANG, as this process has them.
std::vector<Variable> KeptEnvironment();

// Workers are those of the user that runs epud.
class ProcessDriver final : public IaasDriver {
 public:
  explicit ProcessDriver(ProcessDriverOptions options);

  // A machine's id is "pid N": of its agent or, where that is lost, of its oldest process.
  //   kFailedPrecondition   the token was started before, and has ended; or a secret is not there
  absl::StatusOr<Machine> Launch(const Token& token, const LaunchSpec& spec) override;

  // Asks the agent; where that is lost, or some time after the grace, kills what is there. What it
  // remembers is only when it first asked.
  absl::Status Terminate(const Machine& machine, Duration stop_grace) override;
  absl::StatusOr<std::vector<Machine>> List() override;
  DriverFacts Facts() const override;

 private:
  absl::StatusOr<std::string> PrepareDirectory(const Token& token, const LaunchSpec& spec) const;
  absl::StatusOr<Machine> StartAgent(const Token& token, const LaunchSpec& spec,
                                     const std::string& directory) const;
  absl::StatusOr<std::vector<std::string>> EnvironmentOf(const Token& token, const LaunchSpec& spec,
                                                         const std::string& directory) const;

  const ProcessDriverOptions options_;
  std::map<Token, std::chrono::steady_clock::time_point> asked_;  // To end, first.
};

// How long the agent has, after the grace, to end what is left before it is not waited for.
inline constexpr Duration kAgentSlack = std::chrono::seconds(2);

// How long a new agent has to say that it stands.
inline constexpr Duration kAgentStartMax = std::chrono::seconds(5);

}  // namespace epu
