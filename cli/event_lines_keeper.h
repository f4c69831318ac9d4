#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include <absl/status/status.h>

#include "cli/event_lines_of.h"
#include "cli/journal.h"
#include "cli/snapshot_files.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"

namespace epu {

// Follows a log and adds the event lines of what happens to a file, beside the writer and never in
// its way. It goes on behind the last line that the file has. A file that has grown to kLinesMax
// becomes PATH.1, in the place of the one before it. Used by one thread.
class EventLinesKeeper {
 public:
  // The log outlives this; `path` is made with mode 0600 where it is missing.
  EventLinesKeeper(const EventLog& log, const SnapshotFiles& files, std::string path);
  EventLinesKeeper(const EventLinesKeeper&) = delete;
  EventLinesKeeper& operator=(const EventLinesKeeper&) = delete;

  // Comes as far as the log does.
  absl::Status CatchUpAndWrite();

  // Does so over and over, until `stop`. What goes wrong is said when it changes.
  void Run(const std::stop_token& stop, const Journal& journal);

 private:
  absl::Status Begin();

  const EventLog& log_;
  const SnapshotFiles files_;
  const std::string path_;
  bool begun_ = false;
  Projection<State> known_;
  EventLines lines_;
};

inline constexpr std::uintmax_t kLinesMax = 64 << 20;

}  // namespace epu
