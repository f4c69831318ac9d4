#pragma once

#include "cli/verbs.h"

// The parts of AddToolVerbs that stand in files of their own; bench has a header of its own.

namespace epu {

void AddManVerb(Verbs& verbs);  // man: verb_man.cc

}  // namespace epu
