#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/bench_table.h"

// What every measurement of a bench is handed, and the surroundings it cleans up behind itself.

namespace epu {

// A directory of its own, removed with everything in it.
class BenchDirectory {
 public:
  // Makes "bench-XXXXXX" in `parent`, which is made where it is missing.
  //   kInvalidArgument  the sockets of runs in it would have too long a path
  static absl::StatusOr<std::unique_ptr<BenchDirectory>> Make(const std::string& parent);
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;
  ~BenchDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit BenchDirectory(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

// While it lives, SIGINT, SIGTERM and SIGHUP do not end the process but are remembered, so that the
// bench ends what it started. One at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();
};

// Whether one of them came. Asked between the pieces of a measurement.
bool StopRequested();

// kCancelled where one of them came.
absl::Status CheckStop();

// What this thread used of the processor: a busy machine does not change it as it does the clock.
double ProcessorSeconds();

struct BenchSetting {
  std::string directory;  // Of this bench.
  std::string programs;   // The directory with epud, epu-agent and epumgmt.
  std::string audited;    // A log that was given, to measure on; empty: none.
  bool quick = false;
  std::function<void(std::string_view)> progress;  // What is being done.
};

using BenchRows = absl::StatusOr<std::vector<BenchRow>>;

}  // namespace epu
