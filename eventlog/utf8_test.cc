#include "eventlog/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Utf8, KnowsCharactersFromWhatIsNone) {
  const struct {
    std::string text;
    std::size_t length;  // Of the first character; 0: none.
  } cases[] = {
      {"a", 1},
      {std::string(1, '\0'), 1},
      {"\x7f", 1},
      {"\x80", 0},              // A continuation alone.
      {"\xc1\xbf", 0},          // Overlong.
      {"\xc2\x80", 2},          // U+0080
      {"\xdf\xbf", 2},          // U+07FF
      {"\xdf", 0},              // Cut short.
      {"\xdf\x41", 0},          // No continuation.
      {"\xe0\x9f\xbf", 0},      // Overlong.
      {"\xe0\xa0\x80", 3},      // U+0800
      {"\xed\x9f\xbf", 3},      // U+D7FF
      {"\xed\xa0\x80", 0},      // A surrogate.
      {"\xef\xbf\xbf", 3},      // U+FFFF
      {"\xf0\x8f\xbf\xbf", 0},  // Overlong.
      {"\xf0\x90\x80\x80", 4},  // U+10000
      {"\xf4\x8f\xbf\xbf", 4},  // U+10FFFF
      {"\xf4\x90\x80\x80", 0},  // Beyond.
      {"\xf5\x80\x80\x80", 0},
      {"\xff", 0},
  };
  for (const auto& [text, length] : cases) {
    EXPECT_EQ(CharacterLength(text), length);
    EXPECT_EQ(IsUtf8("x" + text + "y"), length > 0);
  }
  EXPECT_TRUE(IsUtf8(""));
}

}  // namespace
}  // namespace epu
