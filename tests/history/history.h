#pragma once

#include <cstdint>
#include <istream>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/log.h"
#include "eventlog/time.h"

// A long history that the production writer made: months of a real workload, in simulated time.
// Five pools share the jobs of a trace; each pool's queue is read every 40 s and followed by
// queuelen; workers boot, work, fail and are ended; policies change and the server restarts. For
// what has to be true, and fast, of logs as people will have them.

namespace epu {

// One job of a workload trace.
struct Job {
  Duration submitted{};  // After the trace's start.
  Duration runs{};       // On one worker.
};

// The jobs of a trace in the Standard Workload Format: lines that begin with ';' are its header,
// the second field is the submit time, the fourth the run time, both in seconds. kInvalidArgument
// names the line that is none.
// Format: https://www.cs.huji.ac.il/labs/parallel/workload/swf.html
absl::StatusOr<std::vector<Job>> ReadSwf(std::istream& in);

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
HistoryCounts MakeHistory(const std::vector<Job>& jobs, Duration length, EventLog& log);

}  // namespace epu
