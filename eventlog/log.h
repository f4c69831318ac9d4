#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/ids.h"
#include "eventlog/record.h"

// An append-only sequence of records, safe for many threads at once (LmdbLog: for many processes
// too). MemoryLog is the specification, LmdbLog the durable one; both pass the contract suite in
// tests/log_contract.

namespace epu {

// A visit ends after the record with which one of these is reached.
struct ReadLimit {
  std::size_t records = 4096;
  std::size_t bytes = 4 << 20;
};

// Called in order, once for each record, with the view valid during the call alone. It does not
// block, and it does not call the log. Returns false to end the visit after this record.
using Visitor = std::function<bool(Sequence, RecordView)>;

// Whether a batch may be written from the reserve that a log keeps for the day its disk is full.
enum class Reserve { kKeep, kSpend };

class EventLog {
 public:
  EventLog() = default;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;
  virtual ~EventLog() = default;

  // Stores `records` as they are, as one durable batch right after `expected`, and returns the new
  // head.
  //   kAborted            the head has moved: another writer was here; nothing was written.
  //   kResourceExhausted  no room: nothing was written, and what was acknowledged stays. With
  //   Reserve::kSpend the reserve
  //                       is used first; it is laid by again as soon as there is room.
  //   any other           it is unknown whether the batch was written: read before trusting
  //   anything in memory.
  // REQUIRES: records are sealed, between 1 and kBatchRecordsMax of them, each at most
  // kRecordWordsMax.
  virtual absl::StatusOr<Sequence> Append(Sequence expected, std::span<const Record> records,
                                          Reserve reserve) = 0;

  // Visits in place what follows `after`, within `limit`, and returns the last sequence looked at:
  // `after` itself where nothing follows. Sees every batch whose Append returned, in any process,
  // before the call began.
  //   kDataLoss  a record does not match its checksum; the message names its sequence. Those before
  //   it were visited.
  virtual absl::StatusOr<Sequence> Visit(Sequence after, ReadLimit limit,
                                         const Visitor& visit) const = 0;

  // The sequence of the last record; 0 in an empty log.
  virtual absl::StatusOr<Sequence> Head() const = 0;
};

// What one sync writes at once; the inbox is smaller, and a command makes at most
// kEventsPerCommandMax.
inline constexpr std::size_t kBatchRecordsMax = 65536;

}  // namespace epu
