#pragma once

#include <cstdint>
#include <string>

#include <absl/status/status.h>

// A long log that looks like a run of months: mostly readings, some decisions, and workers that
// come and go.

namespace epu {

// Makes it in the new directory `directory`, with `events` events.
absl::Status MakeLongLog(const std::string& directory, std::uint64_t events);

}  // namespace epu
