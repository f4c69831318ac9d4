#include "engines/scheduled.h"

#include <gtest/gtest.h>

#include "engines/scenario.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// The scenario begins on a Sunday at 9:00 UTC, which is 10:00 in Berlin.
constexpr std::string_view kOffice =
    "schedule=mon-fri@08:00=6,mon-fri@18:00=2,sun@00:00=1,sun@12:00=3";

Pool Office(const std::string& settings) {
  return Pool("office").With(ScheduledKeys(), std::string(kOffice) + " " + settings);
}
Pool InBerlin(const std::string& settings) {
  return Office(settings).With("zone", TimeZone{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"});
}

struct Case {
  Pool pool;
  const char* outcome;
};
std::vector<Case> Cases() {
  return {
      // The count of the hour, all at once, however the pool stands.
      {Office("").Undecided(), "1: scheduled 0/1 until 2026-11-22 12:00:00Z"},
      {Office("").Running(1), "1: scheduled 1/1 until 2026-11-22 12:00:00Z"},
      {Office("").Running(9), "1: scheduled 9/1 until 2026-11-22 12:00:00Z"},
      {Office("").Later(3h).Running(1), "3: scheduled 1/3 until 2026-11-23 08:00:00Z"},
      {Office("").Later(23h).Pending(1), "6: scheduled 1/6 until 2026-11-23 18:00:00Z"},
      {Office("").Later(33h).Running(6), "2: scheduled 6/2 until 2026-11-24 08:00:00Z"},
      {Pool("p").With(ScheduledKeys(), "schedule=08:00=4").Running(1), "4: scheduled 1/4"},

      // By the clocks of its zone.
      {InBerlin("").Running(1), "1: scheduled 1/1 until 2026-11-22 11:00:00Z"},
      {InBerlin("").Later(2h).Running(1), "3: scheduled 1/3 until 2026-11-23 07:00:00Z"},
      {Office("zone=-05:00").Later(3h).Running(1), "1: scheduled 1/1 until 2026-11-22 17:00:00Z"},

      // Within the limits, which say so.
      {Office("min_instances=2").Running(2),
       "2: scheduled 2/1 until 2026-11-22 12:00:00Z, minimum 1/2"},
      {Office("min_instances=2").Later(3h).Running(2),
       "3: scheduled 2/3 until 2026-11-23 08:00:00Z"},
      {Office("max_instances=2").Later(3h).Running(1),
       "2: scheduled 1/3 until 2026-11-23 08:00:00Z, max_instances 3/2"},
      {Office("max_instances=0").Running(1),
       "0: scheduled 1/1 until 2026-11-22 12:00:00Z, max_instances 1"},
  };
}

TEST(ScheduledEngine, WantsTheCountOfTheHour) {
  const auto engine = MakeScheduled();
  for (const auto& [pool, outcome] : Cases()) EXPECT_EQ(OutcomeOf(*engine, pool), outcome);
}

TEST(ScheduledEngine, DecidingAgainAtOnceFindsNothing) {
  const auto engine = MakeScheduled();
  for (const auto& [pool, outcome] : Cases()) EXPECT_TRUE(Settles(*engine, pool)) << outcome;
}

TEST(ScheduledEngine, LimitsThatContradictEachOtherAreProblems) {
  const auto engine = MakeScheduled();
  EXPECT_EQ(ProblemsOf(*engine, Office("")), "");
  EXPECT_EQ(ProblemsOf(*engine, Office("max_instances=1")), "") << "the schedule may ask for more";
  EXPECT_EQ(ProblemsOf(*engine, Office("min_instances=3 max_instances=2")),
            "min_instances is 3, above max_instances 2");
}

TEST(ScheduledEngine, ARuleThatCannotBeReadIsAnErrorAndNoDecision) {
  const Pool pool = Office("").With("zone", TimeZone{"Here", "CET"});
  EXPECT_EQ(OutcomeOf(*MakeScheduled(), pool),
            "error: the rule of zone Here has no offset after its name, like the -1 of CET-1");
}

TEST(ScheduledEngine, AZoneNeedsItsRule) {
  const std::string schedule = "08:00=6";
  const struct {
    TimeZone zone;
    const char* problem;
  } cases[] = {
      {{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"}, ""},
      {{"UTC", "UTC0"}, ""},
      {{"+01:00", "<+0100>-01:00"}, ""},
      {{"Europe/Berlin", ""},
       " is Europe/Berlin without its rule; one like CET-1CEST,M3.5.0,M10.5.0/3 is due"},
      {{"Europe/Berlin", "CET"},
       " is Europe/Berlin with the rule \"CET\", which has no offset after its name, like the -1 "
       "of CET-1"},
      {{"Here", std::string(1'000, 'C') + "-1"},
       " is Here with a rule of 1002 letters; 128 are allowed"},
      {{"UTC", "CET-1"}, " is UTC with the rule \"CET-1\", which is UTC0"},
      {{"", "CET-1"}, " is \"\"; a time zone like Europe/Berlin, UTC or +01:00 is due"},
      {{"a b", "CET-1"}, " is \"a b\"; a time zone like Europe/Berlin, UTC or +01:00 is due"},
  };
  for (const auto& [zone, problem] : cases) {
    const auto problems =
        CheckSettings("scheduled", ScheduledKeys(),
                      {{"schedule", *ParseValue(KeyType::kSchedule, schedule)}, {"zone", zone}});
    EXPECT_EQ(problems.empty() ? "" : problems[0].text, problem);
  }
}

}  // namespace
}  // namespace epu
