#include "eventlog/base64.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Base64, HasTheKnownTexts) {
  const struct {
    std::string bytes;
    std::string text;
  } cases[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"},
               {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(ToBase64(BytesOf(bytes)), text);
    const auto back = FromBase64(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(std::string(back->begin(), back->end()), bytes);
  }
}

TEST(Base64, RefusesWhatItDoesNotPrint) {
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n",
                                      " Zm9v", "Zm9v ", "Zm-_", "Zg==Zg==", "Zm9v!AAA"}) {
    EXPECT_FALSE(FromBase64(text)) << text;
  }
}

}  // namespace
}  // namespace epu
