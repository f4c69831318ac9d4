#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/event_lines_of.h"
#include "cli/journal.h"
#include "cli/snapshot_files.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"

namespace epu {

// Follows a log and adds the event lines of what happens to a file, beside the writer and never in
// its way. A file that has grown to kLinesMax becomes PATH.1, in the place of the one before it.
// Used by one thread.
//
// Each line comes once. At its start, and after a write that failed, nothing that it remembers
// counts: it reads the last lines that are there, whole ones, and goes on with the first line that
// is missing, be it the second one of an event. Where the log is another history than the lines are
// of, because a backup was restored, it goes on behind the last line that both have.
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
  absl::StatusOr<bool> ResumeAt(const EventPlace& place, const std::set<std::string>& there);
  absl::Status ResumeInOtherHistory(const std::vector<std::string>& keys, Sequence head);
  absl::Status Write(std::string& text);

  const EventLog& log_;
  const SnapshotFiles files_;
  const std::string path_;
  bool begun_ = false;
  Projection<State> known_;
  EventLines lines_;
  std::string missing_;  // Lines of the event at known_.position.
};

inline constexpr std::uintmax_t kLinesMax = 64 << 20;

}  // namespace epu
