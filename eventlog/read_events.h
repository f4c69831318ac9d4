#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

#include "eventlog/codec.h"
#include "eventlog/log.h"

namespace epu {

// For ReadEvents: all of them.
struct EveryEvent {};

// Hands `take` each event behind `after`, up to `last` (included), with its record, in visits of a
// few thousand each; `take` says whether to go on. Events whose Head `concerns` does not take cost
// a fraction. Returns the last sequence looked at. An error of a record is that of its codec, with
// its place: "damaged at 17: …".
template <typename Concerns, typename Take>
absl::StatusOr<Sequence> ReadEvents(const EventLog& log, Sequence after, Sequence last,
                                    Concerns concerns, Take take) {
  Sequence position = after;
  bool more = true;
  while (more && position < last) {
    const Sequence before = position;
    absl::Status fault;
    const auto visit = [&](Sequence sequence, RecordView record) -> bool {
      if constexpr (!std::is_same_v<Concerns, EveryEvent>) {
        const absl::StatusOr<Head> head = DecodeHead(record);
        fault = head.status();
        if (head.ok() && !concerns(*head)) {
          position = sequence;
          return sequence < last;
        }
      }
      if (fault.ok()) {
        absl::StatusOr<Event> event = Decode(record);
        fault = event.status();
        if (event.ok()) {
          more = take(*std::move(event), record);
          position = sequence;
        }
      }
      if (!fault.ok()) {
        fault = absl::Status(
            fault.code(), fmt::format("damaged at {}: {}", sequence, std::string(fault.message())));
        return false;
      }
      return more && sequence < last;
    };
    const absl::StatusOr<Sequence> seen = log.Visit(before, ReadLimit{}, visit);
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (position == before) break;
  }
  return position;
}

}  // namespace epu
