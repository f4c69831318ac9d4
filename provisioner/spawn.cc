#include "provisioner/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <shared_mutex>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "eventlog/check.h"

namespace epu {
namespace {

// Of SpawnPause: many may write at once, and many not start.
std::shared_mutex& SpawnMutex() {
  static std::shared_mutex mutex;
  return mutex;
}

std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

void Redirect(posix_spawn_file_actions_t& actions, int from, int to) {
  if (from < 0) {
    CHECK(posix_spawn_file_actions_addopen(&actions, to, "/dev/null", O_WRONLY, 0) == 0);
  } else {
    CHECK(posix_spawn_file_actions_adddup2(&actions, from, to) == 0);
  }
}

}  // namespace

absl::StatusOr<pid_t> Spawn(const SpawnRequest& request) {
  CHECK(!request.arguments.empty());
  CHECK(request.output != STDERR_FILENO);  // It is replaced before it would be copied.

  posix_spawn_file_actions_t actions;
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  const absl::Cleanup destroy_actions = [&] { posix_spawn_file_actions_destroy(&actions); };
  Redirect(actions, request.errors, STDERR_FILENO);
  Redirect(actions, request.output, STDOUT_FILENO);
  CHECK(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0);
  CHECK(posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1) == 0);
  CHECK(posix_spawn_file_actions_addchdir_np(&actions, request.directory.c_str()) == 0);

  posix_spawnattr_t attributes;
  CHECK(posix_spawnattr_init(&attributes) == 0);
  const absl::Cleanup destroy_attributes = [&] { posix_spawnattr_destroy(&attributes); };
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  CHECK(posix_spawnattr_setsigmask(&attributes, &none) == 0);
  CHECK(posix_spawnattr_setsigdefault(&attributes, &all) == 0);
  CHECK(posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0);

  pid_t child = 0;
  const std::vector<char*> arguments = PointersTo(request.arguments);
  const std::vector<char*> environment = PointersTo(request.environment);
  // Returns when the child executes, or has failed to.
  const std::lock_guard lock(SpawnMutex());
  const int error = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(),
                                 environment.data());
  if (error == 0) return child;
  return SystemError(error, fmt::format("cannot run {}", request.arguments[0]));
}

SpawnPause::SpawnPause() { SpawnMutex().lock_shared(); }

SpawnPause::~SpawnPause() { SpawnMutex().unlock_shared(); }

absl::Status SystemError(int error, const std::string& what) {
  absl::Status status = absl::ErrnoToStatus(error, what);
  // EAGAIN is the answer to a fork over a limit, which abseil takes for a passing state.
  if (error != EAGAIN) return status;
  return absl::ResourceExhaustedError(status.message());
}

}  // namespace epu
