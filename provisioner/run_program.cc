#include "provisioner/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <absl/status/statusor.h>

#include "eventlog/check.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

using std::chrono::steady_clock;

// Closes what it holds; -1 is nothing.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int get() const { return descriptor_; }
  void Close() {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// The reading end does not block. Empty descriptors where there are none left.
Pipe MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  return environment;
}

// How often a wait looks whether it is to stop.
constexpr std::chrono::milliseconds kStopLook(100);

// Takes what is there; closes the end when nothing more can come.
void Drain(Descriptor& end, std::size_t output_max, std::string& text) {
  std::array<char, 4096> buffer;
  while (end.get() >= 0) {
    const ssize_t size = read(end.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
      end.Close();
      return;
    }
    const std::size_t room = output_max - text.size();
    text.append(buffer.data(), std::min(room, static_cast<std::size_t>(size)));
  }
}

// Reads until the program has ended, which does not need its pipes to close: what it left running
// may hold them. Returns whether it ended in time.
bool Follow(const Descriptor& ended, Pipe& output, Pipe& errors, steady_clock::time_point deadline,
            const std::stop_token& stop, std::size_t output_max, ProgramOutcome& outcome) {
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 3> waits = {
        {{ended.get(), POLLIN, 0}, {output.read.get(), POLLIN, 0}, {errors.read.get(), POLLIN, 0}}};
    const auto wait = std::min(left, kStopLook);
    const int ready = poll(waits.data(), waits.size(), static_cast<int>(wait.count()));
    CHECK(ready >= 0 || errno == EINTR);
    if (ready <= 0) continue;
    const bool has_ended = waits[0].revents != 0;
    if (waits[1].revents != 0 || has_ended) Drain(output.read, output_max, outcome.output);
    if (waits[2].revents != 0 || has_ended) Drain(errors.read, output_max, outcome.errors);
    if (has_ended) return true;
  }
  return false;
}

ProgramOutcome NotStarted(std::string why) {
  return {ProgramEnd::kNotStarted, 0, "", std::move(why)};
}

}  // namespace

ProgramOutcome RunProgram(const std::vector<std::string>& command, const ProgramLimits& limits,
                          std::stop_token stop) {
  const auto deadline = steady_clock::now() + limits.timeout;
  Pipe output = MakePipe();
  Pipe errors = MakePipe();
  if (output.read.get() < 0 || errors.read.get() < 0) {
    return NotStarted("no descriptors left to run it");
  }
  const absl::StatusOr<pid_t> program = Spawn({.arguments = command,
                                               .environment = OwnEnvironment(),
                                               .directory = limits.directory,
                                               .output = output.write.get(),
                                               .errors = errors.write.get()});
  if (!program.ok()) return NotStarted(std::string(program.status().message()));
  output.write.Close();
  errors.write.Close();

  ProgramOutcome outcome;
  const Descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, *program, 0)));
  const bool in_time =
      ended.get() >= 0 && Follow(ended, output, errors, deadline, stop, limits.output_max, outcome);
  if (!in_time && limits.leave_on_stop && stop.stop_requested()) {
    outcome.end = ProgramEnd::kTimeout;
    return outcome;
  }
  // Before it is waited for: until then its number, and that of its group, is nobody else's.
  kill(-*program, SIGKILL);
  int status = 0;
  while (waitpid(*program, &status, 0) < 0) {
    if (errno != EINTR) return NotStarted("its end was not reported");
  }
  if (!in_time) {
    outcome.end = ProgramEnd::kTimeout;
  } else if (WIFSIGNALED(status)) {
    outcome.end = ProgramEnd::kSignal;
    outcome.code = WTERMSIG(status);
  } else {
    outcome.end = ProgramEnd::kExit;
    outcome.code = WEXITSTATUS(status);
  }
  return outcome;
}

std::string FailureText(const ProgramOutcome& outcome, Duration timeout) {
  switch (outcome.end) {
    case ProgramEnd::kNotStarted:
      return outcome.errors;
    case ProgramEnd::kTimeout:
      return fmt::format("no answer within {}", FormatDuration(timeout));
    case ProgramEnd::kSignal:
      return fmt::format("killed by signal {}", outcome.code);
    case ProgramEnd::kExit:
      break;
  }
  if (outcome.code == 0) return "";
  const std::string first_line = outcome.errors.substr(0, outcome.errors.find('\n'));
  return fmt::format("exit {}{}{}", outcome.code, first_line.empty() ? "" : ": ", first_line);
}

}  // namespace epu
