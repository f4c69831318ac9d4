#include "cli/harvest_positions.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/new_file.h"

namespace epu {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kFirstBytes = 32 * 1024;
constexpr std::size_t kReadBlock = 256 * 1024;

// Version 1 had no number, and knew a file by 1 KiB and 256 bytes.
constexpr int kVersion = 2;

bool HasFirst(int file, const FilePosition& position, std::uint64_t& compared) {
  const std::uint64_t size = FirstSize(position.offset);
  compared += size;
  return HashOf(BytesAt(file, 0, size)) == position.first;
}

bool HasTail(int file, const FilePosition& position, std::uint64_t& compared) {
  const std::uint64_t start = TailStart(position.offset);
  compared += position.offset - start;
  return HashOf(BytesAt(file, start, position.offset - start)) == position.last;
}

// Has `prefix` read on to `size`; false where the file ends before.
bool ReadTo(int file, std::uint64_t size, PrefixHash& prefix, std::uint64_t& compared) {
  while (prefix.size() < size) {
    const std::string bytes =
        BytesAt(file, prefix.size(), std::min<std::uint64_t>(size - prefix.size(), kReadBlock));
    if (bytes.empty()) return false;
    prefix.Add(bytes);
    compared += bytes.size();
  }
  return true;
}

FilePosition PositionOf(const Json& json) {
  FilePosition position;
  position.device = json.at("device");
  position.inode = json.at("inode");
  position.offset = json.at("offset");
  position.in_long_line = json.at("in_long_line");
  position.first = json.at("first").get<ContentHash>();
  position.whole = json.at("whole").get<ContentHash>();
  position.last = json.at("last").get<ContentHash>();
  position.passes_gone = json.at("passes_gone");
  return position;
}

Json JsonOf(const FilePosition& position) {
  return {{"device", position.device}, {"inode", position.inode},
          {"offset", position.offset}, {"in_long_line", position.in_long_line},
          {"first", position.first},   {"whole", position.whole},
          {"last", position.last},     {"passes_gone", position.passes_gone}};
}

}  // namespace

std::uint64_t FirstSize(std::uint64_t offset) {
  return std::bit_floor(std::min(offset, kFirstBytes));
}

std::uint64_t TailStart(std::uint64_t offset) {
  const std::uint64_t blocks = offset == 0 ? 0 : (offset - 1) / PrefixHash::kBlock;
  return blocks == 0 ? 0 : (blocks - 1) * PrefixHash::kBlock;
}

std::string BytesAt(int file, std::uint64_t offset, std::uint64_t size) {
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

FilePosition PositionAt(int file, const struct stat& facts, std::uint64_t offset, bool in_long_line,
                        const PrefixHash& prefix) {
  const std::uint64_t start = TailStart(offset);
  FilePosition position;
  position.device = facts.st_dev;
  position.inode = facts.st_ino;
  position.offset = offset;
  position.in_long_line = in_long_line;
  position.first = HashOf(BytesAt(file, 0, FirstSize(offset)));
  position.whole = prefix.At(start);
  position.last = HashOf(BytesAt(file, start, offset - start));
  return position;
}

std::optional<PrefixHash> PrefixOf(int file, const FilePosition& position) {
  const std::uint64_t start = TailStart(position.offset);
  PrefixHash prefix(start, position.whole);
  prefix.Add(BytesAt(file, start, position.offset - start));
  return prefix.size() == position.offset ? std::optional(std::move(prefix)) : std::nullopt;
}

PositionIndex::PositionIndex(const std::vector<FilePosition>& positions) {
  for (const FilePosition& position : positions) {
    by_inode_.try_emplace({position.device, position.inode}, &position);  // The newest is first.
    by_first_[position.first].push_back(&position);
  }
}

const FilePosition* PositionIndex::Find(int file, const struct stat& facts,
                                        std::uint64_t& compared) const {
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  const auto same = by_inode_.find({facts.st_dev, facts.st_ino});
  if (same != by_inode_.end() && same->second->offset <= size &&
      HasFirst(file, *same->second, compared) && HasTail(file, *same->second, compared)) {
    return same->second;
  }
  return FindByContent(file, size, compared);
}

const FilePosition* PositionIndex::FindByContent(int file, std::uint64_t size,
                                                 std::uint64_t& compared) const {
  if (by_first_.empty()) return nullptr;
  const std::string first = BytesAt(file, 0, std::min(size, kFirstBytes));
  compared += first.size();
  std::vector<const FilePosition*> alike;
  for (std::uint64_t length = 1; length <= first.size(); length *= 2) {
    const auto found = by_first_.find(HashOf(std::string_view(first).substr(0, length)));
    if (found == by_first_.end()) continue;
    for (const FilePosition* position : found->second) {
      const bool fits = FirstSize(position->offset) == length && position->offset <= size;
      if (fits) alike.push_back(position);
    }
  }
  const std::size_t most = std::min(alike.size(), kAlikeMax);
  std::partial_sort(
      alike.begin(), alike.begin() + static_cast<std::ptrdiff_t>(most), alike.end(),
      [](const auto* left, const auto* right) { return left->offset > right->offset; });
  alike.resize(most);
  PrefixHash prefix(0, ContentHash{});
  for (const FilePosition* position : alike) {
    const std::uint64_t start = TailStart(position->offset);
    if (!ReadTo(file, start, prefix, compared) || prefix.At(start) != position->whole) continue;
    if (HasTail(file, *position, compared)) return position;
  }
  return nullptr;
}

void Settle(std::vector<FilePosition> now, const std::set<const FilePosition*>& went_on,
            PassEnd end, std::vector<FilePosition>& known) {
  for (const FilePosition& old : known) {
    if (went_on.contains(&old)) continue;
    now.push_back(old);
    if (end == PassEnd::kWhole && ++now.back().passes_gone > kPassesKept) now.pop_back();
  }
  known = std::move(now);
}

absl::StatusOr<HarvestPositions> ReadPositions(const std::string& path, std::string& warning) {
  HarvestPositions positions;
  std::ifstream file(path, std::ios::binary);
  if (!file) return positions;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const Json json = Json::parse(text);
    const int version = json.value("version", 1);
    if (version > kVersion) {
      return absl::FailedPreconditionError(
          fmt::format("{} is of version {}, of a newer build; this one knows {}: move it away to "
                      "have every file read from its start",
                      path, version, kVersion));
    }
    for (const auto& [source, keys] : json.at("keys").items()) {
      for (const Json& key : keys) positions.keys[source].push_back(key);
    }
    if (version < kVersion) {
      warning = fmt::format("{} is of an older build: every file is read once more", path);
      return positions;
    }
    for (const auto& [source, files] : json.at("files").items()) {
      for (const Json& each : files) positions.files[source].push_back(PositionOf(each));
    }
  } catch (const Json::exception&) {
    warning = fmt::format("{} is no file of positions: every file is read from its start", path);
    return HarvestPositions{};
  }
  return positions;
}

absl::Status WritePositions(const HarvestPositions& positions, const std::string& path) {
  Json json = {{"version", kVersion}, {"files", Json::object()}, {"keys", Json::object()}};
  for (const auto& [source, files] : positions.files) {
    Json& list = json["files"][source] = Json::array();
    for (const FilePosition& file : files) list.push_back(JsonOf(file));
  }
  for (const auto& [source, keys] : positions.keys) json["keys"][source] = keys;
  return WriteNewFile(path, json.dump(-1, ' ', false, Json::error_handler_t::replace),
                      Existing::kReplace, 0600);
}

}  // namespace epu
