#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/time.h"

// Where the programs of a service run: this machine (local_host.h) or one that ssh leads to
// (ssh_host.h).

namespace epu {

// One run of a program of a service.
struct ProgramRun {
  std::string token;    // Names the mark that it was run: of service, attempt and step.
  bool once = true;     // Whether that mark holds; without, it is run anew whatever was.
  std::string program;  // Path on the launcher's machine; a .tar.gz holds a directory of its own
                        // name with a run.sh in it.
  std::vector<std::string> arguments;
  std::string boot_configuration;  // Laid beside it as bootconf.json; empty: none.
  std::vector<std::pair<std::string, std::string>> environment;  // And as bootenv.sh.
  std::string machine_token;  // EPU_TOKEN of what it starts; empty: none.
  Duration timeout{};         // Then it is ended, with its process group; whole seconds.
  std::string log_path;       // A file here to which what it printed is added; empty: none.
};

// How a program ended; all zero where it ended well.
struct ProgramResult {
  int exit_status = 0;
  int signal = 0;  // That ended it, or 0.
  bool timed_out = false;
  bool died = false;          // It went without anybody seeing how: not to be run again.
  std::string errors = "";    // The end of its stderr.
  std::string document = "";  // What it wrote to bootout.json.
  bool operator==(const ProgramResult&) const = default;
};

// Used by one thread at a time.
class ServiceHost {
 public:
  ServiceHost() = default;
  ServiceHost(const ServiceHost&) = delete;
  ServiceHost& operator=(const ServiceHost&) = delete;
  virtual ~ServiceHost() = default;

  // Waits until the host takes programs.
  //   kCancelled           `stop` came first
  //   kUnavailable         it does not, after all tries
  //   kPermissionDenied    it is another host than it was, or lets us not in
  virtual absl::Status Reach(std::stop_token stop) = 0;

  // Runs a program to its end. With `once`: where it runs already, by whomever started, it is
  // waited for, and where it has ended, that end is told again; it outlives the launcher.
  //   kCancelled           `stop` came first; the program goes on
  //   any other            it is unknown whether it was started; the same call finds out
  virtual absl::StatusOr<ProgramResult> Run(const ProgramRun& run, std::stop_token stop) = 0;

  // Ends programs of the service that still run there and whose tokens begin with `tokens`, with
  // what they started, but not what programs that ended left behind; then removes all that was laid
  // there for the service. One that starts at this very moment may be missed.
  //   kCancelled  `stop` came first: the same call goes on
  virtual absl::Status Remove(const std::string& tokens, std::stop_token stop) = 0;

  // Copies a file or a directory, with what is in it, into a directory here.
  virtual absl::Status Fetch(const std::string& path, const std::string& directory,
                             std::stop_token stop) = 0;
};

// How long copying may take. The original's limit.
inline constexpr Duration kFetchMax = std::chrono::seconds(3120);

}  // namespace epu
