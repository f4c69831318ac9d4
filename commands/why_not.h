#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>

#include "engines/catalog.h"
#include "projections/state.h"

// Why a pool did not change at some moment, and what would have made it: the review is decided
// again with one input, or one key of the configuration, moved. Nothing here knows any engine: what
// flips a decision is found by asking. Pure.

namespace epu {

// What can be moved: the value of a sensor's reading, how old that is, a number of the
// configuration, whether a worker that runs is well, a number that it says of itself.
struct SensorInput {
  SensorNumber sensor{};
  bool operator==(const SensorInput&) const = default;
};
struct KeyInput {
  std::string key;
  bool operator==(const KeyInput&) const = default;
};
struct AgeInput {  // In seconds.
  SensorNumber sensor{};
  bool operator==(const AgeInput&) const = default;
};
struct HealthInput {  // 1: in no way unhealthy; 0: MISSING.
  WorkerNumber worker{};
  bool operator==(const HealthInput&) const = default;
};
struct MetricInput {
  WorkerNumber worker{};
  std::string name;
  bool operator==(const MetricInput&) const = default;
};
using Input = std::variant<SensorInput, KeyInput, AgeInput, HealthInput, MetricInput>;

// Of so many workers at most, the oldest, health and numbers are moved: each costs dozens of
// reviews, and workers are much alike.
inline constexpr std::size_t kWorkersMoved = 50;

// The nearest value of an input, above or below its own, with which the review would have come out
// otherwise.
struct Flip {
  Input input;
  double value = 0;  // As it was. Durations count in seconds.
  bool above = false;
  double at = 0;                        // From here on.
  std::int64_t change = 0;              // Launches less retirements, then.
  std::uint32_t wanted = 0;             // The size wanted, then.
  std::vector<Constraint> constraints;  // Of that decision: what drives it, and what cuts it.
  bool operator==(const Flip&) const = default;
};

struct WhyNot {
  std::uint32_t size = 0;               // Workers that count.
  std::int64_t change = 0;              // Launches less retirements of the review at that moment.
  std::vector<Constraint> constraints;  // What the engine says: what drives or holds it.
  std::vector<Flip> flips;              // Sensors, keys, workers; below before above.
  std::vector<Input> fixed;             // No value of these changes anything, by itself.
  bool operator==(const WhyNot&) const = default;
};

// Of the pool `epu` at `now`. A moved reading counts as one that has just been taken: its age is
// kept, that it was decided on is not.
//   kNotFound            there is no such pool
//   kFailedPrecondition  this build lacks its engine, or the engine's own error
absl::StatusOr<WhyNot> ExplainWhyNot(const State& state, EpuNumber epu, Time now,
                                     const EngineCatalog& catalog);

}  // namespace epu
