#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/record.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// A snapshot is a fold as bytes, with its position, the checksum of the record there, and the
// version of its shape. It is derived data: whoever meets one that is missing, damaged, of another
// version or of another log folds the log instead. Pure.

namespace epu {

// A fold, and the checksum of the log's record at its position: by that it is seen to be of this
// log.
struct SavedFold {
  Projection<State> fold;
  Word record_checksum = 0;
};

// To be raised when Evolve does something else with an event than it did, as when it had a fault: a
// state folded before is wrong then, though its shape is the same. A test notices.
inline constexpr std::uint32_t kFoldVersion = 1;

// The shape of a State as text: the types of all fields, down to the numbers.
std::string StateShape();

// Of kFoldVersion and the shape. Snapshots of one version are understood by whoever has the same.
Word SnapshotVersion();

// Its first word is the checksum of the rest.
using Snapshot = std::vector<Word>;
Snapshot EncodeSnapshot(const SavedFold& saved);

//   kFailedPrecondition  of another version
//   kDataLoss            damaged, or no snapshot
absl::StatusOr<SavedFold> DecodeSnapshot(std::span<const Word> snapshot);

}  // namespace epu
