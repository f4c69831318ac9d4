#pragma once

#include "cli/verbs.h"

namespace epu {

// bench: what this program reaches on this machine, beside minimal loops over the same bytes.
void AddBenchVerb(Verbs& verbs);

}  // namespace epu
