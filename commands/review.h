#pragma once

#include <vector>

#include "engines/catalog.h"
#include "projections/state.h"

// What is done for every pool alike, whatever its engine: repair, the engine's question, victims,
// limits. Pure.

namespace epu {

// What a review of `epu` comes to. First repair: unhealthy workers are retired, and what is missing
// of the size last wanted is requested; back-off and development mode hold that, cool-downs never
// do. Then the engine is asked for the size, and the pool is brought to it. Both end in one list,
// each under a DecisionMade that says why. Empty where nothing is to be done, and empty when asked
// again at once on its own result, unless kReviewChangesMax cut it. A repair whose launches are cut
// to nothing is said once for each hold (Epu::held). What somebody paused is held: the pool keeps
// its size, and the first decision that a pause holds is recorded, with kPaused.
//
// Three limits are never exceeded, requests in flight and machines not yet proven gone included:
// max_instances of the EPU, max_workers of the site, max_workers of the run. A worker under
// replacement therefore keeps its place until its machine is gone, where the pool is at its limit.
std::vector<Payload> DecideReview(const State& state, const Epu& epu, Time now,
                                  const EngineCatalog& catalog);

// Requests and retirements of one review; the rest follows in the next. Leaves room for the
// decisions themselves within kEventsPerCommandMax.
inline constexpr std::size_t kReviewChangesMax = 4000;

}  // namespace epu
