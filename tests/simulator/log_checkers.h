#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "eventlog/event.h"
#include "projections/state.h"
#include "tests/simulator/verdict.h"

// Checkers that are shown each event as it appears in the log, with the state before or after it.
// What they keep, they take from the events themselves: State may be what is wrong.

namespace epu::sim {

// No state goes back: each change of a worker begins where its last one ended, and goes up; nothing
// is said of a worker that was never requested, or of its machine once that is gone for good. And a
// busy worker that is well is retired by a drain alone.
class WorkerChecker {
 public:
  explicit WorkerChecker(Verdict& verdict) : verdict_(verdict) {}
  void See(const Event& event);

 private:
  struct Seen {
    WorkerState state = WorkerState::kRequested;
    Presence presence = Presence::kUnasked;
    Health health = Health::kUnknown;
    Activity activity = Activity::kUnknown;
    std::optional<Time> drains_until;
  };
  void SeeRetirement(Time time, const WorkerChanged& change);
  void SeeChange(Sequence sequence, const WorkerChanged& change);
  void SeeMachine(Sequence sequence, const MachineChanged& change);

  Verdict& verdict_;
  std::map<WorkerId, Seen> workers_;
};

// Commands are executed once, and launches requested once.
class OnceChecker {
 public:
  explicit OnceChecker(Verdict& verdict) : verdict_(verdict) {}
  void See(const Event& event);

 private:
  Verdict& verdict_;
  std::set<CommandId> commands_;
  std::set<LaunchId> launches_;
};

// No limit is exceeded, neither by what is requested nor by the machines there are. A limit may be
// lowered below what is there; from then on the number may only fall until it is within the limit.
class LimitChecker {
 public:
  explicit LimitChecker(Verdict& verdict) : verdict_(verdict) {}

  // `state` is the state after `event`.
  void See(const State& state, const Event& event);

  // A machine was made, and so many of its pool, of its site and of ours in all are now there.
  void SeeMachines(EpuNumber epu, std::size_t of_pool, SiteNumber site, std::size_t of_site,
                   std::size_t of_run);

 private:
  // How many there may be now: the limit, or what was there when that was lowered.
  struct Bound {
    std::size_t most = 0;
    bool known = false;
    void Update(std::size_t limit, std::size_t count);
  };
  void UpdateBounds(const State& state);
  void SeeRequest(const State& state, const WorkerRequested& request);
  void Judge(Check check, std::size_t count, std::size_t most, const char* what);

  Verdict& verdict_;
  std::map<EpuNumber, Bound> pools_;
  std::map<SiteNumber, Bound> sites_;
  Bound run_;
};

}  // namespace epu::sim
