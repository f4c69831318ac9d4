#include "commands/endpoint_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <absl/status/status.h>
#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kSocketName = "/epud.sock";
constexpr const char* kLockName = "epud.lock";
constexpr const char* kProvisionerLockName = "provisioner.lock";

// More than the longest path and two numbers.
constexpr std::size_t kHolderBytesMax = 8192;

absl::Status SystemError(std::string_view what, const std::string& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, fmt::format("cannot {} {}", what, path));
}

absl::Status CheckDirectory(int directory, const std::string& path) {
  struct stat found = {};
  if (fstat(directory, &found) != 0) return SystemError("look at", path);
  if (found.st_uid != geteuid()) {
    return absl::PermissionDeniedError(
        fmt::format("{} belongs to uid {}, not to uid {}; a run is served by its owner", path,
                    found.st_uid, geteuid()));
  }
  if ((found.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(fmt::format(
        "{} has mode {:04o}; a run is its owner's alone: chmod 700", path, found.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> OpenDirectory(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return SystemError("create", path);
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return SystemError("open", path);
  return directory;
}

// "4127 1763798282000000 /var/lib/epu/default/log"
std::string FormatHolder(const Holder& holder) {
  return fmt::format("{} {} {}\n", holder.pid, holder.since.time_since_epoch().count(),
                     holder.log_path);
}

// What stands in the lock file; nothing while its holder has not yet written, or for no holder's
// text.
std::optional<Holder> ReadHolder(int file) {
  std::array<char, kHolderBytesMax> text = {};
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  const char* const end = text.data() + size;
  Holder holder;
  std::int64_t since = 0;
  const auto pid = std::from_chars(text.data(), end, holder.pid);
  if (pid.ec != std::errc() || pid.ptr == end) return std::nullopt;
  const auto time = std::from_chars(pid.ptr + 1, end, since);
  if (time.ec != std::errc() || time.ptr == end || end[-1] != '\n') return std::nullopt;
  holder.since = Time(Duration(since));
  holder.log_path.assign(time.ptr + 1, end - 1);
  return holder;
}

absl::Status HeldByAnother(int file, const std::string& what) {
  const std::optional<Holder> holder = ReadHolder(file);
  if (!holder) {
    return absl::FailedPreconditionError(
        fmt::format("{} is held by another epud, which is just starting", what));
  }
  return absl::FailedPreconditionError(fmt::format("{} is held by epud {} since {} (log {})", what,
                                                   holder->pid, FormatSeconds(holder->since),
                                                   holder->log_path));
}

absl::Status WriteHolder(int file, const Holder& holder, const std::string& directory) {
  const std::string text = FormatHolder(holder);
  if (ftruncate(file, 0) != 0 ||
      pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return SystemError("write the lock file in", directory);
  }
  return absl::OkStatus();
}

// Only the holder of the lock may do this: the socket is then nobody's.
absl::Status RemoveStaleSocket(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? absl::OkStatus() : SystemError("look at", path);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return absl::FailedPreconditionError(
        fmt::format("{} is no socket; move it away: epud puts its own there", path));
  }
  if (unlink(path.c_str()) != 0) return SystemError("remove the stale socket", path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EndpointLock> EndpointLock::Take(const std::string& directory,
                                                const std::string& run_name, const Holder& self) {
  absl::StatusOr<EndpointLock> lock = TakeFile(kLockName, directory, "run " + run_name, self);
  if (!lock.ok()) return lock;
  if (absl::Status status = RemoveStaleSocket(lock->socket_path()); !status.ok()) return status;
  return lock;
}

absl::StatusOr<EndpointLock> EndpointLock::TakeProvisioner(const std::string& directory,
                                                           const std::string& run_name,
                                                           const Holder& self) {
  return TakeFile(kProvisionerLockName, directory, "the provisioner of run " + run_name, self);
}

absl::StatusOr<EndpointLock> EndpointLock::TakeFile(const char* name, const std::string& directory,
                                                    const std::string& what, const Holder& self) {
  std::string socket_path = directory + std::string(kSocketName);
  if (socket_path.size() > kSocketPathMax) {
    return absl::InvalidArgumentError(
        fmt::format("{} has {} bytes; the path of a socket may have {}: use a shorter EPU_HOME",
                    socket_path, socket_path.size(), kSocketPathMax));
  }
  const absl::StatusOr<int> opened = OpenDirectory(directory);
  if (!opened.ok()) return opened.status();
  const absl::Cleanup close_directory = [&] { close(*opened); };
  if (absl::Status status = CheckDirectory(*opened, directory); !status.ok()) return status;

  const int file = openat(*opened, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return SystemError("open the lock file in", directory);
  EndpointLock lock(file, std::move(socket_path));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return HeldByAnother(file, what);
    return SystemError("lock the lock file in", directory);
  }
  if (absl::Status status = WriteHolder(file, self, directory); !status.ok()) return status;
  return lock;
}

EndpointLock::EndpointLock(int file, std::string socket_path)
    : file_(file), socket_path_(std::move(socket_path)) {}

EndpointLock::EndpointLock(EndpointLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), socket_path_(std::move(other.socket_path_)) {}

EndpointLock::~EndpointLock() {
  if (file_ >= 0) close(file_);
}

bool HasProvisioner(const std::string& directory) {
  const std::string path = fmt::format("{}/{}", directory, kProvisionerLockName);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return errno != ENOENT;
  const std::optional<Holder> holder = ReadHolder(file);
  close(file);
  return !holder || kill(static_cast<pid_t>(holder->pid), 0) == 0 || errno == EPERM;
}

std::string EndpointOf(const std::string& directory) {
  return "ipc://" + directory + std::string(kSocketName);
}

}  // namespace epu
