#pragma once

#include "cli/bench_setting.h"

namespace epu {

// What the verbs that explain and prove take on a log that is given (BenchSetting::audited), a long
// one; see tests/history. No rows where none is given.
BenchRows MeasureAudit(const BenchSetting& setting);

}  // namespace epu
