#include "tests/example_engine/backlog.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engines/limits.h"
#include "engines/readings.h"

namespace epu {
namespace {

constexpr std::string_view kSensor = "sensor";
constexpr std::string_view kJobsPerWorker = "jobs_per_worker";

// How many workers `jobs` need: a part of one's work needs a whole one.
std::uint32_t WorkersFor(double jobs, std::int64_t jobs_per_worker) {
  const double share =
      std::min(jobs / static_cast<double>(jobs_per_worker), static_cast<double>(kPoolSizeMax));
  const auto whole = static_cast<std::uint32_t>(share);
  return whole < share ? whole + 1 : whole;
}

class Backlog final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const override {
    const EpuDefinition& definition = epu.definition;
    const absl::StatusOr<SensorLook> look =
        LookAt(epu, TextOf(definition, kSensor), DurationOf(definition, kReadingAgeMax), now);
    if (!look.ok()) return look.status();
    Decision decision{.wanted = epu.wanted.value_or(0), .constraints = {}, .inputs = look->inputs};
    if (look->held) {
      decision.constraints.push_back(*look->held);
    } else {
      // A sensor may say anything, and a negative number must not hide work.
      const double jobs = std::max(0.0, look->value) + std::max(0.0, look->in_progress);
      decision.wanted = WorkersFor(jobs, IntegerOf(definition, kJobsPerWorker));
      decision.constraints.push_back(Because(ConstraintKind::kNeeded, jobs, decision.wanted));
    }
    const Limited limited = WithinLimits(definition, decision.wanted);
    decision.wanted = limited.size;
    if (limited.limit) decision.constraints.push_back(*limited.limit);
    return decision;
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    return Gather({SensorProblem(definition, kSensor), LimitsProblem(definition)});
  }
};

}  // namespace

std::span<const Key> BacklogKeys() {
  static const std::vector<Key> keys = WithCommonKeys({
      {.name = kSensor,
       .type = KeyType::kText,
       .sentence = "The sensor of this EPU that counts the jobs."},
      {.name = kJobsPerWorker,
       .type = KeyType::kInteger,
       .at_least = 1,
       .at_most = kExactMax,
       .sentence = "So many jobs, waiting or in progress, need one worker."},
      MinInstancesKey(0),
      ReadingAgeMaxKey(),
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeBacklog() { return std::make_unique<Backlog>(); }

}  // namespace epu
