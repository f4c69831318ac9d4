#include "engines/keys.h"

#include <limits>

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

using Uniques = std::vector<UniqueInstance>;

const std::vector<Key>& Keys() {
  static const std::vector<Key> keys = WithCommonKeys({
      {.name = "sensor", .type = KeyType::kText},
      {.name = "size", .type = KeyType::kInteger, .default_value = std::int64_t{3}, .at_most = 9},
      {.name = "share", .type = KeyType::kNumber, .default_value = 0.5, .at_most = 1},
      {.name = "window",
       .type = KeyType::kDuration,
       .default_value = Duration(30s),
       .at_least = 1,
       .at_most = 3600},
      {.name = "uniques", .type = KeyType::kUniques, .default_value = Uniques()},
  });
  return keys;
}

// The problems as they are shown after a path; "ok" where there are none.
std::string Check(const std::vector<Setting>& given) {
  std::string text;
  for (const auto& problem : CheckSettings("tester", Keys(), given)) {
    if (!text.empty()) text += " | ";
    text += problem.key + problem.text;
  }
  return text.empty() ? "ok" : text;
}

// The same with a sensor, which must be given.
std::string CheckOne(std::string_view key, Value value) {
  return Check({{"sensor", std::string("queue")}, {std::string(key), std::move(value)}});
}

