#include "cli/markup.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Markup, LeavesNothingThatABrowserObeys) {
  const struct {
    std::string text;
    std::string escaped;
  } cases[] = {
      {"queue 132 > high water", "queue 132 &gt; high water"},
      {"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
      {"\" onload=\"x", "&quot; onload=&quot;x"},
      {"a & b &amp;", "a &amp; b &amp;amp;"},
      {"zwölf → 12", "zwölf → 12"},
      {std::string("a\0b\x1b[31m", 8),
       "a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD[31m"},
      {"\xff\xfe", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"", ""},
  };
  for (const auto& [text, escaped] : cases) EXPECT_EQ(EscapeMarkup(text), escaped);
}

}  // namespace
}  // namespace epu
