#include "cli/harvest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/new_file.h"
#include "eventlog/sha256.h"

namespace epu {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kFirstBytes = 1024;
constexpr std::size_t kLastBytes = 256;
constexpr std::size_t kBlock = 1 << 20;

bool IsOfAJob(std::string_view name) {
  return name == "job_sent" || name == "job_begin" || name == "job_end";
}

std::string HashOf(std::string_view bytes) {
  std::string text;
  for (const auto byte : Sha256({BytesOf(bytes)}))
    text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

// `size` bytes at `offset`; fewer where the file ends.
std::string BytesAt(int file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t more =
        pread(file, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    got += static_cast<std::size_t>(more);
  }
  bytes.resize(got);
  return bytes;
}

// Whether `file`, of `size` bytes, goes on where `position` was.
bool GoesOn(int file, std::uint64_t size, const FilePosition& position) {
  if (position.offset == 0 || size < position.offset) return false;
  if (HashOf(BytesAt(file, 0, position.first_size)) != position.first) return false;
  const std::uint64_t last = std::min<std::uint64_t>(position.offset, kLastBytes);
  return HashOf(BytesAt(file, position.offset - last, last)) == position.last;
}

// One file that is being read.
class Reading {
 public:
  Reading(const std::string& path, int file, std::uint64_t offset, std::set<std::string>& known,
          std::deque<std::string>& keys, const TakeLines& take, HarvestCounts& counts)
      : path_(path),
        file_(file),
        offset_(offset),
        taken_to_(offset),
        known_(known),
        keys_(keys),
        take_(take),
        counts_(counts) {}

  // To the last whole line there is. `offset()` tells how far lines were taken, also on an error.
  absl::Status Read() {
    std::string text;
    for (std::uint64_t at = offset_;;) {
      const std::size_t had = text.size();
      text.resize(had + kBlock);
      const ssize_t got = pread(file_, text.data() + had, kBlock, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) {
        text.resize(had);
        continue;
      }
      text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got <= 0) break;
      at += static_cast<std::uint64_t>(got);
      counts_.bytes += static_cast<std::uint64_t>(got);
      if (absl::Status looked = Look(text); !looked.ok()) return looked;
    }
    return Flush(offset_);
  }

  std::uint64_t offset() const { return taken_to_; }

 private:
  // Looks through the whole lines of `text`, which begins at offset_, and leaves the rest.
  absl::Status Look(std::string& text) {
    const std::size_t end = text.rfind('\n');
    if (end == std::string::npos) {
      if (text.size() > kLineMax) DropLong(text);
      return absl::OkStatus();
    }
    std::string_view lines(text.data(), end + 1);
    std::size_t from = 0;
    if (in_long_line_) {
      from = lines.find('\n') + 1;
      in_long_line_ = false;
    }
    while (true) {
      // The marker is sought, not the lines: most have none.
      const void* found = memmem(lines.data() + from, lines.size() - from, kEventMarker.data(),
                                 kEventMarker.size());
      if (found == nullptr) break;
      const auto marker = static_cast<std::size_t>(static_cast<const char*>(found) - lines.data());
      const std::size_t before =
          marker == 0 ? std::string_view::npos : lines.rfind('\n', marker - 1);
      const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
      const std::size_t stop = lines.find('\n', marker);
      Note(lines.substr(begin, stop - begin), offset_ + begin);
      from = stop + 1;
      if (batch_.size() < kLinesABatch) continue;
      if (absl::Status taken = Flush(offset_ + from); !taken.ok()) return taken;
    }
    offset_ += end + 1;
    text.erase(0, end + 1);
    return absl::OkStatus();
  }

  // What is longer than any event is thrown away as it comes, up to its end.
  void DropLong(std::string& text) {
    if (!in_long_line_ &&
        memmem(text.data(), text.size(), kEventMarker.data(), kEventMarker.size()) != nullptr) {
      Complain(offset_, fmt::format("a line of more than {} bytes", kLineMax));
    }
    in_long_line_ = true;
    offset_ += text.size();
    text.clear();
  }

  void Note(std::string_view line, std::uint64_t at) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    absl::StatusOr<std::optional<EventLine>> event = ParseEventLine(line);
    if (!event.ok()) return Complain(at, std::string(event.status().message()));
    if (!*event) return;
    if (IsOfAJob((*event)->name)) {
      ++counts_.skipped;
    } else if (!known_.insert((*event)->key).second) {
      ++counts_.known;
    } else {
      batch_.push_back(*std::move(*event));
    }
  }

  void Complain(std::uint64_t at, std::string_view what) {
    ++counts_.bad;
    if (counts_.complaints.size() == kComplaintsMax) return;
    counts_.complaints.push_back(fmt::format("{}: at byte {}: {}", path_, at, what));
  }

