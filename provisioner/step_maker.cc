#include "provisioner/step_maker.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "projections/references.h"
#include "provisioner/key_file.h"
#include "provisioner/local_host.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view kProcessDriver = "process";
constexpr Duration kMachineGrace = std::chrono::seconds(5);
constexpr Duration kPollFirst = std::chrono::milliseconds(5);
constexpr Duration kPollLast = std::chrono::milliseconds(500);

// Waits until `stop`, at most for `length`.
void Pause(const std::stop_token& stop, Duration length) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, length, [] { return false; });
}

// Calls `look` at growing distances until it has an answer; kDeadlineExceeded after `limit`,
// kCancelled when stopped.
template <typename Look>
absl::Status Await(const std::stop_token& stop, Duration limit, Look look) {
  const Steady::time_point deadline = Steady::now() + limit;
  for (Duration pause = kPollFirst;; pause = std::min(2 * pause, kPollLast)) {
    const absl::StatusOr<bool> done = look();
    if (!done.ok()) return done.status();
    if (*done) return absl::OkStatus();
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    if (Steady::now() >= deadline) return absl::DeadlineExceededError("time is up");
    Pause(stop, pause);
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(fmt::format("cannot read {}", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string LastLines(const std::string& errors) {
  const std::size_t end = errors.find_last_not_of(" \r\n\t");
  return end == std::string::npos ? "" : errors.substr(0, end + 1);
}

absl::Status StatusOf(const ProgramResult& result, Duration limit) {
  std::string what;
  if (result.timed_out) {
    what = fmt::format("still running after {}", FormatDuration(limit));
  } else if (result.died) {
    what = "ended without a trace of how: its machine went down, or it was killed with it";
  } else if (result.signal != 0) {
    what = fmt::format("ended by signal {}", result.signal);
  } else if (result.exit_status != 0) {
    what = fmt::format("exit {}", result.exit_status);
  } else {
    return absl::OkStatus();
  }
  const std::string errors = LastLines(result.errors);
  return absl::AbortedError(errors.empty() ? what : fmt::format("{}: {}", what, errors));
}

}  // namespace

StepMaker::StepMaker(StepMakerOptions options, std::map<std::string, IaasDriver*> drivers)
    : options_(std::move(options)), drivers_(std::move(drivers)) {}

StepTask StepMaker::Prepare(const State& state, const NextStep& step) const {
  const Service& service = state.launch.services.at(step.service);
  std::optional<ServiceMachine> machine;
  if (const auto found = service.machines.find(step.attempt); found != service.machines.end()) {
    machine = found->second;
  }
  const SecretSource secrets = [this](const std::string& name) {
    return ReadKeyFile(options_.keys_directory, name);
  };
  StepTask task{step,
                service.definition.name,
                service.definition,
                service.state,
                service.reached,
                false,
                std::move(machine),
                std::nullopt,
                "",
                "",
                ValuesOf(state.launch, service, step.step, options_.run_name, secrets)};
  task.stranded = IsStranded(state.launch, service);
  const Service* host = epu::HostOf(state.launch, service);
  if (host == nullptr) return task;
  const std::uint32_t attempt = host == &service ? step.attempt : host->attempt;
  const auto found = host->machines.find(attempt);
  if (found == host->machines.end()) return task;
  task.host = found->second;
  task.host_driver = host->definition.driver;
  task.host_directory =
      fmt::format("{}/{}/{}", options_.machines_directory, host->definition.name, attempt);
  return task;
}

std::optional<StepEnded> StepMaker::Make(const StepTask& task, std::stop_token stop) const {
  StepEnded ended;
  ended.service = task.step.service;
  ended.attempt = task.step.attempt;
  ended.step = task.step.step;
  const absl::Status status = task.values.ok() ? Dispatch(task, stop, ended) : task.values.status();
  if (absl::IsCancelled(status) && stop.stop_requested()) return std::nullopt;
  ended.succeeded = status.ok();
  // Programs print what they are told.
  const std::string error(status.message());
  ended.error = CutText(task.values.ok() ? MaskSecrets(error, task.values->secrets) : error);
  return ended;
}

absl::Status StepMaker::Dispatch(const StepTask& task, std::stop_token stop,
                                 StepEnded& ended) const {
  switch (task.step.step) {
    case ServiceStep::kMachine:
      return LaunchMachine(task, stop, ended);
    case ServiceStep::kReach:
      return HostOf(task)->Reach(stop);
    case ServiceStep::kBoot:
    case ServiceStep::kReady:
    case ServiceStep::kTerminate:
      return RunProgram(task, stop, ended);
    case ServiceStep::kEnd:
      return EndMachine(task, stop);
  }
  CHECK(!"a step");
}

// ---- Machines ----

IaasDriver* StepMaker::DriverOf(const StepTask& task) const {
  const auto found = drivers_.find(task.definition.driver);
  return found == drivers_.end() ? nullptr : found->second;
}

absl::StatusOr<std::optional<Machine>> StepMaker::FindMachine(const std::string& name,
                                                              const LaunchId& launch) const {
  const auto found = drivers_.find(name);
  if (found == drivers_.end()) {
    return absl::FailedPreconditionError(fmt::format("no driver {}", name));
  }
  IaasDriver* const driver = found->second;
  const std::lock_guard lock(driver_mutex_);
  const absl::StatusOr<std::vector<Machine>> machines = driver->List();
  if (!machines.ok()) return machines.status();
  const Token token{options_.log_id, launch};
  for (const Machine& machine : *machines) {
    if (machine.token == token) return machine;
  }
  return std::nullopt;
}

// Where nobody knows whether it was started, it is asked for again by its token.
absl::Status StepMaker::LaunchMachine(const StepTask& task, std::stop_token stop,
                                      StepEnded& ended) const {
  IaasDriver* driver = DriverOf(task);
  if (driver == nullptr) {
    return absl::FailedPreconditionError(fmt::format("no driver {}", task.definition.driver));
  }
  CHECK(task.machine.has_value());
  LaunchSpec spec;
  spec.worker = {EpuNumber{ToInteger(task.step.service)}, WorkerNumber{task.step.attempt}};
  spec.epu_name = task.service;
  // The machine is there for what is run on it later, and ends with its end.
  spec.command = {"sleep", "infinity"};
  spec.environment = {{"EPU_SERVICE", task.service, false}};
  spec.stop_grace = kMachineGrace;
  absl::Status last;
  const absl::Status came = Await(stop, kMachineStartMax, [&]() -> absl::StatusOr<bool> {
    const std::lock_guard lock(driver_mutex_);
    const absl::StatusOr<Machine> machine =
        driver->Launch(Token{options_.log_id, task.machine->launch}, spec);
    last = machine.status();
    if (absl::IsUnavailable(last) || absl::IsResourceExhausted(last)) return false;
    if (!machine.ok()) return last;
    ended.machine = machine->id;
    ended.host = machine->host;
    return true;
  });
  return absl::IsDeadlineExceeded(came) ? last : came;
}

// Gone is what a listing lacks that began when no launch of it could be under way any more.
absl::Status StepMaker::EndMachine(const StepTask& task, std::stop_token stop) const {
  if (task.definition.driver.empty() || !task.machine) {
    if (task.state < ServiceState::kLaunched && !task.reached) return absl::OkStatus();
    // A host that cannot be reached any more keeps nothing up.
    const absl::Status removed = HostOf(task)->Remove(options_.log_id + "-", stop);
    return absl::IsCancelled(removed) ? removed : absl::OkStatus();
  }
  IaasDriver* driver = DriverOf(task);
  const bool known = !task.machine->machine.empty();
  const Steady::time_point settled =
      Steady::now() + (driver == nullptr || known ? Duration::zero() : driver->Facts().listing_lag);
  const absl::Status gone = Await(stop, kMachineEndMax, [&]() -> absl::StatusOr<bool> {
    const bool complete = Steady::now() >= settled;
    const absl::StatusOr<std::optional<Machine>> machine =
        FindMachine(task.definition.driver, task.machine->launch);
    if (!machine.ok()) return machine.status();
    if (!*machine) return complete;
    const std::lock_guard lock(driver_mutex_);
    (void)driver->Terminate(**machine, kMachineGrace);  // The next listing tells.
    return false;
  });
  if (!absl::IsDeadlineExceeded(gone)) return gone;
  return absl::UnavailableError(fmt::format("{} is still listed after {}", task.machine->machine,
                                            FormatDuration(kMachineEndMax)));
}

// ---- Programs ----

// What runs on a machine of processes is put into that machine's directory, and ends with it.
std::unique_ptr<ServiceHost> StepMaker::HostOf(const StepTask& task) const {
  if (task.definition.local) {
    return std::make_unique<LocalHost>(options_.stage_directory, task.service);
  }
  if (task.host_driver == kProcessDriver) {
    return std::make_unique<LocalHost>(task.host_directory, task.service);
  }
  SshOptions ssh = options_.ssh;
  ssh.user = task.definition.ssh_user;
  ssh.scp_user = task.definition.scp_user;
  ssh.key = task.definition.ssh_key;
  return std::make_unique<SshHost>(task.values->hostname, task.service, std::move(ssh));
}

absl::StatusOr<std::string> StepMaker::BootConfiguration(const StepTask& task) const {
  const std::string& path = task.definition.boot_template;
  if (path.empty()) return "";
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::string> filled = FillTemplate(*text, task.values->attributes);
  if (filled.ok()) return filled;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", path, std::string(filled.status().message())));
}

absl::Status StepMaker::RunProgram(const StepTask& task, std::stop_token stop,
                                   StepEnded& ended) const {
  const ServiceStep step = task.step.step;
  if (step != ServiceStep::kBoot && task.state != ServiceState::kContextualized) {
    return absl::FailedPreconditionError("it has not been booted");
  }
  if (step == ServiceStep::kReady && task.stranded) {
    return absl::FailedPreconditionError("its machine was replaced, and it was not booted since");
  }
  if (step == ServiceStep::kReady && task.host) {
    const absl::StatusOr<std::optional<Machine>> machine =
        FindMachine(task.host_driver, task.host->launch);
    if (!machine.ok()) return machine.status();
    if (!*machine) return absl::NotFoundError(fmt::format("{} is gone", task.host->machine));
  }
  if (task.values->program.path.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> configuration = BootConfiguration(task);
  if (!configuration.ok()) return configuration.status();
  ProgramRun run;
  run.token = fmt::format("{}-{}-{}-{}", options_.log_id, ToInteger(task.step.service),
                          task.step.attempt, StepName(step));
  run.program = task.values->program.path;
  run.arguments = task.values->arguments;
  run.boot_configuration = *configuration;
  run.environment = task.values->attributes;
  // By this the site finds what a program left running as a part of its machine.
  if (task.host && !task.definition.local)
    run.machine_token = FormatToken({options_.log_id, task.host->launch});
  run.once = step != ServiceStep::kReady;
  run.timeout = task.definition.program_timeout;
  run.log_path = fmt::format("{}/{}.log", options_.output_directory, task.service);
  const absl::StatusOr<ProgramResult> result = HostOf(task)->Run(run, stop);
  if (!result.ok()) return result.status();
  if (absl::Status status = StatusOf(*result, run.timeout); !status.ok()) return status;
  if (step != ServiceStep::kBoot || result->document.empty()) return absl::OkStatus();
  absl::StatusOr<std::vector<Variable>> said = options_.read_output(task.service, result->document);
  if (!said.ok()) return said.status();
  ended.attributes = *std::move(said);
  return absl::OkStatus();
}

}  // namespace epu
