#pragma once

#include <mutex>

#include "commands/clock.h"

namespace epu {

// The recorded time of a server in another process: what it last said, and what has passed since by
// this machine's steady clock. For many threads.
class FollowerClock final : public Clock {
 public:
  // `server_time`, as the server just said it. What it says later may stand a little behind what
  // was told meanwhile: then time stands still until it is there.
  explicit FollowerClock(Time server_time);
  void Follow(Time server_time);

  Time Now() override;

 private:
  std::mutex mutex_;
  Time said_{};             // By the server,
  Duration said_steady_{};  // and when, by the steady clock.
  Time last_{};             // Told last.
};

}  // namespace epu
