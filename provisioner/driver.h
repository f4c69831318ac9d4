#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/definition.h"
#include "eventlog/ids.h"

// One IaaS site, as the provisioner needs it: launch, end, list. A driver keeps no state that
// matters: what is there is what the site lists.

namespace epu {

// What a machine is known by at its site: "k3f9-5d1e-208". The site keeps it, and a listing gives
// it back.
struct Token {
  std::string log_id;
  LaunchId launch;
  auto operator<=>(const Token&) const = default;
};
std::string FormatToken(const Token& token);
// kInvalidArgument for a text that is no token, or another spelling of one: FormatToken gives back
// the text.
absl::StatusOr<Token> ParseToken(std::string_view text);

struct LaunchSpec {
  WorkerId worker;
  std::string epu_name;
  std::string unique_key;
  std::vector<std::string> command;   // Run as it is, never by a shell.
  std::vector<Variable> environment;  // The EPU's variables, then those of the unique instance.
  Duration stop_grace{};
  bool operator==(const LaunchSpec&) const = default;
};

enum class MachineCondition {
  kRunning,    // As launched.
  kAgentLost,  // Something of it runs, its agent does not: it cannot be trusted to report or to
               // stop.
};

struct Machine {
  std::string id;  // The site's own name for it: "pid 40177".
  Token token;
  MachineCondition condition = MachineCondition::kRunning;
  std::string host = "";  // Where it is reached: "127.0.0.1"; empty where the site does not say.
  bool operator==(const Machine&) const = default;
};

struct DriverFacts {
  Duration listing_lag{};  // How long a machine may be missing from a listing after its Launch call
                           // ended (or its caller died).
  Duration repeat_safe{};  // How long after the first a repeated Launch by one token still finds
                           // the machine of the first.
};

// Each call ends within the driver's own deadline. Used by one thread.
class IaasDriver {
 public:
  IaasDriver() = default;
  IaasDriver(const IaasDriver&) = delete;
  IaasDriver& operator=(const IaasDriver&) = delete;
  virtual ~IaasDriver() = default;

  // Starts the machine of `token`, or finds it where an earlier call started it: idempotent by
  // token.
  //   kResourceExhausted   the site has no room (IAAS_FULL)
  //   kUnavailable         unknown: it may have been started; ask again or list
  //   any other            refused for good; nothing was started (IAAS_PROBLEM)
  virtual absl::StatusOr<Machine> Launch(const Token& token, const LaunchSpec& spec) = 0;

  // Has the machine end: first asked to, later made to, over as many calls as that takes. OK when
  // it is gone already. OK does not say that it is gone: only a listing does.
  virtual absl::Status Terminate(const Machine& machine, Duration stop_grace) = 0;

  // Every machine whose token begins with our log id, of any epoch, whoever launched it. An error
  // is no answer: nothing follows from it.
  virtual absl::StatusOr<std::vector<Machine>> List() = 0;

  virtual DriverFacts Facts() const = 0;
};

}  // namespace epu
