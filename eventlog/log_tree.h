#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/block.h"
#include "eventlog/log.h"
#include "eventlog/sha256.h"

// The tree over the first records of a log: from what is stored of it, and from the records where
// nothing is.

namespace epu {

// Hashes of the records behind `after`, up to `last`, in their order.
//   kOutOfRange  the log ends before `last`
// and the errors of EventLog::Visit.
absl::StatusOr<std::vector<Hash>> HashRecords(const EventLog& log, Sequence after, Sequence last);

struct LogTree {
  Sequence size = 0;
  std::vector<Hash> tops;  // The roots of its blocks, and of the records behind the last of them.
  Hash Root() const;
};

// The tree of the first `size` records. Of the blocks that are `stored`, in their order from the
// first, nothing is read. Errors as HashRecords.
absl::StatusOr<LogTree> ReadLogTree(const EventLog& log, Sequence size,
                                    std::span<const Block> stored);

// The path from the record at `sequence` to the root of `tree`, which is one of `log`. REQUIRES:
// 0 < sequence <= tree.size.
//   kDataLoss  the records of its block are not those of the tree: one of them was altered
absl::StatusOr<std::vector<Hash>> PathOf(const EventLog& log, const LogTree& tree,
                                         Sequence sequence);

}  // namespace epu
