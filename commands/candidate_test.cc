#include "commands/candidate.h"

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

TEST(Candidate, IsThePolicyInForceButForWhatItNames) {
  const EngineCatalog catalog = BuiltInEngines();
  const EpuDefinition in_force =
      DefinitionOf(catalog, "crunch", "queuelen",
                   "sensor=queue queuelen_high_water=100 queuelen_low_water=10 min_instances=1 "
                   "max_instances=8");
  const struct {
    CandidatePolicy candidate;
    const char* outcome;  // The engine and max_instances, or what is wrong.
  } cases[] = {
      {{}, "queuelen 8"},
      {{"", {{"max_instances", std::int64_t{3}}}}, "queuelen 3"},
      {{"npreserving", {{"preserve_n", std::int64_t{2}}}}, "npreserving 8"},
      {{"npreserving", {}}, "npreserving 8"},
      {{"nosuch", {}}, "NOT_FOUND: this build has no engine \"nosuch\"; see: epumgmt engines"},
      {{"", {{"queuelen_low_water", std::int64_t{120}}}},
       "INVALID_ARGUMENT: queuelen_low_water is 120, above queuelen_high_water 100"},
  };
  for (const auto& [candidate, outcome] : cases) {
    const auto under = UnderCandidate(in_force, candidate, catalog);
    const std::string text =
        under.ok() ? under->engine + " " + std::to_string(IntegerOf(*under, "max_instances"))
                   : under.status().ToString();
    EXPECT_EQ(text.substr(0, std::string_view(outcome).size()), outcome);
  }
}

}  // namespace
}  // namespace epu
