#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/launch.h"
#include "commands/service_values.h"
#include "projections/state.h"
#include "provisioner/driver.h"
#include "provisioner/service_host.h"
#include "provisioner/ssh_host.h"

// What is done for one step of a service: a machine is asked for or ended, a program is run. Steps
// are made again when nobody knows how far they came: a machine is launched by its token, and a
// boot or terminate program leaves a marker that it was run.

namespace epu {

struct StepMakerOptions {
  std::string run_name;
  std::string log_id;
  std::string stage_directory;     // "RUN/stage": of programs that run on this machine.
  std::string machines_directory;  // "RUN/machines": of machines of the process driver.
  std::string keys_directory;      // "RUN/keys"
  std::string output_directory;    // "RUN/services": NAME.log, what its programs print.
  SshOptions ssh;                  // Of all hosts; user and key are a service's own.
  // What a boot program said of its service (bootout.json), as attributes by name.
  std::function<absl::StatusOr<std::vector<Variable>>(const std::string& service,
                                                      const std::string& document)>
      read_output;
};

// A step with everything it is made with.
struct StepTask {
  NextStep step;
  std::string service;
  ServiceDefinition definition;
  ServiceState state = ServiceState::kInitial;
  bool reached = false;                   // Programs of it may have been run where it is.
  bool stranded = false;                  // Booted on a machine that was replaced since.
  std::optional<ServiceMachine> machine;  // Its own, of the step's attempt.
  // The machine that its programs run on, whoever's it is; none on a host that is nobody's here.
  std::optional<ServiceMachine> host;
  std::string host_driver;     // Of that machine,
  std::string host_directory;  // and where it is, one of the process driver.
  absl::StatusOr<ServiceValues> values;
};

// For many threads; its options are constant. What drivers do is done one call at a time.
class StepMaker {
 public:
  // Drivers by name; they outlive this.
  StepMaker(StepMakerOptions options, std::map<std::string, IaasDriver*> drivers);
  StepMaker(const StepMaker&) = delete;
  StepMaker& operator=(const StepMaker&) = delete;

  StepTask Prepare(const State& state, const NextStep& step) const;

  // Takes as long as the step takes, or until `stop`: then there is none, and what runs goes on.
  std::optional<StepEnded> Make(const StepTask& task, std::stop_token stop) const;

 private:
  struct Outcome;

  IaasDriver* DriverOf(const StepTask& task) const;
  std::unique_ptr<ServiceHost> HostOf(const StepTask& task) const;
  absl::StatusOr<std::optional<Machine>> FindMachine(const std::string& driver,
                                                     const LaunchId& launch) const;
  absl::Status LaunchMachine(const StepTask& task, std::stop_token stop, StepEnded& ended) const;
  absl::Status EndMachine(const StepTask& task, std::stop_token stop) const;
  absl::Status RunProgram(const StepTask& task, std::stop_token stop, StepEnded& ended) const;
  absl::StatusOr<std::string> BootConfiguration(const StepTask& task) const;
  absl::Status Dispatch(const StepTask& task, std::stop_token stop, StepEnded& ended) const;

  const StepMakerOptions options_;
  const std::map<std::string, IaasDriver*> drivers_;
  mutable std::mutex driver_mutex_;
};

// How long a machine may take to come, and to go.
inline constexpr Duration kMachineStartMax = std::chrono::minutes(20);
inline constexpr Duration kMachineEndMax = std::chrono::minutes(5);

}  // namespace epu
