#pragma once

#include <optional>

#include "engines/catalog.h"
#include "projections/state.h"

// Shadow policies: what another engine, or another configuration, would do with a pool's live
// inputs. They are asked beside the writer and never by it, so that one that fails or is slow
// delays nothing; what they decide is recorded and never acted on. Pure.

namespace epu {

// The pool as a shadow of it imagines it: as it is while the shadow wants what the pool wants, else
// with as many running workers as the shadow wants.
Epu ImaginePool(const Epu& epu, const ShadowDefinition& shadow);

// What the shadow has to say of `epu` in `state` at `now`: another size than it wanted, its first
// one, or another error. None where there is nothing new.
std::optional<ShadowDecided> DecideShadow(const State& state, const Epu& epu,
                                          const ShadowDefinition& shadow, Time now,
                                          const EngineCatalog& catalog);

}  // namespace epu