TEST(Keys, ValuesAreOfTheirTypeAndWithinTheirLimits) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const struct {
    std::string_view key;
    Value value;
    const char* outcome;
  } cases[] = {
      {"size", std::int64_t{0}, "ok"},
      {"size", std::int64_t{9}, "ok"},
      {"size", std::int64_t{10}, "size is 10, above its limit 9"},
      {"size", std::int64_t{-1}, "size is -1, below its limit 0"},
      {"size", 3.7, "size is \"3.7\"; a whole number is due"},
      {"size", true, "size is \"true\"; a whole number is due"},
      {"size", std::string("3"), "size is \"3\"; a whole number is due"},
      {"share", 1.0, "ok"},
      {"share", 1.5, "share is 1.5, above its limit 1"},
      {"share", kNan, "share is nan; a number is due"},
      {"share", kInfinity, "share is inf, above its limit 1"},
      {"share", std::int64_t{1}, "share is \"1\"; a number is due"},
      {"window", Duration(1s), "ok"},
      {"window", Duration(1h), "ok"},
      {"window", Duration(500ms), "window is 500ms, below its limit 1s"},
      {"window", Duration(61min), "window is 61m, above its limit 1h"},
      {"window", Duration(1500001us), "window is finer than a millisecond"},
      {"window", std::int64_t{30}, "window is \"30\"; a duration like 10s is due"},
      {"max_instances", std::int64_t{0}, "ok"},
      {"max_instances", std::int64_t{10'000}, "ok"},
      {"max_instances", std::int64_t{10'001}, "max_instances is 10001, above its limit 10000"},
      {"devmode_no_failure_compensation", true, "ok"},
      {"devmode_no_failure_compensation", std::string("yes"),
       "devmode_no_failure_compensation is \"yes\"; true or false is due"},
  };
  for (const auto& [key, value, outcome] : cases) EXPECT_EQ(CheckOne(key, value), outcome);
}

TEST(Keys, UniqueInstancesAreNamedOnce) {
  const struct {
    Uniques uniques;
    const char* outcome;
  } cases[] = {
      {{}, "ok"},
      {{{"leader", {{"ROLE", "leader"}}}, {"2", {}}}, "ok"},
      {{{"a", {}}, {"b", {}}, {"a", {}}}, "uniques has \"a\" twice"},
      {{{"a", {{"X", "1"}, {"X", "2"}}}}, "uniques has \"a\" with variable \"X\" twice"},
      {{{"a", {{"X=Y", ""}}}}, "uniques has \"a\" with \"X=Y\", which cannot name a variable"},
      {{{"a", {{"", ""}}}}, "uniques has \"a\" with \"\", which cannot name a variable"},
      {{{"a", std::vector<Variable>(257)}},
       "uniques has \"a\" with 257 variables, above the limit "
       "256"},
      {{{"a b", {}}},
       "uniques has \"a b\"; a key is at most 63 letters, digits, '.', '_' or '-', a "
       "letter or digit first"},
  };
  for (const auto& [uniques, outcome] : cases) EXPECT_EQ(CheckOne("uniques", uniques), outcome);
}

TEST(Keys, UnknownRepeatedAndMissingKeysAreAllNamed) {
  const Setting sensor = {"sensor", std::string("queue")};
  const struct {
    std::vector<Setting> given;
    const char* outcome;
  } cases[] = {
      {{sensor}, "ok"},
      {{}, "sensor is missing; tester needs it"},
      {{{"sensr", std::string("q")}},
       "sensr: tester has no such key; did you mean sensor? | sensor is missing; tester needs it"},
      {{sensor, {"replicas", std::int64_t{1}}},
       "replicas: tester has no such key; epumgmt engines tester lists them"},
      {{sensor, sensor}, "sensor is given twice"},
      {{sensor, {"xyz", true}, {"xyz", true}},
       "xyz: tester has no such key; epumgmt engines tester lists them | xyz is given twice"},
      {{sensor, {"size", std::int64_t{99}}, {"share", 2.0}},
       "size is 99, above its limit 9 | share is 2, above its limit 1"},
  };
  for (const auto& [given, outcome] : cases) EXPECT_EQ(Check(given), outcome);
}

TEST(Keys, CompleteFillsInDefaultsInTheOrderOfTheTable) {
  const std::vector<Setting> complete = {
      {"sensor", std::string("queue")},
      {"size", std::int64_t{7}},
      {"share", 0.5},
      {"window", Duration(30s)},
      {"uniques", Uniques()},
      {"max_instances", std::int64_t{64}},
      {"devmode_no_failure_compensation", false},
  };
  EXPECT_EQ(Complete(Keys(), {{"size", std::int64_t{7}}, {"sensor", std::string("queue")}}),
            complete);
  EXPECT_EQ(Complete(Keys(), complete), complete);
}

TEST(Keys, MergeKeepsUnnamedKeysAndReplacesNamedOnesWhole) {
  const std::vector<Setting> before = {{"size", std::int64_t{7}},
                                       {"uniques", Uniques{{"a", {}}, {"b", {}}}}};
  const std::vector<Setting> after = {{"size", std::int64_t{7}}, {"uniques", Uniques{{"c", {}}}}};
  EXPECT_EQ(Merge(before, {}), before);
  EXPECT_EQ(Merge(before, {{"uniques", Uniques{{"c", {}}}}}), after);
  EXPECT_EQ(Merge({}, before), before);
}

TEST(Keys, ALookAtACompleteDefinition) {
  EpuDefinition definition;
  definition.settings = Complete(Keys(), {{"sensor", std::string("queue")}});
  EXPECT_EQ(TextOf(definition, "sensor"), "queue");
  EXPECT_EQ(IntegerOf(definition, "size"), 3);
  EXPECT_EQ(NumberOf(definition, "share"), 0.5);
  EXPECT_EQ(DurationOf(definition, "window"), Duration(30s));
  EXPECT_EQ(UniquesOf(definition, "uniques"), Uniques());
  EXPECT_EQ(FlagOf(definition, "devmode_no_failure_compensation"), false);
  EXPECT_TRUE(HasKey(definition, "size"));
  EXPECT_FALSE(HasKey(definition, "sizes"));
}

TEST(KeysDeathTest, AMissingKeyOrAnotherTypeIsABugOfOurs) {
  EpuDefinition definition;
  definition.settings = {{"size", std::int64_t{3}}};
  EXPECT_EXIT(IntegerOf(definition, "sizes"), testing::ExitedWithCode(42), "keys.cc");
  EXPECT_EXIT(NumberOf(definition, "size"), testing::ExitedWithCode(42), "keys.cc");
}

TEST(Keys, ParseValueReadsTheTypeOfTheKey) {
  EXPECT_EQ(*ParseValue(Keys()[1], "7"), Value(std::int64_t{7}));
  EXPECT_EQ(*ParseValue(Keys()[3], "7s"), Value(Duration(7s)));
  EXPECT_EQ(ParseValue(Keys()[1], "3.7").status().message(), "\"3.7\" is no whole number");
}

}  // namespace
}  // namespace epu
