#pragma once

#include <cstddef>
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
  std::string extra;   // One JSON object; empty: none.
  bool operator==(const EventLine&) const = default;
};

// How deep the JSON of a line may nest, its extra being one less: what walks through it, here and
// wherever it is shown later, recurses no deeper.
inline constexpr std::size_t kEventDepthMax = 64;

// How many bytes the four texts of an event may have: a record of the log holds them.
inline constexpr std::size_t kEventBytesMax = 40'000;

// The line, without its end. The marker stands in it once: in the texts its colon is escaped, as
// JSON allows, so that ParseEventLine reads again whatever was written. An extra that it would
// refuse (no JSON object, too deep, too long) is left out.
// REQUIRES: source, name and key are as ParseEventLine takes them.
std::string FormatEventLine(const EventLine& line);

// None where the marker is not in it.
//   kInvalidArgument  it is no event: the marker twice, no JSON, JSON beyond the limits above, a
//                     field that is missing or wrong
absl::StatusOr<std::optional<EventLine>> ParseEventLine(std::string_view line);

}  // namespace epu
