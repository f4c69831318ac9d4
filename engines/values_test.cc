#include "engines/values.h"

#include <limits>

#include <gtest/gtest.h>

#include "engines/schedule.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// The value as it is written again, or the error.
std::string Parsed(KeyType type, std::string_view text) {
  const absl::StatusOr<Value> value = ParseValue(type, text);
  if (!value.ok()) return std::string(value.status().message());
  EXPECT_EQ(TypeOf(*value), type) << text;
  return FormatValue(*value);
}

TEST(Values, WholeNumbersAreReadStrictly) {
  const struct {
    std::string_view text;
    const char* outcome;
  } cases[] = {
      {"0", "0"},
      {"7", "7"},
      {"100", "100"},
      {"-5", "-5"},  // Limits are checked later, with a better sentence.
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "\"9223372036854775808\" is beyond every limit of a whole number"},
      {"010", "\"010\" is no whole number"},
      {"00", "\"00\" is no whole number"},
      {"-0", "\"-0\" is no whole number"},
      {"-05", "\"-05\" is no whole number"},
      {"--5", "\"--5\" is no whole number"},
      {"-", "\"-\" is no whole number"},
      {"+5", "\"+5\" is no whole number"},
      {" 5", "\" 5\" is no whole number"},
      {"5 ", "\"5 \" is no whole number"},
      {"", "\"\" is no whole number"},
      {"3.7", "\"3.7\" is no whole number"},
      {"3.0", "\"3.0\" is no whole number"},
      {"1e3", "\"1e3\" is no whole number"},
      {"1e999", "\"1e999\" is no whole number"},
      {"0x10", "\"0x10\" is no whole number"},
      {"1_000", "\"1_000\" is no whole number"},
      {"1,000", "\"1,000\" is no whole number"},
      {"nan", "\"nan\" is no whole number"},
      {"inf", "\"inf\" is no whole number"},
      {"yes", "\"yes\" is no whole number"},
      {"true", "\"true\" is no whole number"},
      {"٣", "\"٣\" is no whole number"},
  };
  for (const auto& [text, outcome] : cases) EXPECT_EQ(Parsed(KeyType::kInteger, text), outcome);
}

TEST(Values, AZeroByteEndsNoText) {
  const std::string text("5\0", 2);
  for (const KeyType type :
       {KeyType::kInteger, KeyType::kNumber, KeyType::kDuration, KeyType::kFlag}) {
    EXPECT_FALSE(ParseValue(type, text).ok());
  }
}

TEST(Values, NumbersAreFinite) {
  const struct {
    std::string_view text;
    const char* outcome;
  } cases[] = {
      {"0", "0"},
      {"0.5", "0.5"},
      {"-2.25", "-2.25"},
      {"1e3", "1000"},
      {"1E-3", "0.001"},
      {"1e+300", "1e+300"},
      {"1e999", "\"1e999\" is beyond what a number can hold"},
      {"1e-999", "\"1e-999\" is beyond what a number can hold"},
      {"-0", "\"-0\" is no number"},
      {"-0.0", "\"-0.0\" is no number"},
      {"nan", "\"nan\" is no number"},
      {"NaN", "\"NaN\" is no number"},
      {"inf", "\"inf\" is no number"},
      {"-inf", "\"-inf\" is no number"},
      {"infinity", "\"infinity\" is no number"},
      {"010.5", "\"010.5\" is no number"},
      {".5", "\".5\" is no number"},
      {"5.", "\"5.\" is no number"},
      {"1e", "\"1e\" is no number"},
      {"0x1p3", "\"0x1p3\" is no number"},
      {"1,5", "\"1,5\" is no number"},
      {"+5", "\"+5\" is no number"},
      {" 5", "\" 5\" is no number"},
      {"", "\"\" is no number"},
  };
  for (const auto& [text, outcome] : cases) EXPECT_EQ(Parsed(KeyType::kNumber, text), outcome);
}

