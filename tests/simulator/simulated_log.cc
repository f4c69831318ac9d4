#include "tests/simulator/simulated_log.h"

#include <limits>

#include <absl/status/status.h>

#include "tests/simulator/process_died.h"

namespace epu::sim {

SimulatedLog::SimulatedLog(MemoryLog& disk, Faults& faults) : disk_(disk), faults_(faults) {}

absl::StatusOr<Sequence> SimulatedLog::Append(Sequence expected, std::span<const Record> records,
                                              Reserve reserve) {
  if (faults_.Fires(Fault::kCrashBeforeAppend)) throw ProcessDied{};
  if (faults_.Fires(Fault::kAppendFails)) return absl::InternalError("I/O error, nothing written");
  absl::StatusOr<Sequence> head = disk_.Append(expected, records, reserve);
  if (!head.ok()) return head;
  for (const Record& record : records) used_bytes_ += RecordView(record).size_bytes();
  if (faults_.Fires(Fault::kCrashAfterAppend)) throw ProcessDied{};
  if (faults_.Fires(Fault::kAppendUnknown)) return absl::InternalError("I/O error after writing");
  return head;
}

absl::StatusOr<Sequence> SimulatedLog::Visit(Sequence after, ReadLimit limit,
                                             const Visitor& visit) const {
  if (faults_.Fires(Fault::kReadFails)) return absl::InternalError("I/O error while reading");
  return disk_.Visit(after, limit, visit);
}

absl::StatusOr<Sequence> SimulatedLog::Head() const { return disk_.Head(); }

void SimulatedLog::Fill(std::size_t room_bytes, std::size_t reserve_bytes) {
  disk_.SetRoom({used_bytes_ + room_bytes + reserve_bytes, reserve_bytes});
}

void SimulatedLog::Empty() { disk_.SetRoom({std::numeric_limits<std::size_t>::max(), 0}); }

}  // namespace epu::sim
