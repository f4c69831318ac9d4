#include "cli/what_if_page.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

NamedOutcome Named(std::string name, std::optional<Time> modelled) {
  NamedOutcome named{std::move(name), {}};
  PoolOutcome& outcome = named.result.outcome;
  outcome.mark = 100;
  outcome.from = Time(1000s);
  outcome.time = Time(5000s);
  outcome.sizes = {{Time(1000s), 1}, {Time(2000s), 3}};
  outcome.queue = {{Time(1000s), 0}, {Time(2000s), 130}};
  named.result.modelled_from = modelled;
  return named;
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(WhatIfPage, ShowsEachPolicyAndWhereItsModelBegins) {
  const std::string page =
      WhatIfPage({Named("recorded", std::nullopt), Named("high=50", Time(3000s))}, Workload(),
                 "crunch from 5", Zone::kUtc);
  EXPECT_TRUE(Has(page, "<th>high=50</th>"));
  EXPECT_TRUE(Has(page, "high=50 is modelled from here on"));
  EXPECT_TRUE(Has(page, "mark 100"));
  EXPECT_TRUE(Has(page, "<td>worker-hours</td>"));
  EXPECT_FALSE(Has(page, "http://") && Has(page, "src=")) << "it needs nothing from elsewhere";
}

TEST(WhatIfPage, WhatComesFromOutsideIsTextAndNeverMarkup) {
  const std::vector<NamedOutcome> outcomes = {Named("<script>alert(1)</script>", Time(3000s))};
  EXPECT_FALSE(Has(WhatIfPage(outcomes, Workload(), "<b>", Zone::kUtc), "<script>"));
  EXPECT_FALSE(Has(WhatIfPage(outcomes, Workload(), "<b>", Zone::kUtc), "<b>"));
  EXPECT_FALSE(Has(WhatIfSvg(outcomes, Zone::kUtc), "<script>"));
}

}  // namespace
}  // namespace epu
