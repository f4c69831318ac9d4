#pragma once

#include "cli/bench_setting.h"

// Reading a long log: scanned, folded, and the end of it shown.

namespace epu {

// Scanning (checksum and head of each record) and folding a log, beside a raw cursor over it.
BenchRows MeasureFold(const BenchSetting& setting);

// `epumgmt history`, as a program, on the same log.
BenchRows MeasureHistory(const BenchSetting& setting);

}  // namespace epu
