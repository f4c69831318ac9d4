#pragma once

#include "cli/verb_killrun.h"

namespace epu {

// `killrun` of any run. Of a launch: first the logs of its services and workers are copied, then
// the runs of the servers that it booted are killed, each
// as `killrun` does it, and only when every worker is proven gone the launch is terminated. Where
// workers may live it is kept as it is; the same command goes on from there.
Exit RunKillrunOfAny(Context& context, const KillrunArguments& arguments);

}  // namespace epu
