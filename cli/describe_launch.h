#pragma once

#include <string>
#include <string_view>

#include "cli/names.h"
#include "eventlog/event.h"

// What happened in a launch, and what was harvested of log files, in one line for people: a part of
// describe.h.

namespace epu {

// The doing of a step, for people: "boot program".
std::string_view StepText(ServiceStep step);

std::string FactText(const PlanRead& fact, Names& names);
std::string FactText(const ServicePlanned& fact, Names& names);
std::string FactText(const ServiceDropped& fact, Names& names);
std::string FactText(const WalkBegun& fact, Names& names);
std::string FactText(const WalkEnded& fact, Names& names);
std::string FactText(const StepBegun& fact, Names& names);
std::string FactText(const StepEnded& fact, Names& names);
std::string FactText(const LineHarvested& fact, Names& names);

}  // namespace epu
