#include "cli/reference.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

Time On(int day, int hour, int minute, int second = 0) {
  return Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

TEST(Reference, IsToldByItsShape) {
  struct Case {
    std::string text;
    std::optional<Reference> expected;
  };
  const std::string longest(63, 'a');
  const std::vector<Case> cases = {
      {"crunch", EpuName{"crunch"}},
      {"crunch.2_b-c", EpuName{"crunch.2_b-c"}},
      {"1st", EpuName{"1st"}},
      {longest, EpuName{longest}},
      {"crunch/12", WorkerOf{"crunch", 12}},
      {"crunch/queue", SensorOf{"crunch", "queue"}},
      {"crunch/1st", SensorOf{"crunch", "1st"}},
      {"18181", SequenceOf{18181}},
      {"18446744073709551615", SequenceOf{~Sequence{0}}},
      {"", std::nullopt},
      {"0", std::nullopt},
      {"018", std::nullopt},
      {"18446744073709551616", std::nullopt},
      {"-1", std::nullopt},
      {"a b", std::nullopt},
      {".a", std::nullopt},
      {longest + "a", std::nullopt},
      {"crunch/", std::nullopt},
      {"/12", std::nullopt},
      {"12/3", std::nullopt},
      {"crunch/0", std::nullopt},
      {"crunch/012", std::nullopt},
      {"crunch/4294967296", std::nullopt},
      {"crunch/a/b", std::nullopt},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<Reference> reference = ParseReference(c.text);
    EXPECT_EQ(reference.ok(), c.expected.has_value()) << c.text;
    if (!reference.ok()) {
      EXPECT_EQ(reference.status().code(), absl::StatusCode::kInvalidArgument);
    } else if (c.expected) {
      EXPECT_EQ(*reference, *c.expected) << c.text;
      EXPECT_EQ(FormatReference(*reference), c.text);
    }
  }
}

TEST(Reference, RefusesANameWithItsRule) {
  EXPECT_EQ(CheckName("EPU", "123").message(),
            "EPU name \"123\" is only digits, which would be a sequence");
  EXPECT_EQ(CheckName("EPU", "a\x1b[2J").message(),
            "EPU name \"a\\x1b[2J\" may have letters, digits, \".\", \"_\" and \"-\" alone");
}

TEST(Durations, HaveAUnit) {
  struct Case {
    std::string text;
    std::optional<Duration> expected;
  };
  const std::vector<Case> cases = {
      {"500ms", 500ms},
      {"10s", 10s},
      {"5m", 5min},
      {"2h", 2h},
      {"3d", 72h},
      {"0s", 0s},
      {"2h11m", 131min},
      {"3d4h", 76h},
      {"", std::nullopt},
      {"5", std::nullopt},
      {"s", std::nullopt},
      {"-5s", std::nullopt},
      {"+5s", std::nullopt},
      {"5 s", std::nullopt},
      {"1.5s", std::nullopt},
      {"5S", std::nullopt},
      {"5w", std::nullopt},
      {"1m2h", std::nullopt},
      {"5s5s", std::nullopt},
      {"99999999999999d", std::nullopt},
      {"36501d", std::nullopt},
      {"99999999999999999999s", std::nullopt},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<Duration> duration = ParseDuration(c.text);
    EXPECT_EQ(duration.ok() ? std::optional<Duration>(*duration) : std::nullopt, c.expected)
        << c.text;
  }
}

TEST(Times, AreWrittenInManyWays) {
  const Time now = On(22, 9, 30);
  struct Case {
    std::string text;
    std::optional<Time> expected;
  };
  const std::vector<Case> cases = {
      {"now", now},
      {"15m", On(22, 9, 15)},
      {"2h", On(22, 7, 30)},
      {"3d", On(19, 9, 30)},
      {"09:12", On(22, 9, 12)},
      {"09:30", now},
      {"09:31", On(21, 9, 31)},  // The last time it was.
      {"23:59:30", On(21, 23, 59, 30)},
      {"09:12Z", On(22, 9, 12)},
      {"2026-11-21", On(21, 0, 0)},
      {"2026-11-21 09:12", On(21, 9, 12)},
      {"2026-11-21 09:12:05Z", On(21, 9, 12, 5)},
      {"2026-11-21T09:12:05.25Z", On(21, 9, 12, 5) + 250ms},
      {"2026-11-21T09:12:05.123456789Z", On(21, 9, 12, 5) + 123456us},
      {"2026-11-21t09:12:05+01:30", On(21, 7, 42, 5)},
      {"2026-11-21T09:12:05-02:00", On(21, 11, 12, 5)},
      {"", std::nullopt},
      {"9:12", std::nullopt},
      {"24:00", std::nullopt},
      {"09:60", std::nullopt},
      {"09:12:61", std::nullopt},
      {"2026-11-31", std::nullopt},
      {"2026-02-29", std::nullopt},
      {"2026-13-01", std::nullopt},
      {"2026-11-21 ", std::nullopt},
      {"2026-11-21 09:12x", std::nullopt},
      {"2026-11-21T09:12:05.Z", std::nullopt},
      {"2026-11-21T09:12:05+1", std::nullopt},
      {"yesterday", std::nullopt},
      {"15", std::nullopt},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<Time> time = ParseTime(c.text, now, Zone::kUtc);
    EXPECT_EQ(time.ok() ? std::optional<Time>(*time) : std::nullopt, c.expected) << c.text;
  }
}

TEST(Times, WithoutAZoneAreMeantInTheLocalOneWhereThatIsAskedFor) {
  setenv("TZ", "XYZ-2", 1);  // Two hours ahead of UTC.
  tzset();
  const Time now = On(22, 9, 30);  // 11:30 there.
  EXPECT_EQ(*ParseTime("2026-11-22 11:12", now, Zone::kLocal), On(22, 9, 12));
  EXPECT_EQ(*ParseTime("2026-11-22 11:12Z", now, Zone::kLocal), On(22, 11, 12));
  EXPECT_EQ(*ParseTime("11:12", now, Zone::kLocal), On(22, 9, 12));
  EXPECT_EQ(*ParseTime("11:31", now, Zone::kLocal), On(21, 9, 31));
  EXPECT_EQ(FormatSeconds(now, Zone::kLocal), "2026-11-22 11:30:00+02:00");
  EXPECT_EQ(FormatTimeOfDay(now, Zone::kLocal), "11:30:00.000+02:00");
}

TEST(Moments, AreTimesOrSequences) {
  const Time now = On(22, 9, 30);
  EXPECT_EQ(*ParseMoment("18181", now, Zone::kUtc), Moment(Sequence{18181}));
  EXPECT_EQ(*ParseMoment("15m", now, Zone::kUtc), Moment(On(22, 9, 15)));
  EXPECT_FALSE(ParseMoment("0", now, Zone::kUtc).ok());
}

}  // namespace
}  // namespace epu
