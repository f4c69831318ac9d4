#pragma once

#include <string>
#include <string_view>

#include "cli/zone.h"
#include "eventlog/decision.h"

namespace epu {

// One constraint: "max_instances 8 leaves …". `sensor` is the name of the reading that it speaks
// of.
std::string ConstraintText(const Constraint& constraint, std::string_view sensor, Zone zone);

}  // namespace epu
