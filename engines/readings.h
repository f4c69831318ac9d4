#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "engines/engine.h"
#include "engines/keys.h"

// What an engine may make of a sensor of its pool, or of a number that the pool's workers report of
// themselves. Nothing said, a failure and what is old are no numbers: they hold the size.

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

struct WorkersLook {
  double average = 0;                // Of those that report. REQUIRES: nothing holds.
  std::optional<Constraint> held;    // Why there is nothing to decide on: no worker reports it, or
                                     // none did so lately.
  std::optional<Constraint> silent;  // kReporting, where some workers do and others do not.
  bool is_new = false;           // Some of it was reported after the engine last changed the size.
  std::vector<Sequence> inputs;  // The reports, for Decision::inputs; the newest kInputsMax.
};

// The number `metric` over the workers of `epu` that count and run. One that does not report it, or
// reported it longer ago than `age_max`, is silent: it is in neither the sum nor the number of the
// average. Workers on their way are no silent ones.
WorkersLook LookAtWorkers(const Epu& epu, std::string_view metric, Duration age_max, Time now);

// So many reports are named by a decision: it has to fit a record, and to be read by people.
inline constexpr std::size_t kInputsMax = 64;

// The key reading_age_max, for `age_max`: by default 30 s.
inline constexpr std::string_view kReadingAgeMax = "reading_age_max";
Key ReadingAgeMaxKey();

// What is wrong where the setting `key` is to name a sensor of `definition`: nothing, or that there
// is no such one, with a near one.
std::optional<DecisionEngine::Problem> SensorProblem(const EpuDefinition& definition,
                                                     std::string_view key);

}  // namespace epu
