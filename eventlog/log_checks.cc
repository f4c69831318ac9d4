#include "eventlog/log_checks.h"

#include <string>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "eventlog/log.h"

namespace epu {

void CheckBatch(std::span<const Record> records) {
  CHECK(!records.empty());
  CHECK(records.size() <= kBatchRecordsMax);
  for (const Record& record : records) {
    CHECK(record.size() <= kRecordWordsMax);
    CHECK(IsWhole(record));
  }
}

absl::Status CheckWhole(Sequence first, Sequence sequence, RecordView record) {
  if (IsWhole(record)) return absl::OkStatus();
  if (record.size() < 2) return Damaged(first, sequence, "shorter than any record");
  return Damaged(
      first, sequence,
      fmt::format("stored checksum {:016x}, computed {:016x}", record[0], ComputeChecksum(record)));
}

absl::Status Damaged(Sequence first, Sequence sequence, std::string_view how) {
  std::string message = fmt::format("damaged at {}: {}", sequence, how);
  if (first < sequence) message += fmt::format("; {} to {} are whole", first, sequence - 1);
  return absl::DataLossError(message);
}

}  // namespace epu
