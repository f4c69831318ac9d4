#pragma once

#include <map>
#include <optional>
#include <string>

#include "eventlog/event.h"
#include "projections/state.h"

// What the agents said, which is no event: only a change of what it means is one. Kept by the
// server in memory; after a start every window counts from ServerStarted.

namespace epu {

// One message of an agent. Sent every second, again and again, so that a lost one costs nothing.
struct Heartbeat {
  WorkerId worker;
  LaunchId launch;  // Of the worker's token: an agent of another history of this log is not heard.
  Health health = Health::kOk;  // kOk, kProcessError or kMonitorError.
  std::string detail;           // Of an error: the exit status and the end of stderr.
  std::optional<WorkReport>
      report{};  // What the worker says of itself; none while it says nothing.
  bool operator==(const Heartbeat&) const = default;
};

// What the server answers: the heartbeat was taken, and whether the worker is to take no further
// work.
struct Noted {
  bool drain = false;
  bool operator==(const Noted&) const = default;
};

struct Heard {
  Time time{};
  Health health = Health::kOk;
  std::string detail;
  std::optional<WorkReport> report{};
  bool operator==(const Heard&) const = default;
};
using Liveness = std::map<WorkerId, Heard>;

}  // namespace epu