TEST(Values, DurationsHaveAUnit) {
  const struct {
    std::string_view text;
    const char* outcome;
  } cases[] = {
      {"500ms", "500ms"},
      {"10s", "10s"},
      {"5m", "5m"},
      {"2h", "2h"},
      {"3d", "3d"},
      {"0s", "0s"},
      {"90s", "90s"},
      {"120s", "2m"},
      {"1000ms", "1s"},
      {"30", "\"30\" has no unit: write 30s, 30m, …"},
      {"0", "\"0\" has no unit: write 0s, 0m, …"},
      {"s", "\"s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"", "\"\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"010s", "\"010s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"-5s", "\"-5s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"+5s", "\"+5s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"1.5s", "\"1.5s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"10 s", "\"10 s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"10S", "\"10S\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"10us", "\"10us\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"1m30s", "\"1m30s\" is no duration like 500ms, 10s, 5m, 2h or 3d"},
      {"999999999d", "\"999999999d\" is beyond what a duration can hold"},
      {"99999999999999999999s", "\"99999999999999999999s\" is beyond what a duration can hold"},
  };
  for (const auto& [text, outcome] : cases) EXPECT_EQ(Parsed(KeyType::kDuration, text), outcome);
}

TEST(Values, FlagsTextUniquesZonesAndSchedules) {
  const struct {
    KeyType type;
    std::string_view text;
    const char* outcome;
  } cases[] = {
      {KeyType::kFlag, "true", "true"},
      {KeyType::kFlag, "false", "false"},
      {KeyType::kFlag, "True", "\"True\" is neither true nor false"},
      {KeyType::kFlag, "yes", "\"yes\" is neither true nor false"},
      {KeyType::kFlag, "1", "\"1\" is neither true nor false"},
      {KeyType::kFlag, "", "\"\" is neither true nor false"},
      {KeyType::kText, "queue", "queue"},
      {KeyType::kText, "010", "010"},
      {KeyType::kText, "", ""},
      {KeyType::kUniques, "leader",
       "\"leader\" cannot be unique instances: they are given in a configuration file"},
      {KeyType::kZone, "+01:00", "+01:00"},
      {KeyType::kZone, "Europe/Berlin", "Europe/Berlin"},
      {KeyType::kSchedule, "mon-fri@08:00=6,18:00=2", "mon-fri@08:00=6,18:00=2"},
      {KeyType::kSchedule, "8:00=6", "\"8:00\" is no time of day; 00:00 to 23:59 is due"},
  };
  for (const auto& [type, text, outcome] : cases) EXPECT_EQ(Parsed(type, text), outcome);
}

TEST(Values, AreWrittenInFull) {
  using Uniques = std::vector<UniqueInstance>;
  const struct {
    Value value;
    const char* text;
  } cases[] = {
      {std::int64_t{-3}, "-3"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {true, "true"},
      {std::string("a b"), "a b"},
      {Duration(36h), "36h"},
      {Duration(1500ms), "1500ms"},
      {Uniques{}, ""},
      {Uniques{{"leader", {{"ROLE", "leader"}, {"N", "1"}}}, {"second", {}}},
       "leader{ROLE=leader,N=1},second{}"},
      {TimeZone{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
       "Europe/Berlin (CET-1CEST,M3.5.0,M10.5.0/3)"},
      {Schedule{{0x1F, 480, 6}, {kEveryDay, 0, 0}}, "mon-fri@08:00=6,00:00=0"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(FormatValue(value), text);
}

TEST(Values, LongTextIsCutInErrors) {
  const std::string error = Parsed(KeyType::kInteger, std::string(1'000'000, 'x'));
  EXPECT_LT(error.size(), 5'000u);
  EXPECT_NE(error.find("(cut, 1000000 bytes)\" is no whole number"), error.npos);
}

}  // namespace
}  // namespace epu
