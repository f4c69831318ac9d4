#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/time.h"
#include "projections/workload.h"

// Workload traces: the jobs that came to some other system. Two forms are read.
//
//   Standard Workload Format: lines that begin with ';' are its header; the second field is when a
//   job was submitted, the fourth how long it ran, in seconds; after the header's UnixStartTime.
//   Format: https://www.cs.huji.ac.il/labs/parallel/workload/swf.html
//
//   CSV with the heading "timestamp,value": so many jobs came between this time and the next,
//   evenly spread. "2014-04-10 00:04:00,94.0"; times are UTC.

namespace epu {

struct Trace {
  Time start{};
  std::vector<Job> jobs;               // By arrival.
  std::vector<std::string> bad_lines;  // "line 12: …"; those that were skipped.
};

struct TraceOptions {
  Duration service{};           // How long a job of a CSV runs on one worker.
  bool skip_bad_lines = false;  // Else the first is an error.
};

// kInvalidArgument: "line 12: …", or that it is no trace.
absl::StatusOr<Trace> ReadTrace(std::istream& in, const TraceOptions& options);

// Jobs of one trace: each is kept in memory.
inline constexpr std::size_t kTraceJobsMax = 10'000'000;

}  // namespace epu
