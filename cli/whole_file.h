#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include <absl/status/status.h>

// A file that is there whole or not at all, also after a power cut.

namespace epu {

// Writes `text` beside `path`, syncs it, and puts it in the place of what is there. kUnavailable
// with the path where that fails; what was there stays.
absl::Status WriteWhole(const std::string& path, std::string_view text, mode_t mode);

}  // namespace epu
