#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "eventlog/event.h"
#include "projections/state.h"

// What a policy came to for one pool over a time: what it cost and how the queue did. A fold of its
// own, over what happened and over what a model says would have happened alike.

namespace epu {

// A launch and an end within this that leave the size where it was are a flap.
inline constexpr Duration kFlapWithin = std::chrono::minutes(10);

struct PoolOutcome {
  EpuNumber epu{};             // Set by who folds,
  SensorNumber sensor{};       // with the queue,
  std::optional<double> mark;  // the reading that it should not be above,
  Time from{};                 // and the beginning.
  Time time{};                 // Up to where it is told.

  std::uint64_t decisions = 0;  // Scaling and repair.
  std::uint64_t launches = 0;
  std::uint64_t ends = 0;   // Observed.
  std::uint64_t flaps = 0;  // See kFlapWithin.
  Duration worker_time{};   // Of all workers, from the request to the observed end.
  std::size_t most = 0;     // Workers at once, so counted.
  Duration above{};         // How long the reading stood above `mark`.
  double peak = 0;          // The greatest reading.

  // As it went, for plots: a point wherever it changed.
  struct Point {
    Time time{};
    double value = 0;
  };
  std::vector<Point> sizes;    // Workers that count as cost.
  std::vector<Point> queue;    // Readings.
  std::vector<Point> decided;  // The size wanted, at each decision.

  std::map<WorkerNumber, bool> open;  // Workers that may cost; whether a machine may exist.
  std::optional<double> reading;
  std::optional<std::uint32_t> wanted;
  struct Change {
    Time time{};
    std::uint32_t from = 0;
    std::uint32_t to = 0;
  };
  std::optional<Change> last_change;
};

// Of `pool` as it stands at `from`, with nothing counted yet.
PoolOutcome OutcomeFrom(const Epu& pool, SensorNumber sensor, std::optional<double> mark,
                        Time from);

void Evolve(PoolOutcome& outcome, const Event& event);

// What stands goes on to `time`.
void GoOnTo(PoolOutcome& outcome, Time time);

}  // namespace epu
