#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "engines/engine.h"
#include "engines/keys.h"

// What an engine may make of a sensor of its pool. Nothing said, a failure and an old reading are
// no numbers: they hold the size.

namespace epu {

struct SensorLook {
  double value = 0;        // What the sensor reads. REQUIRES: nothing holds.
  double in_progress = 0;  // What it says is being worked on; 0 where it says nothing of that.
  std::optional<Constraint> held;  // Why there is nothing to decide on: absent, broken or too old.
  bool is_new = false;             // Read after the engine last changed the size of the pool.
  std::vector<Sequence> inputs;    // The reading, for Decision::inputs.
};

// The latest reading of the sensor `name` of `epu`. An error where it has no such sensor.
absl::StatusOr<SensorLook> LookAt(const Epu& epu, std::string_view name, Duration age_max,
                                  Time now);

// The key reading_age_max, for `age_max`: by default 30 s.
inline constexpr std::string_view kReadingAgeMax = "reading_age_max";
Key ReadingAgeMaxKey();

// What is wrong where the setting `key` is to name a sensor of `definition`: nothing, or that there
// is no such one, with a near one.
std::optional<DecisionEngine::Problem> SensorProblem(const EpuDefinition& definition,
                                                     std::string_view key);

}  // namespace epu
