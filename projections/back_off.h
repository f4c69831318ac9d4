#pragma once

#include "projections/state.h"

// How launches that keep failing are counted; what the count holds back is BackOff (state.h). Pure;
// a part of Evolve.

namespace epu {

// A launch failed: unless its worker had settled, or was requested before the last failure that
// counted (one round of launches that fails together is one failure).
void CountFailure(Epu& epu, const Worker& failed, const Event& event);

// Workers that have come to run for kSettled since launches began to fail are successes, and each
// halves the failures.
void SettleSuccesses(Epu& epu, Time time);

}  // namespace epu
