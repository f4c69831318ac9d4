#include "cli/plot_scale.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

TEST(PlotScale, PutsTicksAtRoundValues) {
  const struct {
    double low, high;
    std::vector<double> ticks;
  } cases[] = {
      {0, 132, {0, 50, 100, 150}}, {0, 8, {0, 2, 4, 6, 8}}, {0, 1, {0, 0.5, 1}},
      {0, 0, {0, 0.5, 1}},         {90, 100, {0, 50, 100}}, {-3, 5, {-4, -2, 0, 2, 4, 6}},
  };
  for (const auto& [low, high, ticks] : cases) EXPECT_EQ(ValueTicks(low, high, 5), ticks) << high;
  EXPECT_EQ(ValueTickText(1500), "1,500");
  EXPECT_EQ(ValueTickText(0.25), "0.25");
  EXPECT_EQ(ValueTickText(-2), "-2");
}

TEST(PlotScale, PutsTicksAtWholeTimes) {
  const Time day{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
  const struct {
    Time from;
    Duration length;
    std::string first;
    std::string last;
  } cases[] = {
      {day + 9h + 3min, 1h, "09:10", "10:00"}, {day + 9h + 1s, 20s, "09:00:05", "09:00:20"},
      {day + 1h, 24h, "06:00", "00:00"},       {day + 1h, 24h * 6, "11-23", "11-28"},
      {day, 24h * 92, "12-03", "02-11"},
  };
  for (const auto& [from, length, first, last] : cases) {
    const std::vector<TimeTick> ticks = TimeTicks(from, from + length, 8, Zone::kUtc);
    ASSERT_FALSE(ticks.empty()) << first;
    EXPECT_LE(ticks.size(), 8u);
    EXPECT_EQ(ticks.front().text, first);
    EXPECT_EQ(ticks.back().text, last);
    for (const TimeTick& tick : ticks) EXPECT_TRUE(from <= tick.time && tick.time <= from + length);
  }
  EXPECT_TRUE(TimeTicks(day, day, 8, Zone::kUtc).empty());
}

}  // namespace
}  // namespace epu
