#pragma once

#include <stop_token>

#include <absl/status/status.h>

#include "cli/journal.h"
#include "cli/snapshot_files.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// Follows a log and saves its fold every kSnapshotEvery events, beside the writer and never in its
// way: it has a fold of its own.

namespace epu {

// Used by one thread. The log outlives it.
class SnapshotKeeper {
 public:
  // `known` is a fold of `log`, for instance the empty one: where it goes on from.
  SnapshotKeeper(const EventLog& log, SnapshotFiles files, Projection<State> known);
  SnapshotKeeper(const SnapshotKeeper&) = delete;
  SnapshotKeeper& operator=(const SnapshotKeeper&) = delete;

  // Comes as far as the log does, saves what is due on the way and deletes what is old. An error is
  // that of the log, or of the last save that failed: the next call goes on behind it. Ends early
  // with OK where `stop` asks for it.
  absl::Status CatchUpAndSave(const std::stop_token& stop);

  // Does so over and over, until `stop`. What went wrong is said when it changes: it costs time
  // when the log is folded next, and nothing else.
  void Run(const std::stop_token& stop, const Journal& journal);

 private:
  const EventLog& log_;
  const SnapshotFiles files_;
  Projection<State> known_;
};

}  // namespace epu
