#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/json_view.h"
#include "cli/names.h"
#include "eventlog/event.h"
#include "eventlog/log.h"
#include "eventlog/record.h"

// An event as a CloudEvent (version 1.0, JSON format): what other tools read, with the exact record
// beside it for who restores the log.
//
//   {"specversion":"1.0","id":"18181","source":"epu:log/k3f9","type":"epu.decision",
//    "time":"2026-11-22T09:13:45.201334Z","subject":"crunch","datacontenttype":"application/json",
//    "epuhead":"18184","epurecord":"<the record, in base64>","data":{as `history --json` has it}}

namespace epu {

// The log that events are from: what all of them say.
struct EventSource {
  std::string log_id;  // "k3f9", by the log's first event.
  Sequence head = 0;   // Where the log ends, whatever part of it is told.
  bool operator==(const EventSource&) const = default;
};

// `log` as a source that ends at `head`. kFailedPrecondition where no server's start is its first
// event: that is no log of ours, or an empty one.
absl::StatusOr<EventSource> SourceOf(const EventLog& log, Sequence head);

Json CloudEventJson(const Event& event, RecordView record, const EventSource& source, Names& names);

// The record that such an object carries. kInvalidArgument where it has none; kDataLoss where its
// checksum is wrong.
absl::StatusOr<Record> RecordOf(const Json& cloud_event);

// Its "epuhead". kInvalidArgument where it has none.
absl::StatusOr<Sequence> HeadOf(const Json& cloud_event);

// In what the two differ first, as "data.wanted is 6, and 5 by the record"; empty where they agree.
// The order of fields does not count.
std::string DifferenceOf(const Json& told, const Json& by_record);

}  // namespace epu
