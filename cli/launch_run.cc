#include "cli/launch_run.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "cli/json_view.h"
#include "cli/new_file.h"
#include "cli/user_stop.h"
#include "commands/peer.h"
#include "projections/shell_words.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProcess = "process";

absl::Status WriteSecret(const std::string& directory, const std::string& name,
                         const std::string& text) {
  std::error_code error;
  fs::create_directories(directory, error);
  fs::permissions(directory, fs::perms::owner_all, error);
  return WriteNewFile(directory + "/" + name, text, Existing::kReplace, 0600);
}

std::string Environment(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

StepMakerOptions MakerOptions(const RunPaths& paths, const std::string& run,
                              const std::string& log_id, SshOptions ssh) {
  StepMakerOptions options;
  options.run_name = run;
  options.log_id = log_id;
  options.stage_directory = paths.directory + "/stage";
  options.machines_directory = paths.directory + "/machines";
  options.keys_directory = paths.keys;
  options.output_directory = paths.directory + "/services";
  options.ssh = std::move(ssh);
  options.read_output = [keys = paths.keys](const std::string& service,
                                            const std::string& document) {
    return ReadBootOutput(service, document, keys);
  };
  return options;
}

// What was done to a service that is in this state.
std::vector<ServiceStep> StepsMade(const CloudinitdService& service) {
  std::vector<ServiceStep> steps;
  if (service.state == ServiceState::kInitial) return steps;
  if (!service.definition.driver.empty()) steps.push_back(ServiceStep::kMachine);
  steps.push_back(ServiceStep::kReach);
  if (service.state == ServiceState::kContextualized) {
    steps.push_back(ServiceStep::kBoot);
    steps.push_back(ServiceStep::kReady);
  }
  if (service.state == ServiceState::kTerminated) steps.push_back(ServiceStep::kEnd);
  return steps;
}

std::string ProgramBeside(const char* name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name;
}

}  // namespace

std::vector<std::string> LaunchDrivers() { return {kProcess}; }

absl::StatusOr<std::unique_ptr<LaunchRun>> LaunchRun::Open(Context& context) {
  OutliveReaders();
  const RunPaths& paths = context.Paths();
  absl::StatusOr<std::unique_ptr<OwnedRun>> run =
      OwnedRun::Open({context.GetOptions().run, paths.directory, paths.log, Succession::kSame});
  if (!run.ok()) return run.status();
  if (absl::Status begun = (*run)->Begin(); !begun.ok()) return begun;
  if (!(*run)->writer().state().epus.empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "run {} has EPUs; a launch is a run of its own: -r NAME", context.GetOptions().run));
  }
  std::error_code error;
  fs::create_directories(paths.directory + "/services", error);
  if (absl::Status ssh = LaunchSshOptions(paths.directory).status(); !ssh.ok()) return ssh;
  return std::unique_ptr<LaunchRun>(new LaunchRun(context, *std::move(run)));
}

LaunchRun::LaunchRun(Context& context, std::unique_ptr<OwnedRun> run)
    : paths_(context.Paths()),
      author_(Authors().Find(::geteuid())),
      note_(context.GetOptions().note),
      run_(std::move(run)),
      // Agents of machines find nobody at the endpoint, and wait.
      process_driver_({paths_.directory + "/machines", paths_.keys, ProgramBeside("epu-agent"),
                       paths_.endpoint, run_->writer().state().log_id, context.GetOptions().run,
                       KeptEnvironment()}),
      maker_(MakerOptions(paths_, context.GetOptions().run, run_->writer().state().log_id,
                          LaunchSshOptions(paths_.directory).value()),
             {{kProcess, &process_driver_}}) {}

absl::Status LaunchRun::Record(Order order) {
  const Command command{{}, author_, note_, std::move(order)};
  return run_->writer().Process({&command, 1}).front().status;
}

