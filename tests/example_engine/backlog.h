#pragma once

#include <memory>
#include <span>

#include "engines/engine.h"
#include "engines/keys.h"

// The engine backlog: the pool has one worker for every jobs_per_worker jobs that are waiting or in
// progress.

namespace epu {

// sensor, jobs_per_worker, min_instances, reading_age_max, and the common keys.
std::span<const Key> BacklogKeys();

// Wants as many workers as the jobs need, all at once. A sensor that has nothing to say holds the
// size.
std::unique_ptr<const DecisionEngine> MakeBacklog();

}  // namespace epu
