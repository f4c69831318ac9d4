#include "cli/bench_setting.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "commands/endpoint_lock.h"

namespace epu {
namespace {

// The longest path below the directory of a bench that is a socket.
constexpr std::string_view kLongestSocket = "/commands/epud.sock";

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t stop_requested = 0;
struct sigaction actions_before[std::size(kSignals)];

void NoteStop(int) { stop_requested = 1; }

}  // namespace

absl::StatusOr<std::unique_ptr<BenchDirectory>> BenchDirectory::Make(const std::string& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) return absl::PermissionDeniedError(fmt::format("{}: {}", parent, error.message()));
  std::string path = std::filesystem::absolute(parent).lexically_normal() / "bench-XXXXXX";
  if (path.size() + kLongestSocket.size() > kSocketPathMax) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: a socket below it would have a path of more than {} bytes", parent, kSocketPathMax));
  }
  if (::mkdtemp(path.data()) == nullptr) {
    return absl::PermissionDeniedError(
        fmt::format("{}: {}", path, std::generic_category().message(errno)));
  }
  return std::unique_ptr<BenchDirectory>(new BenchDirectory(path));
}

BenchDirectory::~BenchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

StopSignals::StopSignals() {
  stop_requested = 0;
  struct sigaction action {};
  action.sa_handler = &NoteStop;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], &action, &actions_before[i]);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], &actions_before[i], nullptr);
  }
}

bool StopRequested() { return stop_requested != 0; }

absl::Status CheckStop() {
  return StopRequested() ? absl::CancelledError("interrupted") : absl::OkStatus();
}

double ProcessorSeconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

}  // namespace epu
