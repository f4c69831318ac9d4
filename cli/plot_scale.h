#pragma once

#include <string>
#include <vector>

#include "cli/zone.h"
#include "eventlog/time.h"

// Where the ticks of an axis stand, and what is written there. Pure.

namespace epu {

// From 0, or below where a value is, to a round number at or above `high`: steps of 1, 2 or 5 times
// a power of ten, at most `count_max` of them.
std::vector<double> ValueTicks(double low, double high, int count_max);

// "1,500", "0.25": what is written at a tick.
std::string ValueTickText(double value);

struct TimeTick {
  Time time{};
  std::string text;  // "09:15", "09:15:30" or "11-22", by how far apart they are.
  bool operator==(const TimeTick&) const = default;
};

// Whole seconds, minutes, hours, days or weeks of `zone` within [from, to], at most `count_max`.
std::vector<TimeTick> TimeTicks(Time from, Time to, int count_max, Zone zone);

}  // namespace epu
