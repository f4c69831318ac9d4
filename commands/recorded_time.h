#pragma once

#include "eventlog/time.h"

namespace epu {

// The rule of recorded time: it goes on with the machine's steady clock and is drawn towards its
// wall clock by at most a tenth of what passes. It never decreases and never stands still, so a
// window is elapsed time, and a wall clock that is set back and forth moves nothing but
// `difference`.
struct RecordedTime {
  Time last{};  // The time last told; at a start the wall clock's, but not before the log's last
                // record.
  Duration steady_last{};  // The steady clock then.
  Duration difference{};   // Wall clock minus recorded time, as of the last telling.

  // The time now, by a steady clock that reads `steady` and a wall clock that reads `wall`.
  Time Tell(Duration steady, Time wall);
};

// A difference beyond this is recorded and shown.
inline constexpr Duration kClockDifferenceMax = std::chrono::seconds(60);

}  // namespace epu
