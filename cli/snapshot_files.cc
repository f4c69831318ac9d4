#include "cli/snapshot_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "projections/snapshot.h"

namespace epu {
namespace {

constexpr std::string_view kSuffix = ".state";
constexpr std::string_view kUnfinished = "unfinished";

// What a disk must have free beside a snapshot: it belongs to the log and its reserve.
constexpr std::uint64_t kRoomKept = std::uint64_t{64} << 20;

absl::Status SystemError(const std::string& path, int code) {
  const std::string message = fmt::format("{}: {}", path, std::strerror(code));
  if (code == ENOSPC || code == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

// The position in the name of a snapshot; none for another file.
std::optional<Sequence> PositionIn(const std::string& name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  const char* const end = name.data() + name.size() - kSuffix.size();
  Sequence sequence = 0;
  const auto [rest, error] = std::from_chars(name.data(), end, sequence);
  if (error != std::errc() || rest != end || sequence == 0) return std::nullopt;
  return sequence;
}

// The checksum of the log's record at `sequence`; none where there is none that can be read.
std::optional<Word> ChecksumAt(const EventLog& log, Sequence sequence) {
  std::optional<Word> checksum;
  const absl::StatusOr<Sequence> seen =
      log.Visit(sequence - 1, ReadLimit{.records = 1}, [&](Sequence, RecordView record) {
        checksum = record.front();
        return false;
      });
  return seen.ok() ? checksum : std::nullopt;
}

std::optional<Snapshot> ReadFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  const absl::Cleanup close = [&] { ::close(file); };
  struct stat facts {};
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  Snapshot snapshot(static_cast<std::size_t>(facts.st_size) / sizeof(Word));
  std::size_t done = 0;
  const std::size_t bytes = snapshot.size() * sizeof(Word);
  while (done < bytes) {
    const ssize_t some =
        ::read(file, reinterpret_cast<char*>(snapshot.data()) + done, bytes - done);
    if (some < 0 && errno == EINTR) continue;
    if (some <= 0) return std::nullopt;
    done += static_cast<std::size_t>(some);
  }
  return snapshot;
}

absl::Status WriteFile(const std::string& path, const Snapshot& snapshot) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return SystemError(path, errno);
  const absl::Cleanup close = [&] { ::close(file); };
  const char* from = reinterpret_cast<const char*>(snapshot.data());
  std::size_t left = snapshot.size() * sizeof(Word);
  while (left > 0) {
    const ssize_t some = ::write(file, from, left);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return SystemError(path, errno);
    from += some;
    left -= static_cast<std::size_t>(some);
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(const std::string& directory, const Snapshot& snapshot) {
  struct statvfs room {};
  if (::statvfs(directory.c_str(), &room) != 0) return SystemError(directory, errno);
  const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize;
  if (free >= kRoomKept + 2 * snapshot.size() * sizeof(Word)) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("{}: {} MiB are free, which the log may need", directory, free >> 20));
}

}  // namespace

bool IsSnapshotKept(Sequence sequence, Sequence head) {
  if (sequence == 0 || sequence > head) return false;
  Sequence spacing = kSnapshotEvery;
  for (Sequence near = kSnapshotsNear; near < head - sequence; near *= 2) spacing *= 2;
  return sequence % spacing == 0;
}

SnapshotFiles::SnapshotFiles(const std::string& log_directory)
    : directory_(log_directory + "/snapshots") {}

Projection<State> SnapshotFiles::Nearest(const EventLog& log, Sequence until) const {
  const std::vector<Sequence> positions = Positions();
  for (auto position = positions.rbegin(); position != positions.rend(); ++position) {
    if (*position > until) continue;
    const std::optional<Snapshot> snapshot = ReadFile(PathOf(*position));
    if (!snapshot) continue;
    absl::StatusOr<SavedFold> saved = DecodeSnapshot(*snapshot);
    if (!saved.ok() || saved->fold.position != *position) continue;
    if (ChecksumAt(log, *position) != saved->record_checksum) continue;  // Of another log.
    return std::move(saved->fold);
  }
  return {};
}

absl::Status SnapshotFiles::Save(const EventLog& log, const Projection<State>& fold) const {
  const std::optional<Word> checksum = ChecksumAt(log, fold.position);
  if (!checksum) return absl::NotFoundError(fmt::format("no record at {}", fold.position));
  const Snapshot snapshot = EncodeSnapshot({fold, *checksum});
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError(directory_, errno);
  }
  if (absl::Status room = CheckRoom(directory_, snapshot); !room.ok()) return room;
  const std::string unfinished = fmt::format("{}/{}", directory_, kUnfinished);
  absl::Status written = WriteFile(unfinished, snapshot);
  if (written.ok() && ::rename(unfinished.c_str(), PathOf(fold.position).c_str()) != 0) {
    written = SystemError(unfinished, errno);
  }
  if (!written.ok()) ::unlink(unfinished.c_str());
  return written;
}

void SnapshotFiles::DeleteOld(Sequence head) const {
  for (const Sequence position : Positions()) {
    if (!IsSnapshotKept(position, head)) ::unlink(PathOf(position).c_str());
  }
}

std::vector<Sequence> SnapshotFiles::Positions() const {
  std::vector<Sequence> positions;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::optional<Sequence> position = PositionIn(entry->path().filename().string());
    if (position) positions.push_back(*position);
  }
  std::sort(positions.begin(), positions.end());
  return positions;
}

std::string SnapshotFiles::PathOf(Sequence sequence) const {
  return fmt::format("{}/{}{}", directory_, sequence, kSuffix);
}

}  // namespace epu
