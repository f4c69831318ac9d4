#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/time.h"

// The life of a worker and of its machine: the words of the vocabulary (event.h) that say where
// they stand.

namespace epu {

// The original's codes: they only ever go up, so that a late message cannot undo a later one. 900
// stands above 800: a worker that failed stays failed when its machine is ended.
enum class WorkerState : std::uint16_t {
  kRequesting = 100,  // Asked for, not recorded: never in a log, where the record is the request.
  kRequested = 200,   // Recorded; the site has not been asked.
  kErrorRetrying = 300,  // The site gives no answer; asked again.
  kPending = 400,        // Being asked of the site: from here on a machine may exist.
  kStarted = 500,        // The site runs a machine for it.
  kRunning = 600,        // Its agent has been heard.
  kRunningFailed = 650,  // The machine runs, the worker never came up or its agent is lost.
  kTerminating = 700,    // To be ended.
  kTerminated = 800,     // Ended, and its machine gone from the site.
  kFailed = 900,         // Will not be tried again.
  kRejected = 950,       // Refused, because launching was disabled.
};

// Why a worker changed state, where the state does not say it. The first seven are the original's
// failure reasons.
enum class Reason : std::uint16_t {
  kNone = 0,
  kIaasTimeout,      // No answer to a launch within the limit of its state.
  kIaasFull,         // The site has no room.
  kIaasProblem,      // The site refused; the detail is its own text.
  kNodeDisappeared,  // Gone from the site's listing, unasked.
  kBootTimeout,      // Started, and not heard within the boot window.
  kDisabled,         // Launching was disabled before the site was asked.
  kAgentLost,        // The agent beside the worker died.
  kUnhealthy,        // The doctor's finding; retired by a repair.
  kRetired,          // Excess; retired by a scaling decision.
  kKilled,           // By an operator.
  kRemoved,          // Its EPU is being removed.
  kRunEnded,         // By killrun.
};

// What the doctor knows of a worker; the original's states. Healthy are kUnknown and kOk.
enum class Health : std::uint16_t {
  kUnknown = 0,
  kOk,
  kMonitorError,  // The agent cannot watch its worker.
  kProcessError,  // The worker's process ended or could not be started.
  kMissing,       // Silent for longer than its window.
  kZombie,        // Heard of long after its end.
};

// What a worker is doing, by its own word.
enum class Activity : std::uint16_t {
  kUnknown = 0,  // It says nothing of it.
  kIdle,
  kBusy,
};

// A number that a worker says of itself.
struct Metric {
  std::string name;
  double value = 0;  // Finite.
  bool operator==(const Metric&) const = default;
};

// What a worker says of itself, through its agent.
struct WorkReport {
  Activity activity = Activity::kUnknown;
  std::string doing;            // "photo-17.jpg"; cut at kTextMax.
  std::vector<Metric> metrics;  // By name, each once, at most kMetricsMax.
  std::string error;            // Why the rest of it could not be read; cut at kTextMax.
  Duration age{};               // How old it was when it was said, or recorded.
  bool operator==(const WorkReport&) const = default;
};

// Where the machine of a worker stands, as its site's listings show it.
enum class Presence : std::uint16_t {
  kUnasked = 0,  // The site has not been asked for it: there is none.
  kOpened,       // It may exist.
  kListed,       // A listing showed it.
  kUnlisted,     // A listing that should have shown it did not.
  kGone,         // A complete listing, begun when no call for it could be under way, lacked it.
};

// What becomes of a stranger: a machine from another history of this log. Its token is of this log,
// its request is not in it, as when the log was restored from a backup and the machine was
// requested after that.
enum class StrangerFate : std::uint16_t {
  kUndecided = 0,  // A listing showed it. It is left alone until an operator decides.
  kAdopted,        // An operator keeps it: it is left alone for good.
  kCollected,      // An operator has it ended.
  kGone,           // A complete listing lacks it.
};

// ---- Names, for people and JSON ----

std::string_view StateName(WorkerState state);     // "600-RUNNING"
std::string_view ReasonName(Reason reason);        // "NODE_DISAPPEARED"; empty for kNone
std::string_view HealthName(Health health);        // "PROCESS_ERROR"
std::string_view PresenceName(Presence presence);  // "listed"
std::string_view ActivityName(Activity activity);  // "busy"
std::string_view FateName(StrangerFate fate);      // "undecided"

// Numbers that one worker may say of itself.
inline constexpr std::size_t kMetricsMax = 16;
inline constexpr std::size_t kMetricNameMax = 63;

}  // namespace epu
