#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "provisioner/run_program.h"
#include "provisioner/service_host.h"

namespace epu {

// How hosts are reached. The first block is one launch's, the second a service's own; the limits
// are the original's.
struct SshOptions {
  std::string ssh = "ssh";  // OpenSSH's programs, or what stands for them.
  std::string scp = "scp";
  std::vector<std::string> arguments;          // Further ones, of both.
  std::string known_hosts;                     // A file of the run: see SshHost.
  std::string directory = "/tmp/nimbusready";  // There; one below it for each service.

  std::string user;      // Empty: whom ssh takes.
  std::string scp_user;  // Empty: `user`.
  std::string key;       // Of a private key; empty: those that ssh finds.

  int port_tries = 128;  // Of connecting to the host's port,
  Duration port_pause = std::chrono::seconds(3);
  Duration connect_timeout = std::chrono::seconds(10);
  int login_tries = 2;  // and then of logging in.
  Duration login_pause = std::chrono::seconds(10);
};

// A host that the system's OpenSSH leads to. The key that a host shows first is kept in the run's
// known_hosts, and it must show the same ever after; ssh's own files are not asked. Nobody is asked
// for a password.
class SshHost final : public ServiceHost {
 public:
  // `host` may end in ":PORT".
  SshHost(const std::string& host, const std::string& service, SshOptions options);

  absl::Status Reach(std::stop_token stop) override;
  absl::StatusOr<ProgramResult> Run(const ProgramRun& run, std::stop_token stop) override;
  absl::Status Remove(const std::string& tokens, std::stop_token stop) override;
  absl::Status Fetch(const std::string& path, const std::string& directory,
                     std::stop_token stop) override;

 private:
  std::vector<std::string> CommonArguments() const;
  std::string CommandLine(const std::string& command) const;
  absl::StatusOr<ProgramOutcome> Ssh(const std::string& line, Duration limit,
                                     std::stop_token stop) const;

  const SshOptions options_;
  std::string host_;
  std::string port_;
  const std::string directory_;  // There.
};

}  // namespace epu
