#include "cli/follower_clock.h"

#include <algorithm>
#include <chrono>

namespace epu {
namespace {

Duration SteadyNow() {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

FollowerClock::FollowerClock(Time server_time)
    : said_(server_time), said_steady_(SteadyNow()), last_(server_time) {}

void FollowerClock::Follow(Time server_time) {
  const std::lock_guard lock(mutex_);
  said_ = server_time;
  said_steady_ = SteadyNow();
}

Time FollowerClock::Now() {
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_, said_ + (SteadyNow() - said_steady_));
  return last_;
}

}  // namespace epu
