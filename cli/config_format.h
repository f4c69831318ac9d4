#pragma once

#include <string>
#include <vector>

#include "projections/state.h"

namespace epu {

// The configuration in force as a file, defaults written out: of the whole run, or of one EPU with
// the site of its workers. ParseConfig of it gives the same definitions. EPUs that are being
// removed are left out.
std::string FormatConfig(const State& state, const Epu* only = nullptr);

// Parts of it in one line: "[/bin/sleep, \"60\"]", "{ROLE: leader}".
std::string FlowList(const std::vector<std::string>& items);
std::string FlowMap(const std::vector<Variable>& variables);

}  // namespace epu
