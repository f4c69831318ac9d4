#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/cloudinitd_file.h"
#include "cli/context.h"
#include "cli/launch_plan.h"
#include "cli/owned_run.h"
#include "projections/launch.h"
#include "provisioner/launcher.h"
#include "provisioner/process_driver.h"

// The run of a launch, as the program that launches owns it: no server is needed to boot one.
//
//   RUN/log                   services, walks and steps, as everything else that happens
//   RUN/machines/SERVICE/N    of the machines that are processes of this one
//   RUN/stage/SERVICE         of programs that run on this machine
//   RUN/services/SERVICE.log  what its programs print
//   RUN/keys/launch.…         secrets of the plan, and its clouds' credentials; mode 0600
//   RUN/known_hosts           the keys that hosts showed first

namespace epu {

// The drivers that a cloud's machines can come from.
std::vector<std::string> LaunchDrivers();

class LaunchRun {
 public:
  // Takes the run of `context` and begins an epoch of its log. Nobody else may write it meanwhile.
  static absl::StatusOr<std::unique_ptr<LaunchRun>> Open(Context& context);
  LaunchRun(const LaunchRun&) = delete;
  LaunchRun& operator=(const LaunchRun&) = delete;

  // Stores the plan's secrets, then records the plan. Errors as DecidePlan.
  absl::Status Plan(const LaunchPlan& plan, bool again);

  // Records a launch that cloudinit.d made, as far as that had come. Errors as Plan.
  absl::Status Import(const CloudinitdLaunch& launch);

  // Records event lines. Errors as DecideLines.
  absl::Status Note(std::vector<LineHarvested> lines);

  // Errors and outcomes as Launcher::Walk.
  absl::StatusOr<WalkEnd> Walk(WalkKind kind, std::stop_token stop,
                               std::function<void(const State&, const LaunchNews&)> observe);

  // Ends the machine of a service, as its site ends one, behind the launcher's back: nothing is
  // recorded of it, and the next walk finds out. kCancelled when `stop` came before it was gone.
  //   kFailedPrecondition  it has no machine of its own
  absl::Status BreakMachine(const std::string& service, std::stop_token stop);

  const EventLog& log() const { return run_->log(); }
  const State& state() const { return run_->writer().state(); }
  const Launch& launch() const { return state().launch; }

 private:
  LaunchRun(Context& context, std::unique_ptr<OwnedRun> run);

  absl::Status Record(Order order);

  const RunPaths paths_;
  const Author author_;
  const std::string note_;
  const std::unique_ptr<OwnedRun> run_;
  ProcessDriver process_driver_;
  StepMaker maker_;
};

// The attributes of a bootout.json, by name; what is no text is as JSON writes it. Secrets are
// stored in `keys_directory`, as SecretFileName says, and named.
//   kInvalidArgument  it is no JSON object
absl::StatusOr<std::vector<Variable>> ReadBootOutput(const std::string& service,
                                                     const std::string& document,
                                                     const std::string& keys_directory);

// How a launch reaches hosts: RUN/known_hosts, and what the original took from the environment
// (CLOUDINITD_SSH, CLOUDINITD_SCP, CLOUDINITD_SSH_OPTS, REMOTE_WORKING_DIR_ENV).
absl::StatusOr<SshOptions> LaunchSshOptions(const std::string& run_directory);

}  // namespace epu
