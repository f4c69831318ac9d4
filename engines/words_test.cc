#include "engines/words.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

std::string Whole(std::string_view text) {
  const absl::StatusOr<std::int64_t> value = ParseWhole(text);
  return value.ok() ? std::to_string(*value) : std::string(value.status().message());
}

TEST(Words, WholeNumbersAreReadStrictly) {
  EXPECT_EQ(Whole("0"), "0");
  EXPECT_EQ(Whole("-12"), "-12");
  EXPECT_EQ(Whole("012"), "\"012\" is no whole number");
  EXPECT_EQ(Whole("-0"), "\"-0\" is no whole number");
  EXPECT_EQ(Whole("1 "), "\"1 \" is no whole number");
  EXPECT_EQ(Whole(""), "\"\" is no whole number");
  EXPECT_EQ(Whole("9223372036854775808"),
            "\"9223372036854775808\" is beyond every limit of a whole number");
}

TEST(Words, APlainNumberHasNoLeadingZero) {
  for (const char* text : {"0", "7", "100"}) EXPECT_TRUE(IsPlainNumber(text)) << text;
  for (const char* text : {"", "00", "07", "-7", "7.", "x"}) EXPECT_FALSE(IsPlainNumber(text));
}

TEST(Words, LongTextIsCutInQuotes) {
  EXPECT_EQ(Quoted("queue"), "\"queue\"");
  EXPECT_LT(Quoted(std::string(1'000'000, 'x')).size(), 5'000u);
}

}  // namespace
}  // namespace epu
