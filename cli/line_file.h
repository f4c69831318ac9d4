#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

// Files of lines that one writer adds to, and that survive a full disk and a writer's death.

namespace epu {

// Adds `lines`, each with its end, to the file at `path`, which is made with mode 0600 where it is
// missing. What an earlier write came to is not remembered: each time the end of the file is looked
// at, and what stands behind its last line end, half a line of a write that failed, is cut off
// first. So no line is ever glued to another, and after an error as many whole lines are there as
// found room. One writer at a time.
absl::Status AppendLines(const std::string& path, std::string_view lines);

// The whole lines, without their ends, in the last `most` bytes of a file; none where it cannot be
// read. Half a line at either end is left out.
std::vector<std::string> LastLines(const std::string& path, std::size_t most);

}  // namespace epu
