#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/prefix_hash.h"

// How far each log file was read. A file is known again
//
//   by its device and inode, where its first bytes and those before the position are what they
//   were: up to 32 KiB and up to 64 KiB, so a file that is no longer is compared whole;
//   else by its first bytes, where every byte before the position is what it was: one that was
//   rotated, or copied.
//
// So a file that is only alike is read from its start, and whatever a file is called, no byte of it
// is read twice or left out. Looking up costs the bytes named above, however many files there are;
// the second way reads what is before the position once. Where more than kAlikeMax others have the
// same first bytes, a file may be read once more from its start; the keys of lines then tell.

namespace epu {

struct FilePosition {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;       // Behind the last whole line,
  bool in_long_line = false;      // or inside one that is thrown away for its length.
  ContentHash first{};            // Hash of the first FirstSize(offset) bytes,
  ContentHash whole{};            // PrefixHash of those before TailStart(offset),
  ContentHash last{};             // hash of those from there to the offset.
  std::uint32_t passes_gone = 0;  // Harvests since such a file was there.
  bool operator==(const FilePosition&) const = default;
};

// What is known of all sources; a source is a directory of logs, of one service or worker.
struct HarvestPositions {
  std::map<std::string, std::vector<FilePosition>> files;  // By source.
  std::map<std::string, std::deque<std::string>> keys;     // The last kKeysKept of each.
};

// A file of positions: none where it is missing. With a warning where it is no such file, and where
// an older build wrote it, whose positions knew a file by too little: then every file is read once
// more, and the keys tell what is known.
//   kFailedPrecondition  a newer build wrote it
absl::StatusOr<HarvestPositions> ReadPositions(const std::string& path, std::string& warning);
absl::Status WritePositions(const HarvestPositions& positions, const std::string& path);

// The position of `file` at `offset`. REQUIRES: `prefix` was told its bytes up to there, from
// TailStart(offset) or before it.
FilePosition PositionAt(int file, const struct stat& facts, std::uint64_t offset, bool in_long_line,
                        const PrefixHash& prefix);

// How many first bytes stand for a file that was read to `offset`: a power of two, so that a file
// can be looked up by each of them.
std::uint64_t FirstSize(std::uint64_t offset);

// Where the bytes begin that are compared before an offset: one whole block, and what is of the
// next.
std::uint64_t TailStart(std::uint64_t offset);

// The hash to go on with from a position on, told all up to the offset; none where the file has
// fewer bytes by now.
std::optional<PrefixHash> PrefixOf(int file, const FilePosition& position);

// `size` bytes at `offset`; fewer where the file ends or cannot be read.
std::string BytesAt(int file, std::uint64_t offset, std::uint64_t size);

// Finds positions by what files are. `positions` outlives it and stays as it is.
class PositionIndex {
 public:
  explicit PositionIndex(const std::vector<FilePosition>& positions);

  // Where the file goes on; null: it is new. Of several the furthest: a copy of an older state is
  // one of them. `compared` grows by the bytes that were read for it.
  const FilePosition* Find(int file, const struct stat& facts, std::uint64_t& compared) const;

 private:
  struct Hasher {
    std::size_t operator()(const ContentHash& hash) const { return hash[0]; }
  };

  const FilePosition* FindByContent(int file, std::uint64_t size, std::uint64_t& compared) const;

  std::map<std::pair<std::uint64_t, std::uint64_t>, const FilePosition*> by_inode_;
  std::unordered_map<ContentHash, std::vector<const FilePosition*>, Hasher> by_first_;
};

// The positions after a pass: those that it came to, `now`, and of those `known` before the ones
// that no file went on from, until kPassesKept whole passes did not meet them.
enum class PassEnd { kWhole, kBroken };
void Settle(std::vector<FilePosition> now, const std::set<const FilePosition*>& went_on,
            PassEnd end, std::vector<FilePosition>& known);

inline constexpr std::size_t kKeysKept = 100'000;

// A disk that is away for a day of hourly harvests does not make every file new.
inline constexpr std::uint32_t kPassesKept = 32;

// Each costs up to 64 KiB of the file that is looked up.
inline constexpr std::size_t kAlikeMax = 16;

}  // namespace epu
