#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/event.h"
#include "eventlog/record.h"

// Between events and records. Equal events give equal bytes: replay compares decisions byte for
// byte.

namespace epu {

// The sealed record of `event`. REQUIRES: its texts are cut (CutText), so that it fits a record.
Record Encode(const Event& event);

// kDataLoss for bytes that are no event, or an event of a kind or with a value that this build does
// not know.
absl::StatusOr<Event> Decode(RecordView record);

// The fixed-size fields of a record, read in place: what filters look at.
struct Head {
  Sequence sequence = 0;
  Time time{};
  ActorNumber actor{};
  CommandId command;
  Place place;
  WorkerId subject;      // 0 where the event is about no EPU, no worker.
  std::size_t kind = 0;  // The index in Payload and KindNames().
};
absl::StatusOr<Head> DecodeHead(RecordView record);

}  // namespace epu
