#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// Starting another program from a program with many threads.

namespace epu {

struct SpawnRequest {
  std::vector<std::string> arguments;    // The first is the program, sought in the caller's PATH.
  std::vector<std::string> environment;  // "NAME=VALUE", all of it.
  std::string directory;                 // Where it starts.
  int output = -1;                       // A descriptor for its output, -1: none.
  int errors = -1;                       // The same for its errors.
};

// Starts a child in a session of its own, with no other descriptor of the caller's, no signal
// blocked and each signal's default action; its input is empty.
//   kResourceExhausted   no room for one more process
//   any other            nothing was started: "cannot run /x: No such file or directory"
absl::StatusOr<pid_t> Spawn(const SpawnRequest& request);

// While it is held no program is started by Spawn. A file that is open to be written cannot be
// executed, and a program that is being started holds what its caller had open until it executes:
// so who writes a program's file, in a program with many threads, holds one of these meanwhile.
class SpawnPause {
 public:
  SpawnPause();
  SpawnPause(const SpawnPause&) = delete;
  SpawnPause& operator=(const SpawnPause&) = delete;
  ~SpawnPause();
};

// The status of a system call that failed with `error`; a lack of room is kResourceExhausted.
absl::Status SystemError(int error, const std::string& what);

}  // namespace epu
