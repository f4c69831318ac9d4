#include "cli/frames.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Frames, AreDrawnOverEachOtherAndNeverCleared) {
  Terminal terminal;
  EXPECT_EQ(FrameText("one\ntwo\n", terminal), "\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J");
  EXPECT_EQ(FrameText("", terminal), "\x1b[H\x1b[J");
}

TEST(Frames, FitTheScreen) {
  Terminal terminal;
  terminal.width = 6;
  terminal.height = 4;  // Three lines, and a free one.
  EXPECT_EQ(FrameText("a\nb\nc\n", terminal), "\x1b[Ha\x1b[K\nb\x1b[K\nc\x1b[K\n\x1b[J");
  EXPECT_EQ(FrameText("a\nb\nc\nd\ne\n", terminal), "\x1b[Ha\x1b[K\nb\x1b[K\n… 3 m…\x1b[K\n\x1b[J");
  EXPECT_EQ(FrameText("1234567\n", terminal), "\x1b[H12345…\x1b[K\n\x1b[J");
  terminal.utf8 = false;
  EXPECT_EQ(FrameText("→\n", terminal), "\x1b[H->\x1b[K\n\x1b[J");
}

}  // namespace
}  // namespace epu
