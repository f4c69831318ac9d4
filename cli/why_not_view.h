#pragma once

#include <string>

#include "cli/json_view.h"
#include "cli/zone.h"
#include "commands/why_not.h"
#include "projections/state.h"

// What `why-not` prints of one pool. Pure.

namespace epu {

//   scale out  queue 88 ≤ high water 100  flips at queue ≥ 101
//   scale in   queue 88 ≥ low water 10    flips at queue ≤ 9
//   key        queuelen_high_water 100    flips at ≤ 87: +1
//   health     crunch/1 good              flips where it is MISSING: it is replaced
//   held by    …
//   room       max_instances 8 leaves 5; site local 16 leaves 13; run 64 leaves 61
//   fixed      …: no value of these changes it
std::string WhyNotText(const WhyNot& why_not, const State& state, const Epu& epu, Zone zone);

Json WhyNotJson(const WhyNot& why_not, const Epu& epu);

}  // namespace epu
