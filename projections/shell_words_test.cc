#include "projections/shell_words.h"

#include <gtest/gtest.h>

#include <absl/strings/str_join.h>

namespace epu {
namespace {

TEST(ShellWords, AreSplitAsAShellSplitsThem) {
  const struct {
    std::string_view line;
    std::string_view words;  // Joined by "|".
  } cases[] = {
      {"", ""},
      {"  \t", ""},
      {"a b", "a|b"},
      {" a  b ", "a|b"},
      {"'a b' c", "a b|c"},
      {"a'b c'd", "ab cd"},
      {R"("a \"b\" \\ \n" c)", R"(a "b" \ \n|c)"},
      {R"(a\ b)", "a b"},
      {R"('a\b')", R"(a\b)"},
      {"'' x \"\"", "|x|"},
      {"${svc.attr} '${.x}'", "${svc.attr}|${.x}"},
      // Bad ones.
      {"'a", "! a quote without its end: '"},
      {"a \"b", "! a quote without its end: \""},
      {"a\\", "! a backslash at the end"},
  };
  for (const auto& [line, expected] : cases) {
    const auto words = SplitShellWords(line);
    EXPECT_EQ(
        words.ok() ? absl::StrJoin(*words, "|") : "! " + std::string(words.status().message()),
        expected)
        << line;
  }
}

TEST(ShellWords, QuotedAreOneWordAgain) {
  for (const std::string text :
       {"", "plain", "a b", "it's", "$x `y` \"z\"", "a\nb", "\\", "*?[", "'"}) {
    const auto words = SplitShellWords(QuoteShellWord(text));
    ASSERT_TRUE(words.ok());
    EXPECT_EQ(*words, std::vector<std::string>{text});
  }
}

}  // namespace
}  // namespace epu
