#pragma once

#include "cli/bench_setting.h"

// What epud takes when there is nothing to do, and how soon it is there.

namespace epu {

// Processor and memory of an epud with ten pools whose sensors it reads every five seconds.
BenchRows MeasureIdle(const BenchSetting& setting);

// From starting epud without a log to its ready line.
BenchRows MeasureReady(const BenchSetting& setting);

}  // namespace epu
