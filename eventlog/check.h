#pragma once

// CHECK: an invariant of this program's own. It stays on in release builds, because a control plane
// that goes on with a broken invariant writes the damage into its log. What the world may do wrong
// is an absl::Status instead.

namespace epu {

// Prints one line that names the broken invariant and where to report it, and ends the process with
// exit code 42.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace epu

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) ::epu::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)
