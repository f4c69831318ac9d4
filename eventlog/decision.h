#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "eventlog/time.h"

// Why something was decided: the words of the vocabulary (event.h) that a decision gives its
// reasons in.

namespace epu {

// What drove a decision, or what cut it. Reasons are data; prose is made when they are shown.
enum class ConstraintKind : std::uint16_t {
  kPreserveN = 0,  // The size is to be `limit`.
  kUniques,        // Unique instances missing: `value` of `limit` are there.
  kHighWater,      // The reading `value` is above the mark `limit`.
  kLowWater,       // The reading `value` is below the mark `limit`.
  kFirstWorker,    // Work is there (`value`) and no worker.
  kMinimum,        // The size `value` is, or would be, below the forced minimum `limit`.
  kWorkRemains,    // The last worker stays while `value` pieces of work are waiting or in progress.
  kPending,        // `value` workers are still on their way: one change at a time.
  kReadingAbsent,  // The sensor has said nothing.
  kReadingBroken,  // The sensor failed.
  kReadingOld,     // The reading is `value` seconds old; `limit` is the most allowed.
  kMaxInstances,   // `value` were, or would be, wanted; the EPU may have `limit` machines.
  kSiteMaxWorkers,  // `value` machines of the site were wanted; it may have `limit`.
  kRunMaxWorkers,   // `value` machines of the run were wanted; it may have `limit`.
  kBackOff,         // `value` launches in a row failed; the next is made at `until`.
  kDisabled,        // Launching is disabled for the whole run.
  kSiteDisabled,    // Launching is disabled for the site.
  kUnhealthy,       // `value` workers were found unhealthy.
  kLost,  // `value` workers are there of `limit` wanted; the others ended or could not be launched.
  kReviewMax,  // A review asks for at most `limit` workers; the rest follows in the next.
  kDecidedOn,  // The reading drove a decision already: one change for each reading.
  kScheduled,  // `limit` workers are scheduled; another number is from `until` on.
  kPaused,  // The size `value` was wanted; scaling is paused, and it stays `limit` until `until`.
  kNeeded,  // The reading `value` needs `limit` workers.
  kAboveThreshold,  // The reading or the workers' average `value` is above the threshold `limit`.
  kBelowThreshold,  // It is below the threshold `limit`.
  kCoolDown,        // The size has just been changed; the next change is made at `until`.
  kReporting,       // `value` of `limit` workers report the number; the others are not counted.
};

struct Constraint {
  ConstraintKind kind{};
  double value = 0;
  double limit = 0;
  std::optional<Time> until;  // When it lets go, where that is known.
  bool operator==(const Constraint&) const = default;
};

enum class DecisionCause : std::uint16_t {
  kRepair = 0,  // Brings the pool back to the size last wanted.
  kScaling,     // The engine wants another size.
};

std::string_view ConstraintName(ConstraintKind kind);  // "high_water"
std::string_view CauseName(DecisionCause cause);       // "repair", "scaling"

}  // namespace epu
