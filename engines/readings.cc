#include "engines/readings.h"

#include <algorithm>
#include <functional>
#include <numeric>
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

// What the running workers say of one number.
struct Numbers {
  std::size_t workers = 0;
  std::vector<double> values;
  std::vector<Sequence> reports;
  std::optional<Duration> youngest;  // Where none is young enough.
};

Numbers NumbersOf(const Epu& epu, std::string_view metric, Duration age_max, Time now) {
  Numbers numbers;
  for (const Worker* worker : ValidWorkers(epu)) {
    if (IsPending(*worker)) continue;
    ++numbers.workers;
    const std::vector<Metric>& said = worker->report.metrics;
    const auto found =
        std::find_if(said.begin(), said.end(), [&](const Metric& m) { return m.name == metric; });
    if (found == said.end()) continue;
    const Duration age = worker->report.age + (now - worker->reported_at);
    numbers.youngest = std::min(age, numbers.youngest.value_or(age));
    if (age > age_max) continue;
    numbers.values.push_back(found->value);
    numbers.reports.push_back(worker->reported);
  }
  return numbers;
}

// Never beyond the least and the greatest of them, whatever the rounding: three at a threshold are
// not above it. REQUIRES: there is a value, and all are finite.
double Average(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double average = std::accumulate(values.begin(), values.end(), 0.0) / count;
  if (average - average != 0) {  // The sum is beyond what a number can hold.
    average = 0;
    for (const double value : values) average += value / count;
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return std::clamp(average, *least, *most);
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

WorkersLook LookAtWorkers(const Epu& epu, std::string_view metric, Duration age_max, Time now) {
  const Numbers numbers = NumbersOf(epu, metric, age_max, now);
  WorkersLook look;
  look.inputs = numbers.reports;
  std::sort(look.inputs.begin(), look.inputs.end(), std::greater<>());
  if (look.inputs.size() > kInputsMax) look.inputs.resize(kInputsMax);
  if (numbers.values.empty()) {
    look.held = numbers.youngest ? Because(ConstraintKind::kReadingOld, Seconds(*numbers.youngest),
                                           Seconds(age_max))
                                 : Because(ConstraintKind::kReadingAbsent, 0, 0);
    return look;
  }
  look.average = Average(numbers.values);
  look.is_new = look.inputs.front() > epu.scaling;
  if (numbers.values.size() < numbers.workers) {
    look.silent = Because(ConstraintKind::kReporting, static_cast<double>(numbers.values.size()),
                          static_cast<double>(numbers.workers));
  }
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
