#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/names.h"
#include "cli/reference.h"
#include "eventlog/codec.h"
#include "eventlog/log.h"

// Finding events in a log without folding it: times by binary search, the last ones by reading
// backwards in chunks, and filters on the fixed-size fields, in place.

namespace epu {

// ---- Times ----

// The first event at or after `time`; the head and one where there is none.
absl::StatusOr<Sequence> FirstAt(const EventLog& log, Time time);

// A moment as both: the last event that had happened, and when it was.
struct Position {
  Sequence sequence = 0;
  Time time{};
};

// `--at`: kInvalidArgument for a sequence behind the head, or a time before the first event.
absl::StatusOr<Position> Resolve(const EventLog& log, const Moment& moment);

// ---- Filters ----

// What an event must be to be shown; empty fields ask nothing.
struct EventFilter {
  std::optional<Reference> about;  // A SequenceOf means the events of its command.
  std::vector<std::size_t> kinds;  // Indices in KindNames().
  std::string actor;               // Its name.
  bool operator==(const EventFilter&) const = default;
};
bool AsksNothing(const EventFilter& filter);

// What a filter looks at of one event. Made inside a visit, judged after it, because names are
// looked up in the log itself.
struct Candidate {
  Head head;
  SensorNumber sensor{};  // Of a reading.
};
bool Matches(const EventFilter& filter, const Candidate& candidate, Names& names);

// ---- Reading ----

// From `first` to `last`, both included; empty where `last` is before `first`.
struct SequenceRange {
  Sequence first = 1;
  Sequence last = 0;
  bool operator==(const SequenceRange&) const = default;
};

// The last `count` events of `range` that match, oldest first, and how many matched before them.
// Counting ends after some ten thousands: `earlier` is then the least there are, and
// `earlier_exact` false.
struct LastEvents {
  std::vector<Event> events;
  std::uint64_t earlier = 0;
  bool earlier_exact = true;
};
absl::StatusOr<LastEvents> ReadLast(const EventLog& log, const EventFilter& filter,
                                    SequenceRange range, std::size_t count, Names& names);

// The next events of `range` that match, of one chunk of the log, and where the next chunk begins.
struct NextEvents {
  std::vector<Event> events;
  Sequence next = 0;
};
absl::StatusOr<NextEvents> ReadNext(const EventLog& log, const EventFilter& filter,
                                    SequenceRange range, Names& names);

// An event with the bytes it is stored as.
struct StoredEvent {
  Event event;
  Record record;
};

// The next of `range` as ReadNext finds them, with their records.
struct NextStored {
  std::vector<StoredEvent> events;
  Sequence next = 0;
};
absl::StatusOr<NextStored> ReadNextStored(const EventLog& log, const EventFilter& filter,
                                          SequenceRange range, Names& names);

// ---- What there is ----

// The name of every EPU that was ever defined, with its number. Looks at the kind of every event.
absl::StatusOr<std::map<std::string, EpuNumber>> ReadEpuNames(const EventLog& log);

}  // namespace epu
