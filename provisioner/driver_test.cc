#include "provisioner/driver.h"

#include <gtest/gtest.h>

#include "projections/state.h"

namespace epu {
namespace {

TEST(Token, IsWrittenAsTheLogWritesIt) {
  State state;
  state.log_id = "k3f9";
  for (const LaunchId launch :
       {LaunchId{0x5d1e, 208}, LaunchId{0x2a, 1}, LaunchId{0xffffffff, ~std::uint64_t{0}}}) {
    EXPECT_EQ(FormatToken(Token{"k3f9", launch}), TokenOf(state, launch));
  }
  EXPECT_EQ(FormatToken(Token{"k3f9", {0x5d1e, 208}}), "k3f9-5d1e-208");
}

TEST(Token, IsReadBackAsWritten) {
  for (const Token& token : {Token{"k3f9", {0x5d1e, 208}}, Token{"0000", {0, 1}},
                             Token{"Zz9a", {0xffffffff, ~std::uint64_t{0}}}}) {
    const absl::StatusOr<Token> read = ParseToken(FormatToken(token));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, token);
  }
}

TEST(Token, RefusesWhatIsNoTokenOrAnotherSpellingOfOne) {
  for (const char* text : {"",
                           "-",
                           "--",
                           "k3f9",
                           "k3f9-5d1e",
                           "k3f9-5d1e-",
                           "-5d1e-208",
                           "k3f9--208",
                           "k3f9-5d1e-0",
                           "k3f9-5d1e-0208",
                           "k3f9-5D1E-208",
                           "k3f9-5d1-208",
                           "k3f9-05d1e-208",
                           "k3f9-5d1e-208 ",
                           " k3f9-5d1e-208",
                           "k3f9-5d1e-+208",
                           "k3f9-5d1e-208-1",
                           "k3 9-5d1e-208",
                           "k3f9-5d1e-18446744073709551616",
                           "k3f9-1ffffffff-208",
                           "0123456789abcdefg-5d1e-208"}) {
    EXPECT_EQ(ParseToken(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace epu
