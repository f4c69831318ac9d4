#pragma once

#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/machine_clock.h"
#include "commands/command.h"
#include "commands/endpoint_lock.h"
#include "commands/writer.h"
#include "engines/catalog.h"
#include "eventlog/lmdb_log.h"

namespace epu {

struct OwnedRunOptions {
  std::string run;            // The run's name,
  std::string run_directory;  // its directory,
  std::string log_directory;  // and its log.
  Succession succession = Succession::kSame;
};

// The one process that writes a run's log, whether it is epud or a launcher: the locks that say so,
// the log, its clock and its writer.
class OwnedRun {
 public:
  // Takes the locks of the run and of its log, and opens the log: a new one where there is none.
  // Nothing is written yet.
  // The errors are those of EndpointLock::Take and of LmdbLog.
  static absl::StatusOr<std::unique_ptr<OwnedRun>> Open(const OwnedRunOptions& options);
  OwnedRun(const OwnedRun&) = delete;
  OwnedRun& operator=(const OwnedRun&) = delete;

  // Folds the log and begins an epoch of it. The errors are Writer::Start's.
  absl::Status Begin();

  LmdbLog& log() { return *log_; }
  MachineClock& clock() { return clock_; }
  const EngineCatalog& catalog() const { return catalog_; }
  Writer& writer() { return writer_; }  // Its state is known from Begin on.
  const EndpointLock& lock() const { return lock_; }
  Holder Self() const;  // As the locks name this process.

 private:
  OwnedRun(const OwnedRunOptions& options, EndpointLock lock, EndpointLock log_lock,
           std::unique_ptr<LmdbLog> log, Time last_record);

  const OwnedRunOptions options_;
  EndpointLock lock_;      // Of the run,
  EndpointLock log_lock_;  // and of the log, which --log may have in another place.
  const std::unique_ptr<LmdbLog> log_;
  MachineClock clock_;
  const EngineCatalog catalog_;
  Writer writer_;
};

}  // namespace epu
