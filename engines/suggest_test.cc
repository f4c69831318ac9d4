#include "engines/suggest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Suggest, FindsWhatWasMeant) {
  const std::vector<std::string_view> keys = {"preserve_n", "unique_instances", "max_instances",
                                              "queuelen_high_water", "queuelen_low_water"};
  const struct {
    std::string word;
    const char* meant;
  } cases[] = {
      {"preserve_m", "preserve_n"},        // A wrong letter.
      {"perserve_n", "preserve_n"},        // Two swapped ones.
      {"preserven", "preserve_n"},         // One missing.
      {"Max_Instances", "max_instances"},  // Capitals.
      {"queuelen_hgih_water", "queuelen_high_water"},
      {"high_water", "queuelen_high_water"},  // A part of only one.
      {"unique", "unique_instances"},
      {"water", "-"},  // A part of two.
      {"queuelen", "-"},
      {"n", "-"},  // Too short to tell.
      {"", "-"},
      {"replicas", "-"},                 // Nothing near.
      {std::string(100'000, 'x'), "-"},  // Too long to compare.
  };
  for (const auto& [word, meant] : cases) EXPECT_EQ(Suggest(word, keys).value_or("-"), meant);
}

TEST(Suggest, OfEquallyNearOnesTheFirst) {
  const std::vector<std::string_view> words = {"min", "max"};
  EXPECT_EQ(Suggest("mxn", words), "min");
  EXPECT_EQ(Suggest("maxx", words), "max");
}

TEST(Suggest, FindsNothingAmongNothing) { EXPECT_EQ(Suggest("status", {}), std::nullopt); }

}  // namespace
}  // namespace epu
