#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "engines/catalog.h"
#include "projections/state.h"

// The inputs that a decision hangs on: a smallest set of them without which it would have come out
// otherwise, found by delta debugging. Nothing here knows any engine: the log is folded again
// without some of its inputs, and the review decided again in the state that comes of it. Pure.
//
// Inputs are what came from outside: readings, health, what sites and agents report of workers and
// machines, configuration, switches, pauses. Those of the decision's pool count, those about what
// all pools share, and where machines of other pools stand, which limits count. What was decided is
// a fact and stays in the log, and so does an event that introduces a name, because later ones
// stand on it; that a pool or a site is defined anew is an input.

namespace epu {

// Whether `event` is an input to the decisions of the pool.
bool IsInput(const Event& event, EpuNumber epu);

struct Bisection {
  // Without these, all of them, the decision comes out otherwise; with any one of them put back, it
  // comes out as recorded, which was tried for each. In their order. Empty where leaving out inputs
  // changes nothing.
  std::vector<Sequence> inputs;
  // Where it is one: all that do so alone, that one among them, the newest last.
  std::vector<Sequence> alone;
  std::optional<DecisionMade> otherwise;  // What is decided without `inputs`; none: nothing.
  std::size_t inputs_seen = 0;            // Inputs among the events that were given.
  std::size_t asked = 0;                  // So often was the review decided again.
  bool operator==(const Bisection&) const = default;
};

// Whether two decisions are to the same effect: cause, wanted size, launches, retirements.
bool IsSameDecision(const DecisionMade& left, const DecisionMade& right);

// Of `decision`, a DecisionMade. `before` is a fold up to anywhere before it, and `events` is all
// that follows up to the command that it stands in, without that. Among these inputs the newest is
// found first: give few, and more only where `inputs` comes out empty.
//   kFailedPrecondition  this build does not decide as it is recorded, with everything in place
absl::StatusOr<Bisection> Bisect(const State& before, std::span<const Event> events,
                                 const Event& decision, const EngineCatalog& catalog);

// At most so many inputs are left out one by one, the newest of them: each costs a fold.
inline constexpr std::size_t kAloneMax = 1024;

}  // namespace epu
