#pragma once

#include <cstdint>

#include "cli/trace_file.h"
#include "eventlog/log.h"
#include "eventlog/time.h"

// A long history that the production writer made: months of a real workload, in simulated time.
// Five pools share the jobs of a trace; each pool's queue is read every 40 s and followed by
// queuelen; workers boot, work, fail and are ended; policies change and the server restarts. For
// what has to be true, and fast, of logs as people will have them.

namespace epu {

struct HistoryCounts {
  std::uint64_t events = 0;
  std::uint64_t readings = 0;
  std::uint64_t decisions = 0;
  std::uint64_t failures = 0;
  std::uint64_t reconfigurations = 0;
  std::uint64_t restarts = 0;
  std::uint64_t jobs_done = 0;
};

// Writes the first `length` of that history into `log`, which is empty. The same arguments give the
// same log.
HistoryCounts MakeHistory(const Trace& trace, Duration length, EventLog& log);

}  // namespace epu
