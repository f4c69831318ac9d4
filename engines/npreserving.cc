#include "engines/npreserving.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::string_view kPreserveN = "preserve_n";
constexpr std::string_view kUniqueInstances = "unique_instances";
constexpr std::string_view kMaxInstances = "max_instances";

// How many of the configured unique instances have a worker that counts.
std::size_t CountUniques(const Epu& epu, const std::vector<UniqueInstance>& uniques) {
  std::set<std::string_view> there;
  for (const Worker* worker : ValidWorkers(epu)) there.insert(worker->unique_key);
  return static_cast<std::size_t>(
      std::count_if(uniques.begin(), uniques.end(),
                    [&](const UniqueInstance& unique) { return there.contains(unique.key); }));
}

std::optional<DecisionEngine::Problem> UniquesProblem(const EpuDefinition& definition) {
  const std::int64_t preserve_n = IntegerOf(definition, kPreserveN);
  const std::size_t uniques = UniquesOf(definition, kUniqueInstances).size();
  if (uniques <= static_cast<std::size_t>(preserve_n)) return std::nullopt;
  return DecisionEngine::Problem{
      std::string(kUniqueInstances),
      fmt::format(" has {} keys, above preserve_n {}", uniques, preserve_n)};
}

class NPreserving final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time) const override {
    const std::int64_t preserve_n = IntegerOf(epu.definition, kPreserveN);
    const std::vector<UniqueInstance>& uniques = UniquesOf(epu.definition, kUniqueInstances);
    Decision decision;
    decision.wanted = static_cast<std::uint32_t>(preserve_n);
    decision.constraints.push_back(Because(ConstraintKind::kPreserveN, epu.wanted.value_or(0),
                                           static_cast<double>(preserve_n)));
    const std::size_t there = CountUniques(epu, uniques);
    if (there < uniques.size()) {
      decision.constraints.push_back(Because(ConstraintKind::kUniques, static_cast<double>(there),
                                             static_cast<double>(uniques.size())));
    }
    return decision;
  }

  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    return Gather(
        {OrderProblem(definition, kPreserveN, kMaxInstances), UniquesProblem(definition)});
  }
};

}  // namespace

std::span<const Key> NPreservingKeys() {
  static const std::vector<Key> keys = WithCommonKeys({
      {.name = kPreserveN,
       .type = KeyType::kInteger,
       .default_value = std::int64_t{0},
       .at_most = static_cast<double>(kPoolSizeMax),
       .sentence = "The workers the pool always has; 0 ends them all."},
      {.name = kUniqueInstances,
       .type = KeyType::kUniques,
       .default_value = std::vector<UniqueInstance>(),
       .sentence = "Workers of their own kind among them: one a key, replaced under its key, with "
                   "variables of its own. Changed variables wait for the next replacement."},
  });
  return keys;
}

std::unique_ptr<const DecisionEngine> MakeNPreserving() { return std::make_unique<NPreserving>(); }

}  // namespace epu
