#include "engines/zone_rule.h"

#include <string>

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::string_view kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr std::string_view kNewYork = "EST5EDT,M3.2.0,M11.1.0";
constexpr std::string_view kDublin =
    "IST-1GMT0,M10.5.0,M3.5.0/1";  // Summer is what it calls standard.
constexpr std::string_view kLordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
constexpr std::string_view kNuuk =
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";                                // Changes the evening before.
constexpr std::string_view kGaza = "EET-2EEST,M3.4.4/50,M10.4.4/50";  // And days after.

year_month_day Day(int year, unsigned month, unsigned day) {
  return {std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
}
Time Utc(int year, unsigned month, unsigned day, Duration time) {
  return sys_days(Day(year, month, day)) + time;
}
std::chrono::local_seconds Local(int year, unsigned month, unsigned day,
                                 std::chrono::minutes time) {
  return local_days(Day(year, month, day)) + time;
}

// In minutes; the error's text is a failure.
std::int64_t Ahead(std::string_view rule, Time time) {
  const absl::StatusOr<ZoneRule> parsed = ParseZoneRule(rule);
  EXPECT_TRUE(parsed.ok()) << rule << " " << parsed.status();
  return std::chrono::duration_cast<std::chrono::minutes>(AheadAt(*parsed, time)).count();
}

TEST(ZoneRule, TellsHowFarClocksAreAhead) {
  const struct {
    std::string_view rule;
    Time time;
    std::int64_t minutes;
  } cases[] = {
      {"UTC0", Utc(2026, 7, 1, 0h), 0},
      {"JST-9", Utc(2026, 7, 1, 0h), 540},
      {"<+0545>-5:45", Utc(2026, 7, 1, 0h), 345},
      {"<-12>12", Utc(2026, 7, 1, 0h), -720},

      // The last second before each change, and the first after it.
      {kBerlin, Utc(2026, 3, 29, 1h - 1s), 60},
      {kBerlin, Utc(2026, 3, 29, 1h), 120},
      {kBerlin, Utc(2026, 10, 25, 1h - 1s), 120},
      {kBerlin, Utc(2026, 10, 25, 1h), 60},
      {kNewYork, Utc(2026, 3, 8, 7h - 1s), -300},
      {kNewYork, Utc(2026, 3, 8, 7h), -240},
      {kNewYork, Utc(2026, 11, 1, 6h - 1s), -240},
      {kNewYork, Utc(2026, 11, 1, 6h), -300},
      {kDublin, Utc(2026, 3, 29, 1h - 1s), 0},
      {kDublin, Utc(2026, 3, 29, 1h), 60},
      {kDublin, Utc(2026, 10, 25, 1h - 1s), 60},
      {kDublin, Utc(2026, 10, 25, 1h), 0},
      {kLordHowe, Utc(2026, 4, 4, 15h - 1s), 660},
      {kLordHowe, Utc(2026, 4, 4, 15h), 630},
      {kLordHowe, Utc(2026, 10, 3, 15h + 30min - 1s), 630},
      {kLordHowe, Utc(2026, 10, 3, 15h + 30min), 660},
      {kNuuk, Utc(2026, 3, 29, 1h - 1s), -120},
      {kNuuk, Utc(2026, 3, 29, 1h), -60},
      {kGaza, Utc(2026, 3, 28, 0h - 1s), 120},
      {kGaza, Utc(2026, 3, 28, 0h), 180},

      // In the south a summer goes over the end of the year.
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", Utc(2025, 12, 31, 14h), 660},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", Utc(2026, 1, 1, 0h), 660},

      // Days of the year: the 29th of February counts where no J stands.
      {"AAA0BBB,J60/0,J300/0", Utc(2028, 2, 29, 23h), 0},
      {"AAA0BBB,J60/0,J300/0", Utc(2028, 3, 1, 0h), 60},
      {"AAA0BBB,J60/0,J300/0", Utc(2027, 3, 1, 0h), 60},
      {"AAA0BBB,59/0,299/0", Utc(2028, 2, 29, 0h), 60},
      {"AAA0BBB,59/0,299/0", Utc(2027, 2, 28, 23h), 0},
      {"AAA0BBB,59/0,299/0", Utc(2027, 3, 1, 0h), 60},

      // Summer for ever, as RFC 8536 writes it.
      {"XXX3EDT4,0/0,J365/23", Utc(2026, 1, 1, 3h - 1s), -240},
      {"XXX3EDT4,0/0,J365/23", Utc(2026, 1, 1, 3h), -240},
      {"XXX3EDT4,0/0,J365/23", Utc(2026, 7, 1, 0h), -240},
  };
  for (const auto& [rule, time, minutes] : cases) {
    EXPECT_EQ(Ahead(rule, time), minutes) << rule << " at " << FormatTime(time);
  }
}

