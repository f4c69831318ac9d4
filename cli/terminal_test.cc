#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Escape, WritesOutWhatCouldMoveACursor) {
  EXPECT_EQ(Escape("plain, żółw → 3"), "plain, żółw → 3");
  EXPECT_EQ(Escape("a\x1b[2Jb\n\t\r\x7f"), "a\\x1b[2Jb\\n\\t\\r\\x7f");
  EXPECT_EQ(Escape("\xff\xc2"), "\\xff\\xc2");  // No UTF-8.
  EXPECT_EQ(Escape("\xc2\x9b"
                   "31m"),
            "\\xc2\\x9b31m");  // A control of C1.
  EXPECT_EQ(Escape(std::string_view("\0x", 2)), "\\x00x");
}

TEST(Cut, CountsCharactersAndKeepsColoursClosed) {
  EXPECT_EQ(CutToWidth("żółw", 4), "żółw");
  EXPECT_EQ(CutToWidth("żółwik", 4), "żół…");
  EXPECT_EQ(CutToWidth("abc", 0), "");
  EXPECT_EQ(DisplayWidth("\x1b[31mżó\x1b[0m"), 2u);
  EXPECT_EQ(CutToWidth("\x1b[31mabcdef\x1b[0m", 3), "\x1b[31mab…\x1b[0m");
  EXPECT_EQ(EscapeAndCut("a\nbcdef", 5), "a\\nb…");
}

TEST(Glyphs, BecomeAsciiWhereThereIsNoOther) {
  const Terminal plain{.utf8 = false};
  EXPECT_EQ(WithGlyphs("├─ a → b\n│  └─ ≤ ≥ …", plain), "|- a -> b\n|  `- <= >= ...");
  EXPECT_EQ(WithGlyphs("├─ →", Terminal{}), "├─ →");
}

TEST(Tables, AlignAndShowNothingAsADash) {
  const Table table{{"EPU", "STATE"}, {{"crunch", ""}, {"w", "STABLE"}}};
  EXPECT_EQ(FormatTable(table, Terminal{}),
            "EPU     STATE\n"
            "crunch  -\n"
            "w       STABLE\n");
}

TEST(Tables, AreCutOnATerminalAlone) {
  const Table table{{"EPU", "WHAT"}, {{"crunch", "a long sentence"}}};
  EXPECT_EQ(FormatTable(table, {.interactive = true, .width = 14}),
            "EPU     WHAT\n"
            "crunch  a lon…\n");
  EXPECT_EQ(FormatTable(table, {.interactive = false, .width = 14}),
            "EPU     WHAT\n"
            "crunch  a long sentence\n");
}

TEST(Colours, AreThereWhereTheTerminalHasThem) {
  EXPECT_EQ(Colored("STABLE", Color::kGood, {.color = true}), "\x1b[32mSTABLE\x1b[0m");
  EXPECT_EQ(Colored("STABLE", Color::kGood, {}), "STABLE");
}

}  // namespace
}  // namespace epu
