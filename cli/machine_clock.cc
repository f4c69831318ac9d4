#include "cli/machine_clock.h"

#include <algorithm>
#include <chrono>

namespace epu {
namespace {

Duration SteadyClock() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

Time WallClock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

MachineClock::MachineClock(Time not_before)
    : time_{std::max(WallClock(), not_before), SteadyClock(), Duration::zero()} {}

Time MachineClock::Now() {
  const std::lock_guard lock(mutex_);
  return time_.Tell(SteadyClock(), WallClock());
}

Duration MachineClock::Difference() {
  const std::lock_guard lock(mutex_);
  return time_.difference;
}

}  // namespace epu
