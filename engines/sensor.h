#pragma once

#include <memory>
#include <span>

#include "engines/engine.h"
#include "engines/keys.h"

// The engine sensor: the pool keeps a number between two thresholds. The number is what a sensor of
// the EPU reads, or the average of what the workers report of themselves under one name; workers
// that are silent count neither in the sum nor in the number of that average.
//
//   above scale_up_threshold      scale_up_n workers more, at most max_instances
//   below scale_down_threshold    scale_down_n fewer, at least min_instances
//   between, or equal to one      no change
//
// A number that nobody says, or nobody said lately, holds the size. So does, for cooldown_period,
// any change of the size that went before; repair is no such change, waits for nothing, and is not
// this engine's. The pool is brought within min_instances and max_instances at once, cool-down or
// not.
//
// One change at a time: nothing is changed while a worker is on its way, requested ones included,
// nor twice on the same reading or the same reports.

namespace epu {

// metric, sensor, scale_up_threshold, scale_up_n, scale_down_threshold, scale_down_n,
// cooldown_period, min_instances, reading_age_max, and the common keys.
std::span<const Key> SensorKeys();

std::unique_ptr<const DecisionEngine> MakeSensor();

}  // namespace epu
