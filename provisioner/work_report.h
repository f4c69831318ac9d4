#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "eventlog/event.h"

// What a worker says of itself in the file that EPU_REPORT names, line by line:
//
//   activity busy                 or idle
//   doing photo-17.jpg            any text: what it is busy with
//   metric load 0.73              a name and a number; as many as kMetricsMax of them
//
// A worker writes it whenever it likes, in one write or by renaming another file to it. Empty lines
// and lines that begin with '#' say nothing. The last of two lines about one thing counts.

namespace epu {

// A report is read no further than this.
inline constexpr std::size_t kWorkReportBytesMax = 4096;

// What `text` says; its age is not in it. kInvalidArgument names the first line that says nothing
// known, and its number. kUnavailable where the text is empty or its last line has no end: it is
// being written.
absl::StatusOr<WorkReport> ParseWorkReport(std::string_view text);

}  // namespace epu
