#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "projections/launch.h"

// The walk of a launch: which steps its launcher makes now. Like the reconciliation of a site it is
// derived from what is known, over and over: a launcher that was killed, and one that goes on, look
// at the same state. Pure.
//
// Levels are walked in order, the end of things in reverse order. All services of a level are
// worked on at once, each one step at a time; a service that failed holds up no other of its level,
// and no level begins before the one before it is at its end.

namespace epu {

struct NextStep {
  ServiceNumber service{};
  std::uint32_t attempt = 0;
  ServiceStep step{};
  bool operator==(const NextStep&) const = default;
};

struct WalkAhead {
  // The level that is worked on; none when the walk is at its end.
  std::optional<std::uint32_t> level;
  std::vector<NextStep> steps;  // To be begun now. Those under way are not among them.
  std::optional<WalkEnd> end;   // Done or failed; none while something is to be done or under way.
  bool operator==(const WalkAhead&) const = default;
};

// REQUIRES: a walk was begun, and is not ended.
WalkAhead LookAhead(const Launch& launch);

// A service that fails a repair is ended and booted anew this often in one walk; then it stays
// failed. The original's rule.
inline constexpr std::uint32_t kRestartsMax = 2;

// Whether a service failed in the walk that is going on, or in the last.
bool HasFailed(const Launch& launch, const Service& service);

}  // namespace epu
