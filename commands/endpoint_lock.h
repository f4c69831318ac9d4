#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <absl/status/statusor.h>

#include "eventlog/time.h"

// The right to serve a run. libzmq binds a path that is in use without an error and takes over its
// clients, so the right is a lock on a file beside the socket, held before the socket is bound and
// let go by the kernel with the process, however that ends.

namespace epu {

// Who serves, for the message to whoever comes second.
struct Holder {
  std::int64_t pid = 0;
  Time since{};
  std::string log_path;
};

class EndpointLock {
 public:
  // Creates `directory` with mode 0700 where it is missing, checks that it is ours alone, takes the
  // lock in it, writes `self` there, and removes the socket that a server left behind.
  //   kFailedPrecondition  "run default is held by epud 4127 since 2026-11-22 07:58:02Z (log
  //                        /var/lib/epu/default/log)"; or something else lies at the socket's path
  //   kPermissionDenied    the directory is another user's, or open to others
  //   kInvalidArgument     the socket's path is longer than a Unix socket's can be
  //   any other            the system's own word for what failed
  static absl::StatusOr<EndpointLock> Take(const std::string& directory,
                                           const std::string& run_name, const Holder& self);

  // The right to be the run's provisioner, where that is a process of its own. It serves no socket:
  // the endpoint stays the server's. The same errors: "the provisioner of run default is held by
  // …".
  static absl::StatusOr<EndpointLock> TakeProvisioner(const std::string& directory,
                                                      const std::string& run_name,
                                                      const Holder& self);

  EndpointLock(EndpointLock&& other) noexcept;
  EndpointLock& operator=(EndpointLock&&) = delete;
  EndpointLock(const EndpointLock&) = delete;
  EndpointLock& operator=(const EndpointLock&) = delete;
  ~EndpointLock();  // Lets go. The lock file stays.

  const std::string& socket_path() const { return socket_path_; }

 private:
  EndpointLock(int file, std::string socket_path);
  static absl::StatusOr<EndpointLock> TakeFile(const char* name, const std::string& directory,
                                               const std::string& what, const Holder& self);

  int file_;
  std::string socket_path_;
};

// Whether a process keeps the sites of the run in `directory`, an epud of any role but controllers,
// by the process id of who last had that right. It takes no lock, which could be in the way of one
// that starts. True where that cannot be told.
bool HasProvisioner(const std::string& directory);

// "ipc:///var/lib/epu/default/epud.sock" of "/var/lib/epu/default".
std::string EndpointOf(const std::string& directory);

// The longest path of a Unix socket.
inline constexpr std::size_t kSocketPathMax = 107;

}  // namespace epu
