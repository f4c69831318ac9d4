#pragma once

#include <cstddef>
#include <string>

#include <absl/status/statusor.h>

// The run's keys: files of its directory `keys`, named by definitions, read where a machine is
// launched and nowhere else. The log, the configuration and every output hold only their names.

namespace epu {

// A secret is a password or a token, not an archive; an environment has to hold it.
inline constexpr std::size_t kKeyBytesMax = 64 << 10;

// What the file `name` of `directory` holds, without the line end at its end. The text of an error
// names the file and never what is in it.
//   kFailedPrecondition  it is missing or no file, others may read it, or it is too large or holds
//   a
//                        zero byte: put right by whoever runs epud
//   kUnavailable         it cannot be read now
absl::StatusOr<std::string> ReadKeyFile(const std::string& directory, const std::string& name);

}  // namespace epu
