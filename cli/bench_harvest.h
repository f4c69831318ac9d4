#pragma once

#include "cli/bench_setting.h"

// Event lines out of log text.

namespace epu {

// Harvesting log files with an event line among a hundred, beside a loop that reads the same bytes
// and finds each line's end with memchr.
BenchRows MeasureHarvest(const BenchSetting& setting);

}  // namespace epu
