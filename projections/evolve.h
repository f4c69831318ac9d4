#pragma once

#include "projections/state.h"

namespace epu {

// What is known after `event`. Takes no decision, refuses nothing, does no I/O: the event has
// happened. What it does with an event never changes; a new meaning is a new event. In place,
// because a State is large and a fold is the program's most frequent act.
void Evolve(State& state, const Event& event);

}  // namespace epu
