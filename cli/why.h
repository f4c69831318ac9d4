#pragma once

#include <functional>

#include <absl/status/statusor.h>

#include "cli/log_search.h"
#include "cli/reference.h"
#include "cli/why_view.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"

// Why something is as it is: a worker, a pool, a decision, any event. Walks from the outcome back
// to the decision, its inputs and the policy, and forward to what became of it, with one fold of
// the log.

namespace epu {

// A fold of the log up to a sequence or an earlier one, from where a fold to it may go on; the
// empty one does.
using FoldSource = std::function<Projection<State>(Sequence until)>;
inline Projection<State> FromStart(Sequence) { return {}; }  // Where there are no snapshots.

// The answer as a tree, as things stood at `position`. kNotFound for what is not in the log up to
// there.
absl::StatusOr<Node> ExplainWhy(const EventLog& log, const FoldSource& folds,
                                const Reference& reference, Position position, Names& names,
                                Zone zone);

}  // namespace epu
