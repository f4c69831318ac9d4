#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/simulator/random.h"

// What may go wrong, and how the seed picks it. Swarm testing: each seed turns some faults off and
// gives the others a strength of its own, because a world in which everything goes wrong at once
// hides what only shows where almost nothing does.

namespace epu::sim {

enum class Fault : std::size_t {
  // The disk. An append fails with nothing written; or it is written, and reported as failed; or
  // the disk is full for a while, its reserve small; or the log cannot be read.
  kAppendFails,
  kAppendUnknown,
  kDiskFull,
  kReadFails,
  // The server's process: gone between two calls, or within one: of the log, of a site's driver,
  // each before or after it had its effect. A new process draws an epoch that was used.
  kCrash,
  kCrashBeforeAppend,
  kCrashAfterAppend,
  kCrashBeforeDriver,
  kCrashAfterDriver,
  kEpochTaken,
  // The site. A launch is done and its answer lost; or it is answered "unknown" and done later, or
  // never; or it is refused, for want of room or for good. A listing fails, lacks a new machine
  // within the site's lag, or shows an ended one for a while. An end is refused, or has to be asked
  // for again and again. A call takes seconds.
  kLaunchAnswerLost,
  kLaunchLate,
  kLaunchUnanswered,
  kSiteFull,
  kLaunchRefused,
  kListFails,
  kListingLags,
  kListingLingers,
  kTerminateFails,
  kMachineStubborn,
  kCallSlow,
  // The machine: it ends unasked, it runs and is never heard, it is silent for a while, its agent
  // dies, its process fails. Or it belongs to another history of this log.
  kMachineDies,
  kMachineHangs,
  kAgentSilent,
  kAgentLost,
  kProcessFails,
  kStranger,
  // The network between clients and agents and the server, and the way from the sites' threads to
  // the writer: that one loses and doubles, but it is a queue and keeps the order.
  kMessageLost,
  kMessageDoubled,
  kMessageLate,
  kAnswerLost,
  kServerBusy,
  kReportsLost,
  kReportsDoubled,
  // Everything stands still for up to minutes.
  kTimeLeaps,
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::kTimeLeaps) + 1;

// "launch: answer lost".
std::string_view FaultName(Fault fault);

using FaultCounts = std::array<std::uint64_t, kFaultCount>;

class Faults {
 public:
  // Draws which faults there are and how strong; counts into `fired` whenever one fires. Both
  // outlive this.
  Faults(Random& random, FaultCounts& fired);
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // Whether `fault` happens at this opportunity. Asked only where it would have its effect.
  bool Fires(Fault fault);

  // From here on nothing fires.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  Random& random_;
  FaultCounts& fired_;
  std::array<std::uint32_t, kFaultCount> chances_{};  // In 10,000 opportunities.
  bool stopped_ = false;
};

}  // namespace epu::sim
