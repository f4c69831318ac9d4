#pragma once

#include <string>

#include "eventlog/time.h"

// Times of day for people, in UTC or in the machine's own zone. JSON is always UTC
// (eventlog/time.h).

namespace epu {

enum class Zone { kUtc, kLocal };

// How far the clocks of `zone` are ahead of UTC at `time`.
Duration OffsetOf(Zone zone, Time time);

// "2026-11-22 09:13:45Z", or "2026-11-22 10:13:45+01:00".
std::string FormatSeconds(Time time, Zone zone);

// "09:13:45.201Z", or "10:13:45.201+01:00".
std::string FormatTimeOfDay(Time time, Zone zone);

// "2026-11-22".
std::string FormatDate(Time time, Zone zone);

// For lines that stand under a dated heading: "09:13:45" ("09:13:45.201" with milliseconds) on the
// day of `day`, with the date before it on any other.
enum class Precision { kSeconds, kMilliseconds };
std::string FormatBeside(Time time, Time day, Zone zone, Precision precision);

}  // namespace epu
