#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "eventlog/time.h"

// Event lines: what a program says to whoever reads its log file. The form is the original's (its
// cei_events.py): a line that holds the marker and behind it one JSON object
//
//   CLOUDYVENT_JSON:{"eventname": "new_node", "eventsource": "provisioner", "extra": {…},
//    "timestamp": {"day": …, "hour": …, …}, "uniquekey": "…"}
//
// so that the original's tools find ours, and ours find theirs.

namespace epu {

inline constexpr std::string_view kEventMarker = "CLOUDYVENT_JSON:";

struct EventLine {
  std::string source;  // "provisioner"; without line ends, as is
  std::string name;    // "new_node".
  std::string key;     // No other event has it.
  Time said{};         // UTC.
  std::string extra;   // One JSON object, nested as it may be; empty: none.
  bool operator==(const EventLine&) const = default;
};

// The line, without its end.
std::string FormatEventLine(const EventLine& line);

// None where the marker is not in it.
//   kInvalidArgument  it is no event: the marker twice, no JSON, a field that is missing or wrong
absl::StatusOr<std::optional<EventLine>> ParseEventLine(std::string_view line);

}  // namespace epu
