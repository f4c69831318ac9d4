#pragma once

#include <cstdint>
#include <string>

#include <absl/status/statusor.h>

#include "cli/bench_setting.h"

// Logs of the kind that a run has after months: mostly readings, some decisions, and workers that
// come and go. One with few pools, and one with many pools and many workers at work.

namespace epu {

inline constexpr std::uint64_t kCrowdedPools = 1000;
inline constexpr std::uint32_t kCrowdedWorkers = 10;  // At work in each pool.

// How many events each has.
std::uint64_t LongLogEvents(const BenchSetting& setting);

// The directories of this bench's logs, which are made when they are first asked for.
absl::StatusOr<std::string> LongLog(const BenchSetting& setting);
absl::StatusOr<std::string> CrowdedLog(const BenchSetting& setting);

}  // namespace epu
