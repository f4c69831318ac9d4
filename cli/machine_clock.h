#pragma once

#include <mutex>

#include "commands/clock.h"
#include "commands/recorded_time.h"

namespace epu {

// Recorded time over this machine's clocks; see RecordedTime for its rule. For many threads.
class MachineClock final : public Clock {
 public:
  // Begins at the wall clock's time, but not before `not_before`, the time of the log's last
  // record.
  explicit MachineClock(Time not_before);

  Time Now() override;

  // By how much the wall clock stood off when the time was last told.
  Duration Difference();

 private:
  std::mutex mutex_;
  RecordedTime time_;
};

// The wall clock; for programs that show or state an age.
Time WallClock();

}  // namespace epu
