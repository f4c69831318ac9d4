#include "provisioner/local_host.h"

#include <filesystem>

#include <fmt/format.h>

#include "projections/shell_words.h"
#include "provisioner/program_stage.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

// What the script takes beyond the program's own limit: its start, and the end of what is killed.
constexpr Duration kScriptSlack = std::chrono::seconds(15);

}  // namespace

LocalHost::LocalHost(const std::string& root, const std::string& service)
    : directory_(root + "/" + service) {}

absl::Status LocalHost::Reach(std::stop_token) { return absl::OkStatus(); }

// What is marked as run already is not laid out anew: it may be running.
absl::StatusOr<ProgramResult> LocalHost::Run(const ProgramRun& run, std::stop_token stop) {
  std::error_code error;
  const bool marked = run.once && fs::exists(directory_ + "/.marks/" + run.token, error);
  if (!marked) {
    if (absl::Status laid = LayOut(run, directory_); !laid.ok()) return laid;
  }
  const std::string line =
      fmt::format("cd {} && exec {}", QuoteShellWord(directory_), RunLine(run));
  const ProgramOutcome outcome =
      RunProgram({"sh", "-c", line}, {run.timeout + kScriptSlack, kReportMax, true}, stop);
  if (stop.stop_requested() && outcome.end != ProgramEnd::kExit) {
    return absl::CancelledError("stopped");
  }
  if (outcome.end != ProgramEnd::kExit || outcome.code != 0) {
    return absl::InternalError(fmt::format("{}: {}", run.program, outcome.errors));
  }
  return ReadReport(run, outcome.output);
}

absl::Status LocalHost::Remove(const std::string& tokens, std::stop_token stop) {
  const ProgramOutcome outcome =
      RunProgram({"sh", "-c", RemoveLine(directory_, tokens)}, {kRemoveMax}, stop);
  if (stop.stop_requested()) return absl::CancelledError("stopped");
  const std::string failure = FailureText(outcome, kRemoveMax);
  return failure.empty() ? absl::OkStatus()
                         : absl::InternalError(fmt::format("{}: {}", directory_, failure));
}

absl::Status LocalHost::Fetch(const std::string& path, const std::string& directory,
                              std::stop_token) {
  std::error_code error;
  const fs::path target = fs::path(directory) / fs::path(path).filename();
  fs::create_directories(directory, error);
  fs::copy(path, target,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing |
               fs::copy_options::skip_symlinks,
           error);
  return error ? SystemError(error.value(), fmt::format("cannot copy {}", path)) : absl::OkStatus();
}

}  // namespace epu
