#include "engines/schedule.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

// As it is written again, or the error.
std::string Parsed(std::string_view text) {
  const absl::StatusOr<Schedule> schedule = ParseSchedule(text);
  return schedule.ok() ? FormatSchedule(*schedule) : std::string(schedule.status().message());
}

TEST(Schedule, IsReadAndWritten) {
  const struct {
    std::string_view text;
    const char* outcome;
  } cases[] = {
      {"08:00=6", "08:00=6"},
      {"mon-sun@08:00=6", "08:00=6"},
      {"mon-fri@08:00=6,mon-fri@18:00=2,sat+sun@00:00=0",
       "mon-fri@08:00=6,mon-fri@18:00=2,sat+sun@00:00=0"},
      {"mon@23:59=10000", "mon@23:59=10000"},
      {"mon+tue+wed@08:00=1", "mon-wed@08:00=1"},
      {"mon+wed+fri-sun@08:00=1", "mon+wed+fri-sun@08:00=1"},
      {"fri-mon@08:00=1", "mon+fri-sun@08:00=1"},
      {"sun-mon@08:00=1", "mon+sun@08:00=1"},

      {"", "\"\" is no entry of a schedule like mon-fri@08:00=6"},
      {"6", "\"6\" is no entry of a schedule like mon-fri@08:00=6"},
      {"mon-fri@08:00", "\"mon-fri@08:00\" is no entry of a schedule like mon-fri@08:00=6"},
      {"08:00=6,", "\"08:00=6,\" ends with a comma; another entry is due"},
      {"08:00=6,,09:00=1", "\"\" is no entry of a schedule like mon-fri@08:00=6"},
      {"Mon@08:00=6", "\"Mon\" is no day; the days are mon, tue, wed, thu, fri, sat, sun"},
      {"@08:00=6", "\"\" is no day; the days are mon, tue, wed, thu, fri, sat, sun"},
      {"mon-@08:00=6", "\"\" is no day; the days are mon, tue, wed, thu, fri, sat, sun"},
      {"mon-fri-sun@08:00=6",
       "\"fri-sun\" is no day; the days are mon, tue, wed, thu, fri, sat, sun"},
      {"mon+@08:00=6", "\"mon+\" ends with +; another day is due"},
      {"8:00=6", "\"8:00\" is no time of day; 00:00 to 23:59 is due"},
      {"24:00=6", "\"24:00\" is no time of day; 00:00 to 23:59 is due"},
      {"08:60=6", "\"08:60\" is no time of day; 00:00 to 23:59 is due"},
      {"08:00:00=6", "\"08:00:00\" is no time of day; 00:00 to 23:59 is due"},
      {"0a:00=6", "\"0a:00\" is no time of day; 00:00 to 23:59 is due"},
      {"08:00=", "\"\" is no whole number"},
      {"08:00=06", "\"06\" is no whole number"},
      {"08:00=-1", "\"-1\" is no number of workers"},
      {"08:00=5000000000", "\"5000000000\" is no number of workers"},
  };
  for (const auto& [text, outcome] : cases) EXPECT_EQ(Parsed(text), outcome) << text;
}

TEST(Schedule, EverySetOfDaysIsReadAsItWasWritten) {
  for (std::uint8_t days = 1; days <= kEveryDay; ++days) {
    EXPECT_EQ(*ParseDays(FormatDays(days)), days) << FormatDays(days);
  }
}

TEST(Schedule, SaysWhatIsWrong) {
  const struct {
    Schedule schedule;
    const char* problem;
  } cases[] = {
      {*ParseSchedule("mon@08:00=6,tue@08:00=6"), ""},
      {{}, " is empty; an entry is due"},
      {*ParseSchedule("mon-fri@08:00=6,fri-sun@08:00=1"), " has fri 08:00 twice"},
      {*ParseSchedule("mon-fri@08:00=6,08:00=1"), " has mon-fri 08:00 twice"},
      {*ParseSchedule("08:00=6,mon@18:30=9"), " has 9 at 18:30, above the limit 8"},
      {{{0, 0, 1}}, " has an entry without a day"},
      {{{0x80, 0, 1}}, " has an entry without a day"},
      {{{1, 1440, 1}}, " has an entry beyond the end of its day"},
      {Schedule(169, ScheduleEntry{1, 0, 1}), " has 169 entries, above the limit 168"},
  };
  for (const auto& [schedule, problem] : cases) {
    EXPECT_EQ(ScheduleProblem(schedule, 8).value_or(""), problem);
  }
}

