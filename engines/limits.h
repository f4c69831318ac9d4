#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engines/engine.h"
#include "engines/keys.h"

// For engines that choose a size between min_instances, a key of their own, and max_instances,
// which is every engine's.

namespace epu {

inline constexpr std::string_view kMinInstances = "min_instances";
inline constexpr std::string_view kMaxInstances = "max_instances";

// The key min_instances.
Key MinInstancesKey(std::int64_t default_value);

// What is wrong where the least is above the most.
std::optional<DecisionEngine::Problem> LimitsProblem(const EpuDefinition& definition);

struct Limited {
  std::uint32_t size = 0;
  std::optional<Constraint> limit;  // What changed it; none where it was within the limits.
};

// `size`, brought within both.
Limited WithinLimits(const EpuDefinition& definition, std::uint32_t size);

}  // namespace epu
