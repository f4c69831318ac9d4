#pragma once

#include "cli/bench_setting.h"

// What an operator waits for: reading verbs as programs, from their start to their end, on long
// logs.

namespace epu {

// `history` of 40 lines, on a log with few pools.
BenchRows MeasureHistory(const BenchSetting& setting);

// `status`, `status --at` and the completion of a name, on a log with many pools and workers whose
// snapshots were saved as a server saves them.
BenchRows MeasureStatus(const BenchSetting& setting);

}  // namespace epu
