#pragma once

#include <string>
#include <vector>

#include "cli/json_view.h"
#include "cli/names.h"
#include "cli/zone.h"
#include "commands/bisect.h"

// What `bisect` found, as text and as JSON. Pure, but for names.

namespace epu {

// A bisection, and where it looked.
struct BisectionFacts {
  const Event& decision;
  const Bisection& found;
  Sequence from = 0;  // The first event that was looked at.
};

// The decision, the inputs without which it would not have been made, what would have been decided
// instead, that each was put back for a check, and what else does it alone.
std::string BisectionText(const BisectionFacts& facts, Names& names, Zone zone);

Json BisectionJson(const BisectionFacts& facts, Names& names);

}  // namespace epu
