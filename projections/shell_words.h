#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace epu {

// The words of a line as a POSIX shell splits it, without any of its expansions: blanks part words,
// '…' holds everything, "…" all but \" and \\, a backslash the next character. As Python's
// shlex.split.
//   kInvalidArgument  a quote without its end, or a backslash at the end
absl::StatusOr<std::vector<std::string>> SplitShellWords(std::string_view line);

// One word that a POSIX shell reads as `text`, whatever is in it.
std::string QuoteShellWord(std::string_view text);

}  // namespace epu
