#pragma once

#include <memory>
#include <span>

#include "engines/engine.h"
#include "engines/keys.h"

// The engine queuelen: the pool follows the length of a queue between two water marks.
//
//   queue > queuelen_high_water    one worker more, at most max_instances
//   queue < queuelen_low_water     one fewer, at least min_instances, and one while work is there
//   between, or equal to a mark    no change
//   work is there and no worker    the first worker, even below the low water mark
//
// Work is what the sensor reads plus what it says is in progress. A sensor that has said nothing,
// that is broken, or whose reading is older than reading_age_max holds the size. What does not hang
// on the reading goes on meanwhile, at once: the pool is brought up to min_instances and down to
// max_instances.
//
// One change at a time: nothing more is asked for while a worker is on its way, requested ones
// included, or while a limit still cuts the last change. A worker is given up only on a reading
// newer than the last decision, so that no worker goes before what the last change did was seen;
// until then the decision is held by kPending, whose value is then the number of workers still
// being ended (which may be 0).

namespace epu {

// sensor, queuelen_high_water, queuelen_low_water, min_instances, reading_age_max, and the common
// keys.
std::span<const Key> QueueLenKeys();

std::unique_ptr<const DecisionEngine> MakeQueueLen();

}  // namespace epu
