#pragma once

#include <memory>
#include <span>

#include "engines/engine.h"
#include "engines/keys.h"

// The engine npreserving: the pool has `preserve_n` workers, always.

namespace epu {

// preserve_n, unique_instances, and the common keys.
std::span<const Key> NPreservingKeys();

// Wants `preserve_n` workers, all at once. Unique instances are among them, so there cannot be more
// of those; which are to be launched under which key, and who goes where there are too many, is
// settled in review. With none, which is the default, the pool is idle.
std::unique_ptr<const DecisionEngine> MakeNPreserving();

}  // namespace epu