TEST(ZoneRule, TheFirstMomentOfATimeIsClearOnDaysThatChangeTheClocks) {
  const struct {
    std::string_view rule;
    std::chrono::local_seconds local;
    Time first;
  } cases[] = {
      {"<+01>-1", Local(2026, 3, 29, 2h), Utc(2026, 3, 29, 1h)},

      // 2:00 to 3:00 is skipped: what stands there comes at the change.
      {kBerlin, Local(2026, 3, 29, 1h + 59min), Utc(2026, 3, 29, 59min)},
      {kBerlin, Local(2026, 3, 29, 2h), Utc(2026, 3, 29, 1h)},
      {kBerlin, Local(2026, 3, 29, 2h + 30min), Utc(2026, 3, 29, 1h)},
      {kBerlin, Local(2026, 3, 29, 3h), Utc(2026, 3, 29, 1h)},
      {kBerlin, Local(2026, 3, 29, 3h + 1min), Utc(2026, 3, 29, 1h + 1min)},
      {kBerlin, Local(2026, 3, 30, 2h + 30min), Utc(2026, 3, 30, 30min)},

      // 2:00 to 3:00 is repeated: the first time counts.
      {kBerlin, Local(2026, 10, 25, 1h + 59min), Utc(2026, 10, 24, 23h + 59min)},
      {kBerlin, Local(2026, 10, 25, 2h), Utc(2026, 10, 25, 0h)},
      {kBerlin, Local(2026, 10, 25, 2h + 30min), Utc(2026, 10, 25, 30min)},
      {kBerlin, Local(2026, 10, 25, 2h + 59min), Utc(2026, 10, 25, 59min)},
      {kBerlin, Local(2026, 10, 25, 3h), Utc(2026, 10, 25, 2h)},
      {kBerlin, Local(2026, 10, 26, 2h + 30min), Utc(2026, 10, 26, 1h + 30min)},

      {kNewYork, Local(2026, 3, 8, 2h + 30min), Utc(2026, 3, 8, 7h)},
      {kNewYork, Local(2026, 11, 1, 1h + 30min), Utc(2026, 11, 1, 5h + 30min)},
      {kDublin, Local(2026, 3, 29, 1h + 30min), Utc(2026, 3, 29, 1h)},
      {kDublin, Local(2026, 10, 25, 1h + 30min), Utc(2026, 10, 25, 30min)},
      {kLordHowe, Local(2026, 10, 4, 2h + 15min), Utc(2026, 10, 3, 15h + 30min)},
      {kLordHowe, Local(2026, 4, 5, 1h + 45min), Utc(2026, 4, 4, 14h + 45min)},
      {kNuuk, Local(2026, 3, 28, 23h + 30min), Utc(2026, 3, 29, 1h)},
  };
  for (const auto& [rule, local, first] : cases) {
    EXPECT_EQ(FirstMoment(*ParseZoneRule(rule), local), first)
        << rule << ": " << FormatTime(FirstMoment(*ParseZoneRule(rule), local));
  }
}

