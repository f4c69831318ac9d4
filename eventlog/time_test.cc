#include "eventlog/time.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr Time kMoment =
    std::chrono::sys_days{std::chrono::November / 22 / 2026} + 9h + 13min + 45s + 201334us;

TEST(Time, IsWrittenInUtc) {
  EXPECT_EQ(FormatTime(kMoment), "2026-11-22T09:13:45.201334Z");
  EXPECT_EQ(FormatSeconds(kMoment), "2026-11-22 09:13:45Z");
  EXPECT_EQ(FormatTimeOfDay(kMoment), "09:13:45.201Z");
  EXPECT_EQ(FormatDate(kMoment), "2026-11-22");
}

TEST(Time, BeforeTheEpochIsWrittenToo) {
  EXPECT_EQ(FormatTime(Time(-1us)), "1969-12-31T23:59:59.999999Z");
}

TEST(Duration, IsWrittenInAtMostTwoUnits) {
  const struct {
    Duration duration;
    const char* text;
  } cases[] = {
      {0us, "0s"},      {1us, "1ms"},
      {250ms, "250ms"}, {999'500us, "1000ms"},
      {1s, "1s"},       {59s, "59s"},
      {60s, "1m"},      {100s, "1m40s"},
      {3600s, "1h"},    {2h + 11min, "2h11m"},
      {2h + 5s, "2h"},  {72h + 4h, "3d4h"},
      {-5s, "-5s"},     {Duration::min(), "-106751991d4h"},
  };
  for (const auto& [duration, text] : cases) EXPECT_EQ(FormatDuration(duration), text);
}

}  // namespace
}  // namespace epu
