#include "commands/strangers.h"

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

class Strangers : public testing::Test {
 protected:
  Strangers() {
    here_ = FindSite(given_.state(), "here")->number;
    for (const std::uint64_t request : {1u, 2u, 3u}) given_.Order(Shows(request));
    given_.Order(Collect{{"k3f9-77aa-3"}});
  }

  ReportStranger Shows(std::uint64_t request) const {
    return {here_, {0x77aa, request}, "m", true};
  }
  ReportStranger Lacks(std::uint64_t request) const {
    return {here_, {0x77aa, request}, "m", false};
  }

  Given given_;
  SiteNumber here_{};
};

TEST_F(Strangers, AreRecordedOnceAndWhenTheyAreGone) {
  const SiteNumber nowhere{999};
  const struct {
    ReportStranger report;
    std::string outcome;
  } cases[] = {
      {Shows(4), "stranger 77aa-4 undecided"},
      {Shows(1), ""},
      {Shows(3), ""},
      {Lacks(1), "stranger 77aa-1 gone"},
      {Lacks(4), ""},
      {{nowhere, {0x77aa, 1}, "m", false}, ""},
      {{nowhere, {0x77aa, 4}, "m", true}, ""},
      {{here_, {0x5d1e, 0}, "m", true}, ""},  // This log's own.
      {{here_, {0x5d1e, 1}, "m", true}, "stranger 5d1e-1 undecided"},
  };
  for (const auto& [report, outcome] : cases) EXPECT_EQ(given_.Would(report), outcome);
}

TEST_F(Strangers, AreAdoptedOrCollectedByTheirTokens) {
  given_.Order(Adopt{{"k3f9-77aa-2"}});
  const struct {
    Order order;
    std::string outcome;
  } cases[] = {
      {Adopt{{"k3f9-77aa-1"}}, "stranger 77aa-1 adopted"},
      {Adopt{{"k3f9-77aa-2"}}, ""},
      {Adopt{{"k3f9-77aa-3"}}, "k3f9-77aa-3 is being ended"},
      {Collect{{"k3f9-77aa-2", "k3f9-77aa-1", "k3f9-77aa-2", "k3f9-77aa-3"}},
       "stranger 77aa-1 collected; stranger 77aa-2 collected"},
      {Collect{{"k3f9-77aa-3"}}, ""},
      {Collect{{"k3f9-77aa-9", "k3f9-77aa-1"}},
       "no stranger \"k3f9-77aa-9\": it has ended, or never was"},
      {Collect{{"zzzz-77aa-1"}}, "no stranger \"zzzz-77aa-1\": it has ended, or never was"},
      {Collect{{}}, ""},
  };
  for (const auto& [order, outcome] : cases) EXPECT_EQ(given_.Would(order), outcome);
}

TEST_F(Strangers, AreRecordedUpToALimit) {
  State state = given_.state();
  for (std::uint64_t i = 0; state.strangers.size() < kStrangersMax; ++i) {
    state.strangers[{0x1111, i}].site = here_;
  }
  const Command report{{0, 1}, {}, "", Shows(4)};
  EXPECT_EQ(Decide(state, report, given_.now(), BuiltInEngines())->size(), 0u);
  state.strangers.erase({0x1111, 0});
  EXPECT_EQ(Decide(state, report, given_.now(), BuiltInEngines())->size(), 1u);
}

}  // namespace
}  // namespace epu
