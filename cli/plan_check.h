#pragma once

#include <map>
#include <string>

#include "cli/launch_plan.h"

namespace epu {

// Where a plan says something: a service by its name, an attribute by "service.attribute".
struct PlanPlace {
  std::string file;
  int line = 0;
};
using PlanPlaces = std::map<std::string, PlanPlace>;

// Adds a fault for each reference of `plan` that can lead nowhere: to a service or an attribute
// that there is none of, in a circle, to what only a service of the same or a later level will say;
// and for each name in a boot configuration that its service does not have. What a boot program
// will say is not known before.
void CheckReferences(LaunchPlan& plan, const PlanPlaces& places);

}  // namespace epu
