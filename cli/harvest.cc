#include "cli/harvest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 256 * 1024;  // Stays in the processor's cache.

bool IsOfAJob(std::string_view name) {
  return name == "job_sent" || name == "job_begin" || name == "job_end";
}

bool HasMarker(std::string_view text) {
  return memmem(text.data(), text.size(), kEventMarker.data(), kEventMarker.size()) != nullptr;
}

std::error_code SystemFault() { return {errno, std::generic_category()}; }

// The files below a directory, in order of their paths.
std::vector<std::string> FilesBelow(const std::string& directory, HarvestCounts& counts) {
  std::vector<std::string> paths;
  std::vector<std::string> open = {directory};
  while (!open.empty()) {
    const std::string here = std::exchange(open.back(), {});
    open.pop_back();
    std::error_code error;
    for (fs::directory_iterator at(here, error), end; !error && at != end; at.increment(error)) {
      std::error_code vanished;
      const fs::file_status status = at->symlink_status(vanished);
      if (vanished) {
        NoteUnread(counts, at->path(), vanished);
      } else if (fs::is_directory(status)) {
        open.push_back(at->path());
      } else if (fs::is_regular_file(status)) {
        paths.push_back(at->path());
      }
    }
    if (error) NoteUnread(counts, here, error);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The lines of one source, on their way from its files to who takes them.
class Basket {
 public:
  Basket(std::deque<std::string>& keys, const TakeLines& take, HarvestCounts& counts)
      : keys_(keys), known_(keys.begin(), keys.end()), take_(take), counts_(counts) {}

  void Put(EventLine line) {
    if (IsOfAJob(line.name)) {
      ++counts_.skipped;
    } else if (!known_.insert(line.key).second) {
      ++counts_.known;
    } else {
      batch_.push_back(std::move(line));
    }
  }

  bool IsFull() const { return batch_.size() >= kLinesABatch; }

  absl::Status Empty() {
    if (batch_.empty()) return absl::OkStatus();
    if (absl::Status taken = take_(batch_); !taken.ok()) return taken;
    counts_.lines += batch_.size();
    for (EventLine& line : batch_) {
      keys_.push_back(std::move(line.key));
      if (keys_.size() > kKeysKept) keys_.pop_front();
    }
    batch_.clear();
    return absl::OkStatus();
  }

 private:
  std::deque<std::string>& keys_;
  std::unordered_set<std::string> known_;
  std::vector<EventLine> batch_;
  const TakeLines& take_;
  HarvestCounts& counts_;
};

// One file that is being read, from a position on. All outlives it.
class Reading {
 public:
  Reading(const std::string& path, int file, const FilePosition* from, PrefixHash& prefix,
          Basket& basket, HarvestCounts& counts)
      : path_(path), file_(file), prefix_(prefix), basket_(basket), counts_(counts) {
    if (from == nullptr) return;
    offset_ = taken_to_ = from->offset;
    in_long_line_ = taken_in_long_line_ = from->in_long_line;
  }

  // To the last whole line there is, by way of a buffer of kBufferBytes.
  absl::Status Read(char* buffer) {
    std::size_t held = 0;
    while (true) {
      const ssize_t got = pread(file_, buffer + held, kBlock, static_cast<off_t>(offset_ + held));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) NoteUnread(counts_, path_, SystemFault());
      if (got <= 0) break;
      const std::string_view fresh(buffer + held, static_cast<std::size_t>(got));
      prefix_.Add(fresh);
      counts_.bytes += fresh.size();
      const std::size_t end = fresh.rfind('\n');
      const std::size_t whole = end == std::string_view::npos ? 0 : held + end + 1;
      held += fresh.size();
      if (absl::Status looked = Look({buffer, whole}); !looked.ok()) return looked;
      memmove(buffer, buffer + whole, held - whole);
      held -= whole;
      if (in_long_line_ || held > kLineMax) held = DropLong({buffer, held});
    }
    return Flush(offset_);
  }

  // How far lines were taken, also after an error.
  std::uint64_t offset() const { return taken_to_; }
  bool in_long_line() const { return taken_in_long_line_; }

  static constexpr std::size_t kBufferBytes = kLineMax + kBlock;

 private:
  // Looks through whole lines, which begin at offset_.
  absl::Status Look(std::string_view lines) {
    std::size_t from = 0;
    if (in_long_line_ && !lines.empty()) {
      from = lines.find('\n') + 1;
      in_long_line_ = false;
    }
    while (true) {
      // The marker is sought, not the lines: most have none.
      const void* found = memmem(lines.data() + from, lines.size() - from, kEventMarker.data(),
                                 kEventMarker.size());
      if (found == nullptr) break;
      const auto marker = static_cast<std::size_t>(static_cast<const char*>(found) - lines.data());
      const std::size_t begin = lines.substr(0, marker).rfind('\n') + 1;
      const std::size_t stop = lines.find('\n', marker);
      Note(lines.substr(begin, stop - begin), offset_ + begin);
      from = stop + 1;
      if (!basket_.IsFull()) continue;
      if (absl::Status taken = Flush(offset_ + from); !taken.ok()) return taken;
    }
    offset_ += lines.size();
    return absl::OkStatus();
  }

  // What is longer than any event is thrown away as it comes, up to its end. Nothing of it is held.
  std::size_t DropLong(std::string_view part) {
    if (!in_long_line_ && HasMarker(part)) ComplainOfLength(offset_);
    in_long_line_ = true;
    offset_ += part.size();
    return 0;
  }

  void Note(std::string_view line, std::uint64_t at) {
    if (line.size() > kLineMax) return ComplainOfLength(at);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    absl::StatusOr<std::optional<EventLine>> event = ParseEventLine(line);
    if (!event.ok()) return Complain(at, std::string(event.status().message()));
    if (*event) basket_.Put(*std::move(*event));
  }

  void ComplainOfLength(std::uint64_t at) {
    Complain(at, fmt::format("a line of more than {} bytes", kLineMax));
  }

  void Complain(std::uint64_t at, std::string_view what) {
    ++counts_.bad;
    if (counts_.complaints.size() == kComplaintsMax) return;
    counts_.complaints.push_back(fmt::format("{}: at byte {}: {}", path_, at, what));
  }

  absl::Status Flush(std::uint64_t to) {
    if (absl::Status taken = basket_.Empty(); !taken.ok()) return taken;
    taken_to_ = to;
    taken_in_long_line_ = in_long_line_;
    return absl::OkStatus();
  }

  const std::string& path_;
  const int file_;
  std::uint64_t offset_ = 0;  // Of the first byte that was not looked at.
  bool in_long_line_ = false;
  std::uint64_t taken_to_ = 0;  // All before it is taken.
  bool taken_in_long_line_ = false;
  PrefixHash& prefix_;
  Basket& basket_;
  HarvestCounts& counts_;
};

// One look through all files of a source.
class Pass {
 public:
  Pass(const std::vector<FilePosition>& known, Basket basket, HarvestCounts& counts)
      : index_(known), basket_(std::move(basket)), counts_(counts) {}

  absl::Status Look(const std::string& path) {
    // Without waiting: a pipe may have taken the place of the file that was listed.
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return Unread(path);
    const absl::Cleanup closer = [file] { close(file); };
    struct stat facts {};
    if (fstat(file, &facts) != 0) return Unread(path);
    if (!S_ISREG(facts.st_mode)) return absl::OkStatus();
    // Under a second name, or renamed since it was read.
    if (!seen_.insert({facts.st_dev, facts.st_ino}).second) return absl::OkStatus();
    ++counts_.files;
    const FilePosition* from = index_.Find(file, facts, counts_.compared);
    const bool here =
        from != nullptr && from->device == facts.st_dev && from->inode == facts.st_ino;
    if (here && from->offset == static_cast<std::uint64_t>(facts.st_size)) return Stay(*from);
    std::optional<PrefixHash> prefix =
        from == nullptr ? PrefixHash(0, ContentHash{}) : PrefixOf(file, *from);
    if (!prefix) return absl::OkStatus();  // Being written anew: the next pass sees what it is.
    Reading reading(path, file, from, *prefix, basket_, counts_);
    absl::Status read = reading.Read(buffer_.get());
    if (from != nullptr) went_on_.insert(from);
    if (reading.offset() != 0) {
      now_.push_back(PositionAt(file, facts, reading.offset(), reading.in_long_line(), *prefix));
    }
    return read;
  }

  void End(PassEnd end, std::vector<FilePosition>& known) {
    Settle(std::move(now_), went_on_, end, known);
  }

 private:
  absl::Status Stay(const FilePosition& position) {
    went_on_.insert(&position);
    now_.push_back(position);
    now_.back().passes_gone = 0;
    return absl::OkStatus();
  }

  absl::Status Unread(const std::string& path) {
    NoteUnread(counts_, path, SystemFault());
    return absl::OkStatus();
  }

  const PositionIndex index_;
  Basket basket_;
  HarvestCounts& counts_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::vector<FilePosition> now_;
  std::set<const FilePosition*> went_on_;
  const std::unique_ptr<char[]> buffer_ =
      std::make_unique_for_overwrite<char[]>(Reading::kBufferBytes);
};

}  // namespace

void NoteUnread(HarvestCounts& counts, const std::string& path, const std::error_code& error) {
  ++counts.unread;
  if (counts.unread_files.size() < kComplaintsMax) {
    counts.unread_files.push_back({path, error.message()});
  }
}

absl::Status Harvest(const std::string& source, const std::string& directory,
                     HarvestPositions& positions, const TakeLines& take, HarvestCounts& counts) {
  std::vector<FilePosition>& known = positions.files[source];
  Pass pass(known, Basket(positions.keys[source], take, counts), counts);
  absl::Status read;
  for (const std::string& path : FilesBelow(directory, counts)) {
    read = pass.Look(path);
    if (!read.ok()) break;
  }
  pass.End(read.ok() ? PassEnd::kWhole : PassEnd::kBroken, known);
  return read;
}

}  // namespace epu
