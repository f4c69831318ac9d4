#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"
#include "projections/workload.h"

// A model of one pool: its jobs come as a workload says, its workers boot, work, fail and end as
// that says, its queue is read, and the production Decide reviews it. There is no site in it and
// no log, so it cannot act. Pure: the same arguments give the same events.

namespace epu {

class PoolModel {
 public:
  // Is told each event that the model makes, in order, right behind the state's head.
  using Sink = std::function<void(const Event&)>;

  // Goes on from `known` at `now`, under the definition that `epu` has there. Of the work, what
  // came before `now` is taken to be as `known` has it: jobs in progress go on. REQUIRES: the pool
  // is there; `work` and `catalog` outlive this.
  PoolModel(State known, EpuNumber epu, const Workload& work, Time now,
            const EngineCatalog& catalog, Sink sink);

  // Work that waits, or is in progress, when the model begins.
  void BeginWith(std::uint64_t waiting, std::uint64_t in_progress);

  // Reviews the pool at once, then goes on until `end`, in steps up to the next reading.
  void RunUntil(Time end);

  // Ends the first of the workers that run, as an operator does, and returns which.
  std::vector<WorkerNumber> KillRunning(std::size_t most);

  std::uint64_t done() const { return done_; }                     // Jobs, since it began.
  const std::vector<Duration>& waited() const { return waited_; }  // Of those that began.
  const State& state() const { return state_; }

 private:
  struct Run {
    std::size_t job = 0;
    Time until{};
  };

  const Epu& Pool() const { return state_.epus.at(epu_); }
  void Do(Order order);
  void Step(Time until);
  void PutNextReading();
  void LiveWorkers(Time now);
  void FailSome(Time now);
  void WorkUntil(Time until);
  void TakeWaiting(Time now);
  std::optional<Time> NextEnd(Time now) const;
  void EndOne();
  void Pass(Duration passed);
  void GiveBack(WorkerNumber worker);

  State state_;
  const EpuNumber epu_;
  const Workload& work_;
  const EngineCatalog& catalog_;
  const Sink sink_;
  const Duration every_;  // Between two readings.
  Time now_;
  Time next_reading_;
  std::string sensor_;               // Its name; empty: the pool has no queue.
  std::size_t next_job_ = 0;         // Of the workload.
  std::deque<std::size_t> waiting_;  // Indices of jobs.
  std::map<WorkerNumber, Run> running_;
  double work_done_ = 0;  // Of the next job that ends, where all work is done at one rate.
  double wear_ = 0;       // Failures that are due, as running adds to them.
  std::uint64_t failed_ = 0;
  std::uint64_t done_ = 0;
  std::vector<Duration> waited_;
};

// `epu` of `state` as a pool that begins at `now`: defined as it is there, with its site, and
// without a worker. Errors as Decide.
absl::StatusOr<State> FreshPool(const State& state, const Epu& epu, Time now,
                                const EngineCatalog& catalog);

// The sensor whose reading is the queue of a pool: the one its engine names, else its first. None
// where it has none.
std::optional<SensorNumber> QueueOf(const Epu& epu);

}  // namespace epu
