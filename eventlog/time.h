#pragma once

#include <chrono>
#include <string>

// Time is data: a value with a resolution of one microsecond that is handed in, recorded and
// compared. Nothing here reads a clock; only the programs do.

namespace epu {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// RFC 3339 in UTC with microseconds: "2026-11-22T09:13:45.201334Z".
std::string FormatTime(Time time);

// The same with a blank and whole seconds, for people: "2026-11-22 09:13:45Z".
std::string FormatSeconds(Time time);

// The time of day alone with milliseconds: "09:13:45.201Z".
std::string FormatTimeOfDay(Time time);

// The date alone: "2026-11-22".
std::string FormatDate(Time time);

// An age or a window in at most two units: "0s", "15s", "4m", "2h11m", "3d4h". Below a second:
// "250ms". Negative: "-5s".
std::string FormatDuration(Duration duration);

}  // namespace epu
