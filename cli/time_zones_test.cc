#include "cli/time_zones.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "engines/zone_rule.h"

namespace epu {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr Time kNow{sys_days{std::chrono::November / 22 / 2026} + 9h};

std::string Found(std::string_view name, const std::string& directory = kTimeZoneDirectory) {
  const absl::StatusOr<TimeZone> zone = WithRule(ParseZone(name), kNow, directory);
  if (!zone.ok()) return std::string(zone.status().message());
  return zone->rule;
}

TEST(TimeZones, AreFoundWithTheirRule) {
  EXPECT_EQ(Found("Europe/Berlin"), "CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ(Found("Asia/Tokyo"), "JST-9");
  EXPECT_EQ(Found("Etc/GMT+1"), "<-01>1");
  EXPECT_EQ(Found("UTC", "/nowhere"), "UTC0");
  EXPECT_EQ(Found("+01:00", "/nowhere"), "<+0100>-01:00");
  EXPECT_EQ(Found("Anywhere (CET-1)", "/nowhere"), "CET-1");
  EXPECT_EQ(WithRule({"Europe/Berlin", ""}, kNow)->name, "Europe/Berlin");
}

TEST(TimeZones, WhatIsNoneIsRefused) {
  const struct {
    std::string_view name;
    const char* error;
  } cases[] = {
      {"Europe/Belin", "there is no time zone \"Europe/Belin\"; did you mean Europe/Berlin?"},
      {"europe/berlin", "there is no time zone \"europe/berlin\"; did you mean Europe/Berlin?"},
      {"Mars/Olympus_Mons_Base",
       "there is no time zone \"Mars/Olympus_Mons_Base\"; a name like Europe/Berlin, UTC or +01:00 "
       "is due"},
      {"Europe", "there is no time zone \"Europe\"; "},
      {"", "there is no time zone \"\"; "},
      {"../../etc/passwd", "there is no time zone \"../../etc/passwd\"; "},
      {"/etc/passwd", "there is no time zone \"/etc/passwd\"; "},
      {"zone.tab", "there is no time zone \"zone.tab\"; "},
      {"+25:00", "there is no time zone \"+25:00\"; "},
  };
  for (const auto& [name, error] : cases) {
    EXPECT_EQ(Found(name).substr(0, std::string_view(error).size()), error);
  }
  EXPECT_EQ(Found("Europe/Berlin", "/nowhere"),
            "no time zone database is at /nowhere; install tzdata, or write one like \"Here "
            "(CET-1CEST,M3.5.0,M10.5.0/3)\"");
}

// Morocco sets its clocks back for Ramadan, whose dates are in the database year by year.
TEST(TimeZones, OneThatGoesByDatesIsRefused) {
  EXPECT_TRUE(
      Found("Africa/Casablanca").starts_with("Africa/Casablanca has no rule for every year"))
      << Found("Africa/Casablanca");
}

TEST(TimeZones, ADamagedFileIsRefusedAtAnyLength) {
  char directory[] = "/tmp/epu-zones-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  std::ifstream whole("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(whole), std::istreambuf_iterator<char>()};
  ASSERT_GT(text.size(), 100u);
  for (std::size_t size = 4; size < text.size(); size += 7) {
    std::ofstream(std::string(directory) + "/Cut", std::ios::binary) << text.substr(0, size);
    EXPECT_EQ(Found("Cut", directory), std::string(directory) +
                                           "/Cut cannot be read as a time zone; install tzdata "
                                           "anew");
  }
  std::ofstream(std::string(directory) + "/Cut", std::ios::binary) << text;
  EXPECT_EQ(Found("Cut", directory), "CET-1CEST,M3.5.0,M10.5.0/3");
  std::filesystem::remove_all(directory);
}

// The rule and this machine's C library, hour by hour over five years.
TEST(TimeZones, TheRuleGoesAsTheClocksOfTheZoneDo) {
  for (const char* name :
       {"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns",
        "America/Santiago", "America/Nuuk", "Australia/Lord_Howe", "Australia/Sydney",
        "Pacific/Auckland", "Asia/Kathmandu", "Asia/Kolkata", "Africa/Cairo", "Etc/GMT-14"}) {
    const absl::StatusOr<TimeZone> zone = WithRule(ParseZone(name), kNow);
    ASSERT_TRUE(zone.ok()) << name << " " << zone.status();
    const ZoneRule rule = *ParseZoneRule(zone->rule);
    ASSERT_EQ(setenv("TZ", name, 1), 0);
    tzset();
    for (Time time = kNow; time < kNow + std::chrono::days(5 * 365); time += 1h) {
      const std::time_t seconds =
          std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
      std::tm local{};
      localtime_r(&seconds, &local);
      ASSERT_EQ(AheadAt(rule, time).count(), local.tm_gmtoff) << name << " " << FormatTime(time);
    }
  }
}

}  // namespace
}  // namespace epu
