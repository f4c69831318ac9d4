#include "engines/npreserving.h"

#include <gtest/gtest.h>

#include "engines/scenario.h"

namespace epu {
namespace {

using Uniques = std::vector<UniqueInstance>;

Pool Web(std::string_view settings) { return Pool("web").With(NPreservingKeys(), settings); }

Pool WebWithUniques(std::string_view settings) {
  return Web(settings).With("unique_instances", Uniques{{"leader", {}}, {"second", {}}});
}

// The situations and what is decided in each.
struct Case {
  Pool pool;
  const char* outcome;
};
std::vector<Case> Cases() {
  return {
      // It wants preserve_n, all at once, however the pool stands.
      {Web("").Undecided(), "0: preserve_n"},
      {Web("preserve_n=0"), "0: preserve_n"},
      {Web("preserve_n=3").Undecided(), "3: preserve_n 0/3"},
      {Web("preserve_n=3").Running(3), "3: preserve_n 3/3"},
      {Web("preserve_n=5").Running(3), "5: preserve_n 3/5"},
      {Web("preserve_n=1").Running(3), "1: preserve_n 3/1"},
      {Web("preserve_n=0").Running(3), "0: preserve_n 3"},
      {Web("preserve_n=10000 max_instances=10000").Running(1), "10000: preserve_n 1/10000"},

      // Workers on their way change nothing: it does not go step by step.
      {Web("preserve_n=5").Running(2).Pending(1), "5: preserve_n 3/5"},
      {Web("preserve_n=1").Pending(3), "1: preserve_n 3/1"},
      {Web("preserve_n=3").Running(1).Wanted(3), "3: preserve_n 3/3"},
      {Web("preserve_n=3").Running(3).Ending(2), "3: preserve_n 3/3"},

      // Unique instances are among them; those missing are said.
      {WebWithUniques("preserve_n=3").Undecided(), "3: preserve_n 0/3, uniques 0/2"},
      {WebWithUniques("preserve_n=3").Running(3), "3: preserve_n 3/3, uniques 0/2"},
      {WebWithUniques("preserve_n=3").Running(2).Unique("second"),
       "3: preserve_n 3/3, uniques 1/2"},
      {WebWithUniques("preserve_n=3").Running(1).Unique("leader").Unique("second"),
       "3: preserve_n 3/3"},
      {WebWithUniques("preserve_n=3").Running(2).Unique("removed"),
       "3: preserve_n 3/3, uniques 0/2"},
  };
}

TEST(NPreserving, WantsPreserveN) {
  const auto engine = MakeNPreserving();
  for (const auto& [pool, outcome] : Cases()) {
    EXPECT_EQ(OutcomeOf(*engine, pool), outcome);
  }
}

TEST(NPreserving, DecidingAgainAtOnceFindsNothing) {
  const auto engine = MakeNPreserving();
  for (const auto& [pool, outcome] : Cases()) {
    EXPECT_TRUE(Settles(*engine, pool)) << outcome;
  }
}

TEST(NPreserving, KeysThatContradictEachOtherAreProblems) {
  const struct {
    Pool pool;
    const char* problems;
  } cases[] = {
      {Web(""), ""},
      {Web("preserve_n=64"), ""},
      {Web("preserve_n=65"), "preserve_n is 65, above max_instances 64"},
      {Web("preserve_n=3 max_instances=3"), ""},
      {Web("preserve_n=3 max_instances=2"), "preserve_n is 3, above max_instances 2"},
      {WebWithUniques("preserve_n=2"), ""},
      {WebWithUniques("preserve_n=1"), "unique_instances has 2 keys, above preserve_n 1"},
      {WebWithUniques(""), "unique_instances has 2 keys, above preserve_n 0"},
      {WebWithUniques("preserve_n=1 max_instances=0"),
       "preserve_n is 1, above max_instances 0; unique_instances has 2 keys, above preserve_n 1"},
  };
  const auto engine = MakeNPreserving();
  for (const auto& [pool, problems] : cases) {
    EXPECT_EQ(ProblemsOf(*engine, pool), problems);
  }
}

}  // namespace
}  // namespace epu
