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

// The steps that an earlier launcher began and did not see the end of, as one finds them that is to
// make a walk of `kind`: that walk if it goes on, else a new one.
struct LeftSteps {
  std::vector<NextStep> again;     // To be made to their end,
  bool first = false;              // before any step of the walk's own.
  std::vector<NextStep> given_up;  // To be recorded as failed: what they were for is to be ended.
  bool operator==(const LeftSteps&) const = default;
};

LeftSteps LookBack(const Launch& launch, WalkKind kind);

// A service that fails a repair is ended and booted anew this often in one walk; then it stays
// failed. The original's rule.
inline constexpr std::uint32_t kRestartsMax = 2;

// Whether a service failed in the walk that is going on, or in the last.
bool HasFailed(const Launch& launch, const Service& service);

}  // namespace epu
