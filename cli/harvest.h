#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/event_line.h"

// Event lines out of log files of any size, a little more of each file at a time. A file is known
// again by its first bytes and by those before where it was read to, whatever it is called and
// wherever it was copied to: so rotation, copying and truncation neither lose a line nor take one
// twice. A position counts only when what was found before it was taken; whoever takes lines may
// therefore be handed one again after a crash, and tells it by its key.

namespace epu {

// Where one file was read to.
struct FilePosition {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;      // Behind the last whole line.
  std::uint64_t first_size = 0;  // How many of its first bytes, and
  std::string first;             // their hash.
  std::string last;              // Hash of the bytes before the offset.
  bool operator==(const FilePosition&) const = default;
};

// What is known of all sources; a source is a directory of logs, of one service or worker.
struct HarvestPositions {
  std::map<std::string, std::vector<FilePosition>> files;  // By source.
  std::map<std::string, std::deque<std::string>> keys;     // The last kKeysKept of each.
};

// A file of positions: none where it is missing, with a warning where it is no such file.
HarvestPositions ReadPositions(const std::string& path, std::string& warning);
absl::Status WritePositions(const HarvestPositions& positions, const std::string& path);

struct HarvestCounts {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::size_t lines = 0;    // New ones, which were taken.
  std::size_t known = 0;    // That were taken before.
  std::size_t skipped = 0;  // job_sent, job_begin and job_end, of which there is one a job.
  std::size_t bad = 0;
  std::vector<std::string> complaints;  // "FILE: at byte N: what", the first kComplaintsMax.
};

// Takes lines, all or none. An error ends the harvest.
using TakeLines = std::function<absl::Status(const std::vector<EventLine>& lines)>;

// Looks through every file below `directory`, what is new in it, and hands `take` the event lines
// of it in batches. Directories that are links are not followed. `positions` are advanced as far
// as lines were taken.
absl::Status Harvest(const std::string& source, const std::string& directory,
                     HarvestPositions& positions, const TakeLines& take, HarvestCounts& counts);

inline constexpr std::size_t kKeysKept = 100'000;
inline constexpr std::size_t kComplaintsMax = 20;
inline constexpr std::size_t kLineMax = 1 << 20;  // Longer lines are no events.
inline constexpr std::size_t kLinesABatch = 256;

}  // namespace epu
