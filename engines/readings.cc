#include "engines/readings.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engines/suggest.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr Duration kReadingAgeMaxDefault = std::chrono::seconds(30);

// A reading older than a week says nothing of now: a larger limit is a slip of the unit.
constexpr Duration kReadingAgeMaxMost = std::chrono::days(7);

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Why `reading` cannot be decided on, if so.
std::optional<Constraint> Unusable(const Reading& reading, Duration age_max, Time now) {
  if (std::holds_alternative<Absent>(reading.measure)) {
    return Because(ConstraintKind::kReadingAbsent, 0, 0);
  }
  if (std::holds_alternative<Broken>(reading.measure)) {
    return Because(ConstraintKind::kReadingBroken, 0, 0);
  }
  const Duration age = AgeOf(reading, now);
  if (age <= age_max) return std::nullopt;
  return Because(ConstraintKind::kReadingOld, Seconds(age), Seconds(age_max));
}

}  // namespace

absl::StatusOr<SensorLook> LookAt(const Epu& epu, std::string_view name, Duration age_max,
                                  Time now) {
  const Sensor* sensor = FindSensor(epu, name);
  if (sensor == nullptr) {
    return absl::FailedPreconditionError(fmt::format("there is no sensor {}", Quoted(name)));
  }
  const Reading& reading = sensor->latest;
  SensorLook look;
  if (reading.sequence != 0) look.inputs.push_back(reading.sequence);
  look.held = Unusable(reading, age_max, now);
  if (look.held) return look;
  look.value = std::get<double>(reading.measure);
  look.in_progress = reading.in_progress.value_or(0);
  look.is_new = reading.sequence > epu.scaling;
  return look;
}

Key ReadingAgeMaxKey() {
  return {.name = kReadingAgeMax,
          .type = KeyType::kDuration,
          .default_value = kReadingAgeMaxDefault,
          .at_least = 0.001,
          .at_most = Seconds(kReadingAgeMaxMost),
          .sentence =
              "A reading older than this, an absent or a broken one holds the size; the "
              "minimum and repair go on."};
}

std::optional<DecisionEngine::Problem> SensorProblem(const EpuDefinition& definition,
                                                     std::string_view key) {
  const std::string& sensor = TextOf(definition, key);
  std::vector<std::string_view> names;
  for (const SensorDefinition& defined : definition.sensors) names.push_back(defined.name);
  if (std::find(names.begin(), names.end(), sensor) != names.end()) return std::nullopt;
  const std::optional<std::string_view> near = Suggest(sensor, names);
  return DecisionEngine::Problem{
      std::string(key), fmt::format(" is {}, which is no sensor of this EPU{}", Quoted(sensor),
                                    near ? fmt::format("; did you mean {}?", *near) : "")};
}

}  // namespace epu
