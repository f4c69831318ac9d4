#pragma once

#include <string>
#include <vector>

#include <absl/status/status.h>

#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// The snapshots of a log: files in snapshots/ beside it, one a position. Written by the server,
// used by whoever folds the log, so that it is not folded from its start; deleted by anybody, at
// any time, at no loss.

namespace epu {

// Between two of them a fold takes some tens of milliseconds.
inline constexpr Sequence kSnapshotEvery = 10'000;

// That many last events have a snapshot every kSnapshotEvery; before them, each time as many again
// have one half as often.
inline constexpr Sequence kSnapshotsNear = 200'000;

// Whether the snapshot at `sequence` is kept in a log that ends at `head`. Pure.
bool IsSnapshotKept(Sequence sequence, Sequence head);

// Safe for many processes at once, as far as one of them writes.
class SnapshotFiles {
 public:
  // Those of the log in `log_directory`.
  explicit SnapshotFiles(const std::string& log_directory);

  // The latest fold of `log` that was saved at `until` or before it; the empty one where none can
  // be used, whatever the reason.
  Projection<State> Nearest(const EventLog& log, Sequence until) const;

  // Saves a fold of `log`, in one piece or not at all, and makes the directory where it is missing.
  // kResourceExhausted where the disk has little room, which belongs to the log. REQUIRES: the fold
  // is not empty.
  absl::Status Save(const EventLog& log, const Projection<State>& fold) const;

  // Deletes what is not kept in a log that ends at `head`.
  void DeleteOld(Sequence head) const;

  // The positions, ascending, of what is there.
  std::vector<Sequence> Positions() const;

  const std::string& directory() const { return directory_; }

 private:
  std::string PathOf(Sequence sequence) const;

  std::string directory_;
};

}  // namespace epu