// The definition itself, every quarter of an hour over a year: before the first moment of a time
// clocks show less, from it on that or more, as long as they do not go back.
TEST(ZoneRule, TheFirstMomentNeverGoesBackAndIsTheFirst) {
  for (const std::string_view text : {kBerlin, kNewYork, kDublin, kLordHowe, kNuuk, kGaza}) {
    const ZoneRule rule = *ParseZoneRule(text);
    Time last = Utc(2025, 12, 30, 0h);
    for (auto local = Local(2026, 1, 1, 0min); local < Local(2027, 1, 10, 0min); local += 15min) {
      const Time first = FirstMoment(rule, local);
      ASSERT_GE(first, last) << text;
      last = first;
      const auto shown = [&](Time time) { return (time + AheadAt(rule, time)).time_since_epoch(); };
      ASSERT_GE(shown(first), local.time_since_epoch()) << text << " " << FormatTime(first);
      ASSERT_LT(shown(first - 1us), local.time_since_epoch()) << text << " " << FormatTime(first);
    }
  }
}

TEST(ZoneRule, RefusesWhatIsNoRule) {
  const struct {
    std::string_view text;
    const char* error;
  } cases[] = {
      {"", "does not begin with a name like CET or <+01>"},
      {"Europe/Berlin", "has no offset after its name, like the -1 of CET-1"},
      {"CE-1", "does not begin with a name like CET or <+01>"},
      {"<+01-1", "does not begin with a name like CET or <+01>"},
      {"CET", "has no offset after its name, like the -1 of CET-1"},
      {"CET-25", "has no offset after its name, like the -1 of CET-1"},
      {"CET-1:60", "has no offset after its name, like the -1 of CET-1"},
      {"CET-1 ", "goes on with what is no name of a summer time"},
      {"CET-1CEST", "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,M3.5.0",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,M13.5.0,M10.5.0",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,M3.6.0,M10.5.0",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,M3.5.7,M10.5.0",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,J0,J300",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,M3.5.0,M10.5.0/168",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-1CEST,M3.5.0,M10.5.0/3,",
       "does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3"},
      {"CET-99999999999", "has no offset after its name, like the -1 of CET-1"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(ParseZoneRule(text).status().message(), error) << text;
  }
}

TEST(ZoneRule, AFixedZoneHasItsRuleInItsName) {
  const struct {
    std::string_view name;
    std::string_view rule;  // Empty: no fixed zone.
  } cases[] = {
      {"UTC", "UTC0"},
      {"+01:00", "<+0100>-01:00"},
      {"-05:30", "<-0530>+05:30"},
      {"+00:00", "<+0000>-00:00"},
      {"+14:00", "<+1400>-14:00"},
      {"+25:00", ""},
      {"+01:60", ""},
      {"+1:00", ""},
      {"+01", ""},
      {"01:00", ""},
      {"utc", ""},
      {"Europe/Berlin", ""},
      {"", ""},
  };
  for (const auto& [name, rule] : cases) {
    const std::optional<TimeZone> zone = FixedZone(name);
    EXPECT_EQ(zone ? zone->rule : "", rule) << name;
    EXPECT_EQ(zone ? zone->name : name, name);
  }
  EXPECT_EQ(Ahead(FixedZone("+01:00")->rule, Time()), 60);
  EXPECT_EQ(Ahead(FixedZone("-05:30")->rule, Time()), -330);
}

TEST(ZoneRule, AZoneIsReadAsItIsWritten) {
  const struct {
    std::string_view text;
    TimeZone zone;
  } cases[] = {
      {"UTC", {"UTC", "UTC0"}},
      {"+01:00", {"+01:00", "<+0100>-01:00"}},
      {"Europe/Berlin", {"Europe/Berlin", ""}},
      {"Europe/Berlin (CET-1CEST,M3.5.0,M10.5.0/3)",
       {"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"}},
      {"UTC (CET-1)", {"UTC", "CET-1"}},
      {"", {"", ""}},
      {"(CET-1)", {"(CET-1)", ""}},
      {"Here (CET-1", {"Here (CET-1", ""}},
  };
  for (const auto& [text, zone] : cases) {
    EXPECT_EQ(ParseZone(text), zone) << text;
    EXPECT_EQ(FormatZone(zone), text);
  }
}

}  // namespace
}  // namespace epu