// ---- What holds when ----

constexpr std::string_view kOffice = "mon-fri@08:00=6,mon-fri@18:00=2,sat+sun@00:00=0";
constexpr std::string_view kNight = "02:30=9,03:30=1";  // In the hour that changes.
constexpr std::string_view kUtc = "UTC0";
constexpr std::string_view kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr std::string_view kNewYork = "EST5EDT,M3.2.0,M11.1.0";
constexpr std::string_view kLine = "<+14>-14";  // Where a day is over long before it is in UTC.

Time Utc(unsigned month, unsigned day, Duration time) {
  return sys_days(std::chrono::year(2026) / std::chrono::month(month) / std::chrono::day(day)) +
         time;
}

// "6 until 2026-11-23 17:00:00Z"
std::string At(std::string_view schedule, std::string_view rule, Time now) {
  const auto [count, until] = ScheduledAt(*ParseSchedule(schedule), *ParseZoneRule(rule), now);
  return std::to_string(count) + (until ? " until " + FormatSeconds(*until) : "");
}

TEST(Schedule, AnEntryHoldsUntilAnotherCountTakesOver) {
  const struct {
    std::string_view schedule;
    std::string_view rule;
    Time now;
    const char* outcome;
  } cases[] = {
      // The 23rd of November 2026 is a Monday.
      {kOffice, kUtc, Utc(11, 23, 8h - 1us), "0 until 2026-11-23 08:00:00Z"},
      {kOffice, kUtc, Utc(11, 23, 8h), "6 until 2026-11-23 18:00:00Z"},
      {kOffice, kUtc, Utc(11, 23, 18h - 1us), "6 until 2026-11-23 18:00:00Z"},
      {kOffice, kUtc, Utc(11, 23, 18h), "2 until 2026-11-24 08:00:00Z"},
      {kOffice, kUtc, Utc(11, 24, 3h), "2 until 2026-11-24 08:00:00Z"},
      {kOffice, kUtc, Utc(11, 27, 23h), "2 until 2026-11-28 00:00:00Z"},
      {kOffice, kUtc, Utc(11, 28, 0h), "0 until 2026-11-30 08:00:00Z"},
      {kOffice, kUtc, Utc(11, 29, 12h), "0 until 2026-11-30 08:00:00Z"},
      {kOffice, kBerlin, Utc(11, 23, 7h - 1us), "0 until 2026-11-23 07:00:00Z"},
      {kOffice, kBerlin, Utc(11, 23, 7h), "6 until 2026-11-23 17:00:00Z"},
      {kOffice, kLine, Utc(11, 22, 18h), "6 until 2026-11-23 04:00:00Z"},

      // Whatever the order in which it is written.
      {"sat+sun@00:00=0,mon-fri@18:00=2,mon-fri@08:00=6", kUtc, Utc(11, 23, 9h),
       "6 until 2026-11-23 18:00:00Z"},

      // One entry holds for ever, and one day of the week for a whole one.
      {"08:00=6", kUtc, Utc(11, 23, 0h), "6"},
      {"mon@08:00=6", kUtc, Utc(11, 23, 0h), "6"},
      {"mon@08:00=6,mon@09:00=2", kUtc, Utc(11, 23, 8h - 1us), "2 until 2026-11-23 08:00:00Z"},
      {"mon@08:00=6,mon@09:00=2", kUtc, Utc(11, 23, 9h), "2 until 2026-11-30 08:00:00Z"},

      // The first of January, and the day before.
      {kOffice, kUtc, Utc(1, 1, 0h), "2 until 2026-01-01 08:00:00Z"},
      {kOffice, kUtc, Utc(12, 31, 20h), "2 until 2027-01-01 08:00:00Z"},
  };
  for (const auto& [schedule, rule, now, outcome] : cases) {
    EXPECT_EQ(At(schedule, rule, now), outcome) << FormatTime(now);
  }
}

