#include "engines/limits.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

EpuDefinition Within(std::int64_t min, std::int64_t max) {
  EpuDefinition definition;
  definition.settings = {{"min_instances", min}, {"max_instances", max}};
  return definition;
}

TEST(Limits, BringASizeWithinBothAndSayWhich) {
  const struct {
    std::uint32_t size;
    std::uint32_t limited;
    std::optional<Constraint> limit;
  } cases[] = {
      {0, 2, Because(ConstraintKind::kMinimum, 0, 2)},
      {1, 2, Because(ConstraintKind::kMinimum, 1, 2)},
      {2, 2, std::nullopt},
      {5, 5, std::nullopt},
      {6, 5, Because(ConstraintKind::kMaxInstances, 6, 5)},
      {4'000'000'000, 5, Because(ConstraintKind::kMaxInstances, 4'000'000'000, 5)},
  };
  for (const auto& [size, limited, limit] : cases) {
    EXPECT_EQ(WithinLimits(Within(2, 5), size).size, limited);
    EXPECT_EQ(WithinLimits(Within(2, 5), size).limit, limit);
  }
}

TEST(Limits, ThatContradictEachOtherAreAProblem) {
  EXPECT_EQ(LimitsProblem(Within(2, 5)), std::nullopt);
  EXPECT_EQ(LimitsProblem(Within(5, 5)), std::nullopt);
  EXPECT_EQ(LimitsProblem(Within(6, 5)),
            (DecisionEngine::Problem{"min_instances", " is 6, above max_instances 5"}));
}

TEST(Limits, TheKeyHasItsDefault) {
  EXPECT_EQ(MinInstancesKey(0).default_value, Value(std::int64_t{0}));
  EXPECT_EQ(MinInstancesKey(1).default_value, Value(std::int64_t{1}));
  EXPECT_EQ(MinInstancesKey(1).name, "min_instances");
}

}  // namespace
}  // namespace epu
