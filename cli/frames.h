#pragma once

#include <string>
#include <string_view>

#include "cli/terminal.h"

// Answers that are shown again and again. Pure.

namespace epu {

// What a terminal is sent to show `text` in the place of what it showed before: drawn over that
// from the upper left corner, never cleared in between, so that nothing flickers. Lines are cut to
// the terminal's width, and those that do not fit its height are counted in the last one.
std::string FrameText(std::string_view text, const Terminal& terminal);

}  // namespace epu