TEST(Schedule, ADayThatChangesTheClocksKeepsItsTimes) {
  const struct {
    std::string_view schedule;
    std::string_view rule;
    Time now;
    const char* outcome;
  } cases[] = {
      // 8:00 is another moment of UTC from one day to the next.
      {"08:00=6,18:00=2", kBerlin, Utc(3, 28, 7h), "6 until 2026-03-28 17:00:00Z"},
      {"08:00=6,18:00=2", kBerlin, Utc(3, 28, 17h), "2 until 2026-03-29 06:00:00Z"},
      {"08:00=6,18:00=2", kBerlin, Utc(10, 24, 6h), "6 until 2026-10-24 16:00:00Z"},
      {"08:00=6,18:00=2", kBerlin, Utc(10, 24, 16h), "2 until 2026-10-25 07:00:00Z"},

      // The hour 2:00 to 3:00 is skipped: what begins in it begins at its end.
      {kNight, kBerlin, Utc(3, 28, 1h + 30min), "9 until 2026-03-28 02:30:00Z"},
      {kNight, kBerlin, Utc(3, 29, 1h - 1us), "1 until 2026-03-29 01:00:00Z"},
      {kNight, kBerlin, Utc(3, 29, 1h), "9 until 2026-03-29 01:30:00Z"},
      {kNight, kBerlin, Utc(3, 29, 1h + 30min), "1 until 2026-03-30 00:30:00Z"},
      // Two in it: the later one holds, and the earlier one for no time at all.
      {"02:10=9,02:20=4,03:30=1", kBerlin, Utc(3, 29, 1h - 1us), "1 until 2026-03-29 01:00:00Z"},
      {"02:10=9,02:20=4,03:30=1", kBerlin, Utc(3, 29, 1h), "4 until 2026-03-29 01:30:00Z"},

      // The hour is repeated: what began in it goes on, and begins no second time.
      {kNight, kBerlin, Utc(10, 25, 30min - 1us), "1 until 2026-10-25 00:30:00Z"},
      {kNight, kBerlin, Utc(10, 25, 30min), "9 until 2026-10-25 02:30:00Z"},
      {kNight, kBerlin, Utc(10, 25, 1h), "9 until 2026-10-25 02:30:00Z"},
      {kNight, kBerlin, Utc(10, 25, 1h + 15min), "9 until 2026-10-25 02:30:00Z"},
      {kNight, kBerlin, Utc(10, 25, 1h + 45min), "9 until 2026-10-25 02:30:00Z"},
      {kNight, kBerlin, Utc(10, 25, 2h + 30min), "1 until 2026-10-26 01:30:00Z"},
      // Both ends in it: the second holds through the repetition.
      {"02:10=9,02:50=4", kBerlin, Utc(10, 25, 10min), "9 until 2026-10-25 00:50:00Z"},
      {"02:10=9,02:50=4", kBerlin, Utc(10, 25, 50min), "4 until 2026-10-26 01:10:00Z"},
      {"02:10=9,02:50=4", kBerlin, Utc(10, 25, 1h + 20min), "4 until 2026-10-26 01:10:00Z"},

      {kNight, kNewYork, Utc(3, 8, 7h - 1us), "1 until 2026-03-08 07:00:00Z"},
      {kNight, kNewYork, Utc(3, 8, 7h), "9 until 2026-03-08 07:30:00Z"},
      {"01:30=9,03:30=1", kNewYork, Utc(11, 1, 5h + 30min), "9 until 2026-11-01 08:30:00Z"},
  };
  for (const auto& [schedule, rule, now, outcome] : cases) {
    EXPECT_EQ(At(schedule, rule, now), outcome) << FormatTime(now);
  }
}

// Over a year of Berlin, every quarter of an hour: what is said to take over next is what is next
// seen.
TEST(Schedule, WhatIsSaidToTakeOverDoes) {
  const Schedule schedule = *ParseSchedule(kNight);
  const ZoneRule rule = *ParseZoneRule(kBerlin);
  Scheduled last = ScheduledAt(schedule, rule, Utc(1, 1, 0h));
  int changes = 0;
  for (Time now = Utc(1, 1, 0h); now < Utc(12, 31, 0h); now += 15min) {
    const Scheduled scheduled = ScheduledAt(schedule, rule, now);
    ASSERT_EQ(scheduled.count != last.count, now == *last.until) << FormatTime(now);
    changes += scheduled.count != last.count ? 1 : 0;
    last = scheduled;
  }
  EXPECT_EQ(changes, 2 * 364) << "once a day each, on days that change the clocks too";
}

}  // namespace
}  // namespace epu
