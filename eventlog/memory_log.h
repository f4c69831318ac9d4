#pragma once

#include <cstddef>
#include <deque>
#include <shared_mutex>
#include <span>

#include <absl/status/statusor.h>

#include "eventlog/ids.h"
#include "eventlog/log.h"
#include "eventlog/record.h"

// A log in memory: the specification of EventLog, and the log of tests, simulations and what-ifs.

namespace epu {

// How much a MemoryLog holds: `capacity_bytes` of records in all, of which the last `reserve_bytes`
// are kept for batches with Reserve::kSpend.
struct MemoryRoom {
  std::size_t capacity_bytes = 0;
  std::size_t reserve_bytes = 0;
};

// Safe for many threads at once. A visitor runs while this log is locked for reading.
class MemoryLog final : public EventLog {
 public:
  // A log that is never full.
  MemoryLog();
  explicit MemoryLog(MemoryRoom room);

  absl::StatusOr<Sequence> Append(Sequence expected, std::span<const Record> records,
                                  Reserve reserve) override;
  absl::StatusOr<Sequence> Visit(Sequence after, ReadLimit limit,
                                 const Visitor& visit) const override;
  absl::StatusOr<Sequence> Head() const override;

  // As when somebody makes room on a disk, or takes it. What is stored stays in any case.
  void SetRoom(MemoryRoom room);

  // Damages the record at `sequence`, which exists: flips bit `bit` (from 0, the checksum
  // included).
  void TEST_FlipBit(Sequence sequence, std::size_t bit);

 private:
  mutable std::shared_mutex mutex_;
  MemoryRoom room_;             // Guarded by mutex_, as all below.
  std::deque<Record> records_;  // The record with sequence n is at n - 1.
  std::size_t used_bytes_ = 0;  // What all of them occupy.
};

}  // namespace epu
