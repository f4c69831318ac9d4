#pragma once

#include <cstdint>
#include <functional>

#include <absl/status/status.h>

#include "eventlog/ids.h"
#include "eventlog/log.h"

// Whether a log is whole: every checksum, the sequence without gaps, time that never decreases,
// every record an event that this build can read.

namespace epu {

struct Verified {
  Sequence events = 0;  // Found whole, from the first.
  std::uint64_t bytes = 0;
  absl::Status fault;  // kDataLoss: "damaged at 18181: …; 18180 and before are whole".
};

// `progress` is told how many events were looked at, of how many, now and then.
using Progress = std::function<void(Sequence done, Sequence head)>;
Verified Verify(const EventLog& log, const Progress& progress);

}  // namespace epu
