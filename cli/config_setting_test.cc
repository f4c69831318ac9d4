#include "cli/config_setting.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/config_file.h"
#include "cli/config_format.h"
#include "commands/apply.h"
#include "projections/evolve.h"

namespace epu {
namespace {

ParsedConfig Parse(std::string_view text, const std::set<std::string>& sites = {}) {
  return ParseConfig(text, BuiltInEngines(), sites);
}

std::string FaultsOf(std::string_view text) {
  std::string lines;
  for (const ConfigFault& fault : Parse(text, {"far"}).faults) {
    lines += (lines.empty() ? "" : "\n") + FormatFault("pools.yaml", fault);
  }
  return lines;
}

constexpr std::string_view kOffice = R"(version: 1
epus:
  office:
    engine: scheduled
    config:
      zone: Europe/Berlin
      schedule:
        - {days: mon-fri, at: "08:00", count: 6}
        - {days: [mon-wed, fri], at: 18:00, count: 2}
        - at: "00:30"
          count: 1
      max_instances: 8
    worker: {site: far, command: [x]}
)";

struct Case {
  std::string_view from;
  std::string_view to;
  std::string_view faults;
};

// What is said of the office with `from` replaced by `to`.
std::string OfficeFaults(std::string_view from, std::string_view to) {
  std::string text(kOffice);
  text.replace(text.find(from), from.size(), to);
  return FaultsOf(text);
}

TEST(ConfigSetting, TakesAScheduleAndFindsTheRuleOfItsZone) {
  ASSERT_EQ(FaultsOf(kOffice), "");
  const std::vector<Setting> settings = Parse(kOffice, {"far"}).apply.epus.at(0).settings;
  EXPECT_EQ(settings.at(0).value, Value(TimeZone{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"}));
  EXPECT_EQ(settings.at(1).value,
            Value(Schedule{{0b0011111, 480, 6}, {0b0010111, 1080, 2}, {0b1111111, 30, 1}}));
}

// clang-format off
TEST(ConfigSetting, RefusesWhatIsNoSchedule) {
  const Case cases[] = {
      {"zone: Europe/Berlin", "zone: Europe/Belin", "pools.yaml:6:13: epus.office.config.zone: there is no time zone \"Europe/Belin\"; did you mean Europe/Berlin?"},
      {"zone: Europe/Berlin", "zone: [UTC]", "pools.yaml:6:7: epus.office.config.zone is a list; a time zone like Europe/Berlin is due"},
      {"zone: Europe/Berlin", "zone: Here (CET)", "pools.yaml:6:13: epus.office.config.zone is Here with the rule \"CET\", which has no offset after its name, like the -1 of CET-1"},
      {"mon-fri", "mo-fr", "pools.yaml:8:18: epus.office.config.schedule[0].days: \"mo\" is no day; the days are mon, tue, wed, thu, fri, sat, sun"},
      {"[mon-wed, fri]", "[mon, {}]", "pools.yaml:9:24: epus.office.config.schedule[1].days[1] is a map; a day, a range like mon-fri, or a list of such is due"},
      {"[mon-wed, fri]", "[]", "pools.yaml:9:12: epus.office.config.schedule[1].days is empty; leave it out for every day"},
      {"\"08:00\"", "8:00", "pools.yaml:8:31: epus.office.config.schedule[0].at: \"8:00\" is no time of day; 00:00 to 23:59 is due"},
      {"count: 6", "count: six", "pools.yaml:8:47: epus.office.config.schedule[0].count: \"six\" is no whole number"},
      {"count: 6", "count: 10001", "pools.yaml:8:47: epus.office.config.schedule[0].count is 10001; 0 to 10000 is due"},
      {"count: 6", "cuont: 6", "pools.yaml:8:11: epus.office.config.schedule[0].count is missing; an entry of a schedule needs it\npools.yaml:8:40: epus.office.config.schedule[0].cuont: an entry of a schedule has no such key; did you mean count?"},
      {"- {days: mon-fri, at: \"08:00\", count: 6}", "- mon-fri", "pools.yaml:8:11: epus.office.config.schedule[0] is a single value; a map (key: value) is due"},
      {"at: \"00:30\"", "at: 18:00", "pools.yaml:8:9: epus.office.config.schedule has mon-wed+fri 18:00 twice"},
      {"max_instances: 8", "min_instances: 65", "pools.yaml:12:22: epus.office.config.min_instances is 65, above max_instances 64 (the default)"},
  };
  for (const Case& c : cases) EXPECT_EQ(OfficeFaults(c.from, c.to), c.faults);
}
// clang-format on

TEST(ConfigSetting, AScheduleIsWrittenWithTheRuleOfItsZone) {
  State state;
  Apply apply = Parse(kOffice, {"far"}).apply;
  apply.sites.push_back({"far", "process", 16, ""});
  const auto payloads = DecideApply(state, apply, state.head + 1, BuiltInEngines());
  ASSERT_TRUE(payloads.ok()) << payloads.status();
  for (const Payload& payload : *payloads) {
    Event event;
    event.sequence = state.head + 1;
    event.payload = payload;
    Evolve(state, event);
  }
  const std::string written = FormatConfig(state, FindEpu(state, "office"));
  const std::string config = R"yaml(    config:
      schedule:
        - {days: mon-fri, at: "08:00", count: 6}
        - {days: mon-wed+fri, at: "18:00", count: 2}
        - {at: "00:30", count: 1}
      zone: "Europe/Berlin (CET-1CEST,M3.5.0,M10.5.0/3)"
      min_instances: 0
)yaml";
  EXPECT_NE(written.find(config), std::string::npos) << written;
  const auto again = DecideApply(state, Parse(written).apply, state.head + 1, BuiltInEngines());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->empty()) << "what was written is in force";
}

}  // namespace
}  // namespace epu
