#pragma once

#include <string>
#include <vector>

#include "cli/json_view.h"
#include "cli/names.h"
#include "cli/terminal.h"
#include "cli/zone.h"
#include "commands/what_if.h"

// What policies came to, side by side: as text, JSON and CSV. Pure, but for names.

namespace epu {

struct NamedOutcome {
  std::string name;  // "recorded", or the candidate as it was typed.
  WhatIfOutcome result;
};

// "3,611 jobs of 5m12s on average; …": what the model is made from.
std::string WorkloadText(const Workload& work);

// A column for each.
Table WhatIfTable(const std::vector<NamedOutcome>& outcomes, Zone zone);

// The same, then where each left the record.
std::string WhatIfText(const std::vector<NamedOutcome>& outcomes, Names* names,
                       const Terminal& terminal, Zone zone);

Json WhatIfJson(const std::vector<NamedOutcome>& outcomes, const Workload& work);

// A heading and a line for each.
std::string WhatIfCsv(const std::vector<NamedOutcome>& outcomes);

}  // namespace epu
