#pragma once

#include "eventlog/time.h"

namespace epu {

// Tells the time that is recorded. Asked by the writer once for each batch, and by nothing that
// decides; implemented by the programs (over the machine's clocks) and by the simulator.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Never decreases, whatever the machine's wall clock does.
  virtual Time Now() = 0;
};

}  // namespace epu