  absl::Status Flush(std::uint64_t to) {
    if (!batch_.empty()) {
      if (absl::Status taken = take_(batch_); !taken.ok()) return taken;
      counts_.lines += batch_.size();
      for (const EventLine& line : batch_) {
        keys_.push_back(line.key);
        if (keys_.size() > kKeysKept) keys_.pop_front();
      }
      batch_.clear();
    }
    taken_to_ = to;
    return absl::OkStatus();
  }

  const std::string& path_;
  const int file_;
  std::uint64_t offset_;    // Of the first byte that was not looked at.
  std::uint64_t taken_to_;  // All before it is taken.
  bool in_long_line_ = false;
  std::vector<EventLine> batch_;
  std::set<std::string>& known_;
  std::deque<std::string>& keys_;
  const TakeLines& take_;
  HarvestCounts& counts_;
};

// Of several that a file may go on from, the furthest: a copy of an older state is one of them.
FilePosition* FindPosition(int file, const struct stat& facts, std::vector<FilePosition>& known) {
  FilePosition* best = nullptr;
  for (FilePosition& position : known) {
    if (best != nullptr && position.offset <= best->offset) continue;
    if (GoesOn(file, static_cast<std::uint64_t>(facts.st_size), position)) best = &position;
  }
  return best;
}

absl::Status HarvestFile(const std::string& path, std::vector<FilePosition>& known,
                         std::set<std::string>& keys, std::deque<std::string>& kept,
                         const TakeLines& take, HarvestCounts& counts) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return absl::OkStatus();  // It has vanished, or is not ours to read.
  const absl::Cleanup closer = [file] { close(file); };
  struct stat facts {};
  if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return absl::OkStatus();
  ++counts.files;
  FilePosition* position = FindPosition(file, facts, known);
  Reading reading(path, file, position == nullptr ? 0 : position->offset, keys, kept, take, counts);
  absl::Status read = reading.Read();
  if (reading.offset() == 0) return read;
  FilePosition now;
  now.device = facts.st_dev;
  now.inode = facts.st_ino;
  now.offset = reading.offset();
  now.first_size = std::min<std::uint64_t>(now.offset, kFirstBytes);
  now.first = HashOf(BytesAt(file, 0, now.first_size));
  const std::uint64_t last = std::min<std::uint64_t>(now.offset, kLastBytes);
  now.last = HashOf(BytesAt(file, now.offset - last, last));
  // Truncated and written anew it is another file by its bytes, and the old one is there no more.
  std::erase_if(known, [&](const FilePosition& old) {
    return &old != position && old.device == now.device && old.inode == now.inode;
  });
  const auto same = std::find_if(known.begin(), known.end(), [&](const FilePosition& old) {
    return old.first == now.first && old.offset <= now.offset && GoesOn(file, now.offset, old);
  });
  if (same != known.end()) {
    *same = now;
  } else {
    known.push_back(now);
  }
  return read;
}

}  // namespace

absl::Status Harvest(const std::string& source, const std::string& directory,
                     HarvestPositions& positions, const TakeLines& take, HarvestCounts& counts) {
  std::deque<std::string>& kept = positions.keys[source];
  std::set<std::string> keys(kept.begin(), kept.end());
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_regular_file(error) && !at->is_symlink(error)) paths.push_back(at->path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    absl::Status read = HarvestFile(path, positions.files[source], keys, kept, take, counts);
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

HarvestPositions ReadPositions(const std::string& path, std::string& warning) {
  HarvestPositions positions;
  std::ifstream file(path, std::ios::binary);
  if (!file) return positions;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const Json json = Json::parse(text);
    for (const auto& [source, files] : json.at("files").items()) {
      for (const Json& each : files) {
        positions.files[source].push_back({each.at("device"), each.at("inode"), each.at("offset"),
                                           each.at("first_size"), each.at("first"),
                                           each.at("last")});
      }
    }
    for (const auto& [source, keys] : json.at("keys").items()) {
      for (const Json& key : keys) positions.keys[source].push_back(key);
    }
  } catch (const Json::exception&) {
    warning = fmt::format("{} is no file of positions: every file is read from its start", path);
    return {};
  }
  return positions;
}

absl::Status WritePositions(const HarvestPositions& positions, const std::string& path) {
  Json json = {{"files", Json::object()}, {"keys", Json::object()}};
  for (const auto& [source, files] : positions.files) {
    Json& list = json["files"][source] = Json::array();
    for (const FilePosition& file : files) {
      list.push_back({{"device", file.device},
                      {"inode", file.inode},
                      {"offset", file.offset},
                      {"first_size", file.first_size},
                      {"first", file.first},
                      {"last", file.last}});
    }
  }
  for (const auto& [source, keys] : positions.keys) json["keys"][source] = keys;
  return WriteNewFile(path, json.dump(), Existing::kReplace, 0600);
}

}  // namespace epu
