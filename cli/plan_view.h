#pragma once

#include <string>
#include <vector>

#include "cli/apply_plan.h"
#include "cli/json_view.h"

// What a change of configuration would do, for people and as JSON. Pure.

namespace epu {

// The lines of the difference; ages are counted to `now`.
std::string FormatPlan(const ApplyPlan& plan, Time now);

// "1 to add, 1 to change, 0 to remove; ends no worker"
std::string FormatSum(const ApplyPlan& plan);

// What is to be asked before it is done, because it removes or empties pools: "Removes legacy,
// empties web and ends 5 workers in all."; empty where it does neither.
std::string PlanQuestion(const ApplyPlan& plan);

Json PlanJson(const ApplyPlan& plan);

// "web/2, web/3 and 4 more"
std::string FormatWorkers(const std::vector<std::string>& workers);

}  // namespace epu
