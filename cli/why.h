#pragma once

#include <absl/status/statusor.h>

#include "cli/log_search.h"
#include "cli/reference.h"
#include "cli/why_view.h"
#include "eventlog/log.h"

// Why something is as it is: a worker, a pool, a decision, any event. Walks from the outcome back
// to the decision, its inputs and the policy, and forward to what became of it, with one fold of
// the log.

namespace epu {

// The answer as a tree, as things stood at `position`. kNotFound for what is not in the log up to
// there.
absl::StatusOr<Node> ExplainWhy(const EventLog& log, const Reference& reference, Position position,
                                Names& names, Zone zone);

}  // namespace epu
