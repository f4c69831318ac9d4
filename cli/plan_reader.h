#pragma once

#include "cli/launch_plan.h"

// Reads launch plans as cloudinit.d has them: a top file with [runlevels], [defaults], [cloud-…]
// and [globals]; a file for each level with its [svc-…]; and files of attributes, named by `deps`
// keys. Everything that can be wrong with a plan is found before anything is started.

namespace epu {

LaunchPlan ReadLaunchPlan(const LaunchPlanOptions& options);

}  // namespace epu
