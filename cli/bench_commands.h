#pragma once

#include "cli/bench_setting.h"

// Commands from a client to the disk and back.

namespace epu {

// One client that submits readings one at a time, beside a raw server that stores the same bytes.
BenchRows MeasureLatency(const BenchSetting& setting);

// Eight clients with 64 and 512 commands under way between them, beside raw LMDB at the mean batch
// that was reached.
BenchRows MeasureThroughput(const BenchSetting& setting);

// From a reading handed to a server at rest to the decision it led to, visible in the log.
BenchRows MeasureDecision(const BenchSetting& setting);

}  // namespace epu
