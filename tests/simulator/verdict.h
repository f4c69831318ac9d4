#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "eventlog/event.h"
#include "tests/simulator/faults.h"

// What a run is judged by: each checker says when it had something to check, and what it found.

namespace epu::sim {

enum class Check : std::size_t {
  // Whenever something happens.
  kOneMachineForOneIntent,  // A token never makes a second machine, and is requested once.
  kIntentBeforeMachine,     // Every machine of ours has its worker in the log, asked for and not
                            // gone.
  kPoolLimit,               // max_instances, site's and run's max_workers: neither requests nor
  kSiteLimit,               // machines exceed what was in force. Where a limit was lowered below
  kRunLimit,                // what was there, the number of machines may only fall until within it.
  kNoStateGoesBack,         // Each change of a worker begins where the last one ended, and goes up.
  kBusyMayFinish,           // A busy worker that is well is retired only when its time to drain is
                            // over.
  kNoLaunchWhileDisabled,   // No launch is asked for after launching was recorded as disabled.
  kOnlyTheEndedAreEnded,    // An end is asked only for machines whose worker is over.
  kStrangersLeftAlone,      // Machines of another history of the log are never asked to end.
  kAcknowledgedIsThere,     // What was answered with sequences is recorded at them, whole.
  kRepeatsGetTheFirst,      // A repeat by id is answered with the outcome of the first.
  kExecutedOnce,            // No command id is in the log twice.
  kFoldIsTheWriters,        // What the writer knows is the fold of the log.
  // At the end.
  kReviewDecidedAgain,   // Every review decided again at its time gives the bytes of the log.
  kCommandDecidedAgain,  // As does every command of a client.
  kReplayAgrees,         // A replay of the log finds nothing else, nothing missing, nothing extra.
  kLedgerAgrees,         // The ledger of machines has as many open as State knows.
  kReviewSettles,        // A review asked again on its own result gives nothing.
  kSnapshotIsTheFold,    // A snapshot anywhere, read again, is the fold up to there.
  kRefoldIsTheFold,      // Folding the log from empty gives what was folded on the way.
  kConverges,            // Once the faults stop, every pool has its size in healthy workers,
  kUniquesInPlace,       // each of its unique instances exactly once,
  kRemovedHaveNothing,   // what was removed has no machine,
  kNoLeak,               // and no machine is there but the workers'.
  kSameSeedSameLog,      // A seed gives the same log and the same run twice.
};
inline constexpr std::size_t kCheckCount = static_cast<std::size_t>(Check::kSameSeedSameLog) + 1;

// "one machine for one intent".
std::string_view CheckName(Check check);

using CheckCounts = std::array<std::uint64_t, kCheckCount>;

// How often the logs say each thing: whether the worlds come to what is to be checked in them.
struct Reached {
  std::array<std::uint64_t, std::variant_size_v<Payload>> kinds{};
  std::array<std::uint64_t, static_cast<std::size_t>(Reason::kRunEnded) + 1> reasons{};
  std::array<std::uint64_t, static_cast<std::size_t>(ConstraintKind::kReporting) + 1> constraints{};
  std::array<std::uint64_t, static_cast<std::size_t>(Health::kZombie) + 1> healths{};
};

// What many runs add up to.
struct Tally {
  FaultCounts fired{};
  CheckCounts checked{};
  Reached reached;
  std::uint64_t steps = 0;
  std::uint64_t settling_steps = 0;
  std::uint64_t events = 0;
  std::uint64_t machines = 0;
  std::uint64_t servers = 0;  // Processes started.
};

// Counts what `event` says.
void Count(const Event& event, Reached& reached);

// Of one run. The first failure stands; what comes after it may only follow from it.
class Verdict {
 public:
  explicit Verdict(CheckCounts& checked) : checked_(checked) {}
  Verdict(const Verdict&) = delete;
  Verdict& operator=(const Verdict&) = delete;

  // Counts that there was something to check, which is to hold. Where it does not, the caller says
  // how by Fail.
  bool Holds(Check check, bool condition) {
    ++checked_[static_cast<std::size_t>(check)];
    return condition;
  }
  void Fail(Check check, std::string_view what);

  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

 private:
  CheckCounts& checked_;
  std::string failure_;
};

}  // namespace epu::sim
