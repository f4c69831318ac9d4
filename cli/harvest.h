#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <absl/status/status.h>

#include "cli/event_line.h"
#include "cli/harvest_positions.h"

// Event lines out of log files of any size, a little more of each file at a time. A file is known
// again by what is in it (see harvest_positions.h), so rotation, copying and truncation neither
// lose a line nor take one twice. A position counts only when what was found before it was taken;
// whoever takes lines may therefore be handed one again after a crash, and tells it by its key.

namespace epu {

// A file, or a directory with all below it, that was not read, or not to its end.
struct UnreadFile {
  std::string path;
  std::string reason;  // "Permission denied"
  bool operator==(const UnreadFile&) const = default;
};

struct HarvestCounts {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t compared = 0;  // Bytes that were read to know files again.
  std::size_t lines = 0;       // New ones, which were taken.
  std::size_t known = 0;       // That were taken before.
  std::size_t skipped = 0;     // job_sent, job_begin and job_end, of which there is one a job.
  std::size_t bad = 0;
  std::vector<std::string> complaints;  // "FILE: at byte N: what", the first kComplaintsMax.
  std::size_t unread = 0;
  std::vector<UnreadFile> unread_files;  // The first kComplaintsMax.
};

// Counts what was not read, and names it where there is room.
void NoteUnread(HarvestCounts& counts, const std::string& path, const std::error_code& error);

// Takes lines, all or none. An error ends the harvest.
using TakeLines = std::function<absl::Status(const std::vector<EventLine>& lines)>;

// Looks through every file below `directory`, what is new in it, and hands `take` the event lines
// of it in batches. Directories that are links are not followed. What cannot be read is counted and
// named, and the rest is read. `positions` are advanced as far as lines were taken.
absl::Status Harvest(const std::string& source, const std::string& directory,
                     HarvestPositions& positions, const TakeLines& take, HarvestCounts& counts);

inline constexpr std::size_t kComplaintsMax = 20;
inline constexpr std::size_t kLineMax = 1 << 20;  // Longer lines are no events.
inline constexpr std::size_t kLinesABatch = 256;

}  // namespace epu
