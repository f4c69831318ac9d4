#pragma once

#include <memory>
#include <span>

#include "engines/engine.h"
#include "engines/keys.h"

// The engine scheduled: the pool has as many workers as its schedule says for the time of the week,
// by the clocks of one time zone.
//
//   zone      Europe/Berlin
//   schedule  mon-fri 08:00 6, mon-fri 18:00 2, sat+sun 00:00 0
//
// Each entry holds until the next one, and takes over once, on days that change the clocks too
// (schedule.h). The count is brought within min_instances and max_instances; both may be changed by
// hand while the schedule stays.

namespace epu {

// schedule, zone, min_instances, and the common keys.
std::span<const Key> ScheduledKeys();

// Wants the count of the entry in force, all at once. The decision's first constraint is kScheduled
// with the moment at which another count takes over.
std::unique_ptr<const DecisionEngine> MakeScheduled();

}  // namespace epu
