#pragma once

#include <string>

#include "cli/json_view.h"
#include "cli/names.h"
#include "cli/zone.h"
#include "commands/replay.h"

// What a replay found, as text and as JSON. Pure, but for names.

namespace epu {

// "42 decisions made again from 18,331 events in 0.03s: 42 agree byte for byte, none missing, none
// extra", and a line for each version of an engine that is not there.
std::string ReplayText(const ReplayTally& tally, double seconds);

// The first difference: both lists event by event, the fields that differ, the inputs and the
// policy.
std::string DifferenceText(const ReplayDifference& difference, Names& names, Zone zone);

Json ReplayJson(const Replay& replay, double seconds, Names& names);

}  // namespace epu
