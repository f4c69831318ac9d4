#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/what_if_view.h"

// What policies came to, drawn: the workers and the queue of each over time. Pure.

namespace epu {

// The workers of each policy, as an SVG file.
std::string WhatIfSvg(const std::vector<NamedOutcome>& outcomes, Zone zone);

// A page of its own, which needs nothing from elsewhere: `heading`, the figures side by side, and
// both plots.
std::string WhatIfPage(const std::vector<NamedOutcome>& outcomes, const Workload& work,
                       std::string_view heading, Zone zone);

}  // namespace epu
