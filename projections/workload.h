#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "eventlog/event.h"

// The work that came to a pool, as its log tells: the fewest jobs that explain the readings of its
// queue, and how its workers boot, end and fail. What a model of the queue is made from.
//
// Between two readings (waiting, in progress) no more jobs are taken to have come, begun and ended
// than the numbers ask for; they are served first come, first served. So the time that workers were
// busy is kept exactly, while jobs that came and went between two readings are not seen. Where a
// reading says nothing of work in progress, every running worker is taken to be busy while any work
// waits, and none else.

namespace epu {

struct Job {
  Time arrives{};
  Duration runs{};  // On one worker.
  // In the record: when it began, and whether it was done; none in a workload that is no record.
  std::optional<Time> begins = std::nullopt;
  bool done = false;
  bool operator==(const Job&) const = default;
};

struct Workload {
  std::vector<Job> jobs;  // By arrival.
  // Jobs that one busy worker does a second. It is memoryless: work that is given back and begun
  // again costs nothing, as far as the record tells. 0: each job runs as long as it says.
  double rate = 0;
  Duration every{};              // Between two readings: the middle one of all. 0: there were none.
  Duration boots{};              // From a worker's request until it runs,
  Duration ends{};               // and from its retirement until its machine is gone.
  double failures_per_hour = 0;  // Of one running worker.
  bool tells_in_progress = true;  // Whether the readings told of it.
};

// The fold. `epu` and `sensor` are set by who folds; events outside [from, …) are not to be given.
struct WorkloadFit {
  struct Reading {
    Time time{};
    std::uint64_t waiting = 0;
    std::uint64_t in_progress = 0;
  };

  EpuNumber epu{};
  SensorNumber sensor{};
  std::vector<Job> jobs;
  std::deque<std::size_t> waiting;      // Indices of jobs,
  std::deque<std::size_t> in_progress;  // the longest first.
  std::optional<Reading> last;
  std::vector<Duration> gaps;
  bool tells_in_progress = true;

  std::map<WorkerNumber, Time> requested;
  std::map<WorkerNumber, Time> running;  // Since when.
  std::map<WorkerNumber, Time> ending;
  std::vector<Duration> boots;
  std::vector<Duration> ends;
  Duration busy{};               // Of all workers: at work,
  Duration ran{};                // and running.
  std::uint64_t failures = 0;    // Of running workers,
  std::uint64_t given_back = 0;  // and workers that stopped since the last reading.
};

void Evolve(WorkloadFit& fit, const Event& event);

// What is known at `end`. Jobs that are not done run as long as the others do on average, at least.
Workload WorkloadOf(const WorkloadFit& fit, Time end);

}  // namespace epu
