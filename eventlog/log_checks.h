#pragma once

#include <span>
#include <string_view>

#include <absl/status/status.h>

#include "eventlog/ids.h"
#include "eventlog/record.h"

// What every log checks alike, on the way in and on the way out.

namespace epu {

// CHECKs what EventLog::Append requires: between 1 and kBatchRecordsMax records, each sealed and at
// most kRecordWordsMax long.
void CheckBatch(std::span<const Record> records);

// kDataLoss, with both checksums in the message, unless `record` is whole. `first` is where this
// read began, so that the message can say which records before `sequence` were found whole.
absl::Status CheckWhole(Sequence first, Sequence sequence, RecordView record);

// kDataLoss: the record at `sequence` is damaged, in the way that `how` says.
absl::Status Damaged(Sequence first, Sequence sequence, std::string_view how);

}  // namespace epu
