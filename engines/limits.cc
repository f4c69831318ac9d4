#include "engines/limits.h"

namespace epu {

Key MinInstancesKey(std::int64_t default_value) {
  return {.name = kMinInstances,
          .type = KeyType::kInteger,
          .default_value = default_value,
          .at_most = static_cast<double>(kPoolSizeMax),
          .sentence = "The workers the pool always has, whatever the engine makes of its inputs."};
}

std::optional<DecisionEngine::Problem> LimitsProblem(const EpuDefinition& definition) {
  return OrderProblem(definition, kMinInstances, kMaxInstances);
}

Limited WithinLimits(const EpuDefinition& definition, std::uint32_t size) {
  const auto min = static_cast<std::uint32_t>(IntegerOf(definition, kMinInstances));
  const auto max = static_cast<std::uint32_t>(IntegerOf(definition, kMaxInstances));
  if (size < min) return {min, Because(ConstraintKind::kMinimum, size, min)};
  if (size > max) return {max, Because(ConstraintKind::kMaxInstances, size, max)};
  return {size, std::nullopt};
}

}  // namespace epu
