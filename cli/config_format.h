#pragma once

#include <string>

#include "projections/state.h"

namespace epu {

// The configuration in force as a file, defaults written out: of the whole run, or of one EPU with
// the site of its workers. ParseConfig of it gives the same definitions. EPUs that are being
// removed are left out.
std::string FormatConfig(const State& state, const Epu* only = nullptr);

}  // namespace epu