absl::Status LaunchRun::Plan(const LaunchPlan& plan, bool again) {
  for (const auto& [name, text] : plan.secrets) {
    if (absl::Status written = WriteSecret(paths_.keys, name, text); !written.ok()) return written;
  }
  return Record(PlanLaunch{{plan.path, plan.globals}, plan.services, again});
}

// Each step that was made there is one that began and ended here.
absl::Status LaunchRun::Import(const CloudinitdLaunch& found) {
  LaunchPlan plan;
  plan.path = found.plan;
  plan.secrets = found.secrets;
  for (const CloudinitdService& service : found.services)
    plan.services.push_back(service.definition);
  absl::Status status = Plan(plan, false);
  if (!status.ok()) return status;
  for (const CloudinitdService& service : found.services) {
    const ServiceNumber number = FindService(launch(), service.definition.name)->number;
    for (const ServiceStep step : StepsMade(service)) {
      StepEnded ended{number, 1, step, true, "", "", "", {}};
      if (step == ServiceStep::kMachine) {
        ended.machine = service.machine;
        ended.host = service.host;
      }
      status.Update(Record(BeginStep{number, 1, step}));
      status.Update(Record(EndStep{std::move(ended)}));
    }
  }
  return status;
}

absl::Status LaunchRun::Note(std::vector<LineHarvested> lines) {
  return lines.empty() ? absl::OkStatus() : Record(NoteLines{std::move(lines)});
}

absl::StatusOr<WalkEnd> LaunchRun::Walk(
    WalkKind kind, std::stop_token stop,
    std::function<void(const State&, const LaunchNews&)> observe) {
  Launcher launcher(run_->writer(), maker_, {author_, note_, std::move(observe)});
  return launcher.Walk(kind, std::move(stop));
}

absl::Status LaunchRun::BreakMachine(const std::string& service, std::stop_token stop) {
  const Service* found = FindService(launch(), service);
  if (found == nullptr || !HasOwnMachine(*found) || !IsThere(*found)) {
    return absl::FailedPreconditionError(
        fmt::format("{} has no machine of its own to be ended", service));
  }
  const NextStep step{found->number, found->attempt, ServiceStep::kEnd};
  const std::optional<StepEnded> ended = maker_.Make(maker_.Prepare(state(), step), stop);
  if (!ended) return absl::CancelledError("stopped");
  return ended->succeeded ? absl::OkStatus() : absl::UnavailableError(ended->error);
}

absl::StatusOr<std::vector<Variable>> ReadBootOutput(const std::string& service,
                                                     const std::string& document,
                                                     const std::string& keys_directory) {
  const Json json = Json::parse(document, nullptr, false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("its bootout.json is no JSON object");
  }
  std::vector<Variable> variables;
  for (const auto& [name, value] : json.items()) {
    std::string text = value.is_string() ? value.get<std::string>() : ToLine(value);
    Variable variable{name, std::move(text), false};
    if (IsSecretName(name)) {
      const std::string file = SecretFileName(service, name);
      if (absl::Status written = WriteSecret(keys_directory, file, variable.value); !written.ok()) {
        return written;
      }
      variable.value = file;
      variable.secret = true;
    }
    variables.push_back(std::move(variable));
  }
  return variables;
}

absl::StatusOr<SshOptions> LaunchSshOptions(const std::string& run_directory) {
  SshOptions options;
  options.ssh = Environment("CLOUDINITD_SSH", options.ssh);
  options.scp = Environment("CLOUDINITD_SCP", options.scp);
  options.directory = Environment("REMOTE_WORKING_DIR_ENV", options.directory);
  options.known_hosts = run_directory + "/known_hosts";
  absl::StatusOr<std::vector<std::string>> more =
      SplitShellWords(Environment("CLOUDINITD_SSH_OPTS", ""));
  if (!more.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("CLOUDINITD_SSH_OPTS: {}", std::string(more.status().message())));
  }
  options.arguments = *std::move(more);
  return options;
}

}  // namespace epu
