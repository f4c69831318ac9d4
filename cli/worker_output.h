#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// One stream of what a worker printed, as the file that its agent keeps: workers/EPU/N/stdout and
// stderr of the run. It grows while the worker lives, and stays when it has ended.

namespace epu {

// Used by one thread.
class WorkerOutput {
 public:
  // From the beginning of the file.
  //   kNotFound             there is none
  //   kPermissionDenied     it may not be read
  //   kFailedPrecondition   it is no file
  static absl::StatusOr<WorkerOutput> Open(const std::string& path);
  WorkerOutput(const WorkerOutput&) = delete;
  WorkerOutput& operator=(const WorkerOutput&) = delete;
  WorkerOutput(WorkerOutput&& other) noexcept;
  WorkerOutput& operator=(WorkerOutput&&) = delete;
  ~WorkerOutput();

  // Goes to where the last `lines` lines begin, of what is there now; a last one without a line end
  // counts.
  absl::Status SeekLastLines(std::size_t lines);

  // What follows, some of it; empty where nothing more is there now. A file that was cut short is
  // read from its beginning.
  absl::StatusOr<std::string> ReadSome();

 private:
  WorkerOutput(int file, std::string path) : file_(file), path_(std::move(path)) {}
  absl::StatusOr<std::string> ReadAt(off_t offset, std::size_t bytes) const;
  absl::StatusOr<off_t> Size() const;

  int file_;  // -1 once moved from.
  std::string path_;
  off_t offset_ = 0;
};

}  // namespace epu
