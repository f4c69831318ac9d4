#pragma once

#include "commands/clock.h"
#include "eventlog/time.h"

namespace epu::sim {

// Recorded time that moves only when told to.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Time start) : now_(start) {}

  Time Now() override { return now_; }
  void Advance(Duration duration) { now_ += duration; }

 private:
  Time now_;
};

}  // namespace epu::sim
