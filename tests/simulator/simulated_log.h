#pragma once

#include <cstddef>
#include <span>

#include <absl/status/statusor.h>

#include "eventlog/log.h"
#include "eventlog/memory_log.h"
#include "tests/simulator/faults.h"

// The log as the server's process sees it: a MemoryLog, which is the disk and outlives every
// process, behind calls that fail.
//
// Fault model: a batch is written whole or not at all, and what was written stays and reads back as
// it was. An append may fail with nothing written, or fail although it was written, or end with the
// process gone before or after the write. The disk may be full for a while, in that only a few
// kilobytes and a small reserve are left. A read may fail. Nobody else writes: kAborted never
// comes.

namespace epu::sim {

class SimulatedLog final : public EventLog {
 public:
  // Both outlive this.
  SimulatedLog(MemoryLog& disk, Faults& faults);

  absl::StatusOr<Sequence> Append(Sequence expected, std::span<const Record> records,
                                  Reserve reserve) override;
  absl::StatusOr<Sequence> Visit(Sequence after, ReadLimit limit,
                                 const Visitor& visit) const override;
  absl::StatusOr<Sequence> Head() const override;

  // Leaves room for `room_bytes` more and a reserve of `reserve_bytes`.
  void Fill(std::size_t room_bytes, std::size_t reserve_bytes);
  // Makes room without end.
  void Empty();

 private:
  MemoryLog& disk_;
  Faults& faults_;
  std::size_t used_bytes_ = 0;
};

}  // namespace epu::sim
