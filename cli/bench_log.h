#pragma once

#include "cli/bench_setting.h"

// Reading a long log: scanned and folded.

namespace epu {

// Scanning (checksum and head of each record) and folding a log, beside a raw cursor over it.
BenchRows MeasureFold(const BenchSetting& setting);

}  // namespace epu
