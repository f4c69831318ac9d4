#include "eventlog/memory_log.h"

#include <limits>
#include <mutex>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "eventlog/check.h"
#include "eventlog/log_checks.h"

namespace epu {
namespace {

constexpr MemoryRoom kBoundless{std::numeric_limits<std::size_t>::max(), 0};

std::size_t SizeInBytes(RecordView record) { return record.size_bytes(); }

}  // namespace

MemoryLog::MemoryLog() : MemoryLog(kBoundless) {}

MemoryLog::MemoryLog(MemoryRoom room) : room_(room) {
  CHECK(room.reserve_bytes <= room.capacity_bytes);
}

absl::StatusOr<Sequence> MemoryLog::Append(Sequence expected, std::span<const Record> records,
                                           Reserve reserve) {
  CheckBatch(records);
  std::size_t batch_bytes = 0;
  for (const Record& record : records) batch_bytes += SizeInBytes(record);

  std::unique_lock lock(mutex_);
  const Sequence head = records_.size();
  if (head != expected) {
    return absl::AbortedError(fmt::format("the head is {}, not {}", head, expected));
  }
  const std::size_t kept_bytes = reserve == Reserve::kSpend ? 0 : room_.reserve_bytes;
  const std::size_t usable_bytes = room_.capacity_bytes - kept_bytes;
  if (used_bytes_ > usable_bytes || batch_bytes > usable_bytes - used_bytes_) {
    return absl::ResourceExhaustedError(fmt::format("no room: {} of {} bytes used, {} needed",
                                                    used_bytes_, usable_bytes, batch_bytes));
  }
  records_.insert(records_.end(), records.begin(), records.end());
  used_bytes_ += batch_bytes;
  return records_.size();
}

absl::StatusOr<Sequence> MemoryLog::Visit(Sequence after, ReadLimit limit,
                                          const Visitor& visit) const {
  std::shared_lock lock(mutex_);
  std::size_t visited_bytes = 0;
  Sequence last = after;
  while (last < records_.size()) {
    const RecordView record = records_[last];
    const absl::Status whole = CheckWhole(after + 1, last + 1, record);
    if (!whole.ok()) return whole;
    ++last;
    visited_bytes += SizeInBytes(record);
    if (!visit(last, record)) break;
    if (last - after >= limit.records || visited_bytes >= limit.bytes) break;
  }
  return last;
}

absl::StatusOr<Sequence> MemoryLog::Head() const {
  std::shared_lock lock(mutex_);
  return records_.size();
}

void MemoryLog::SetRoom(MemoryRoom room) {
  CHECK(room.reserve_bytes <= room.capacity_bytes);
  std::unique_lock lock(mutex_);
  room_ = room;
}

void MemoryLog::TEST_FlipBit(Sequence sequence, std::size_t bit) {
  std::unique_lock lock(mutex_);
  CHECK(sequence >= 1 && sequence <= records_.size());
  Record& record = records_[sequence - 1];
  constexpr std::size_t kWordBits = 8 * sizeof(Word);
  CHECK(bit < record.size() * kWordBits);
  record[bit / kWordBits] ^= Word{1} << (bit % kWordBits);
}

}  // namespace epu
