#include "cli/checkpoints.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "cli/new_file.h"
#include "cli/terminal.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "eventlog/log_tree.h"

namespace epu {
namespace {

constexpr std::string_view kTime = "time";
constexpr std::size_t kSecondsEnd = 19;  // "2026-11-22T09:13:46"

absl::StatusOr<Time> TimeOf(const EventLog& log, Sequence sequence) {
  absl::StatusOr<Head> head = absl::NotFoundError(fmt::format("there is no event {}", sequence));
  const auto seen =
      log.Visit(sequence - 1, ReadLimit{.records = 1}, [&](Sequence, RecordView record) {
        head = DecodeHead(record);
        return false;
      });
  if (!seen.ok()) return seen.status();
  if (!head.ok()) return head.status();
  return head->time;
}

// What is at `path`; none where nothing is.
absl::StatusOr<std::optional<std::string>> ReadOlder(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The tree at `size`. What is stored is trusted where its last block is that of the records, which
// tells a file that belongs to another log.
absl::StatusOr<LogTree> ReadTree(const EventLog& log, Sequence size,
                                 std::span<const Block> stored) {
  stored = stored.first(std::min<std::size_t>(stored.size(), size / kBlockRecords));
  const Sequence last = stored.size() * kBlockRecords;
  if (!stored.empty()) {
    const auto leaves = HashRecords(log, last - kBlockRecords, last);
    if (!leaves.ok()) return leaves.status();
    if (BlockOf(*leaves) != stored.back()) {
      return absl::DataLossError(
          fmt::format("damaged from {} to {}: not as stored at first, or the stored hash is wrong; "
                      "see: epumgmt verify",
                      last - kBlockRecords + 1, last));
    }
  }
  return ReadLogTree(log, size, stored);
}

// Whether `checkpoint` may take the place of the one that `note` has.
absl::Status CheckFollows(std::string_view note, const Checkpoint& checkpoint, const EventLog& log,
                          std::span<const Block> stored) {
  const absl::StatusOr<Note> parsed = ParseNote(note);
  if (!parsed.ok()) return parsed.status();
  const absl::StatusOr<Checkpoint> older = ParseCheckpoint(parsed->text);
  if (!older.ok()) return older.status();
  if (absl::Status grown = CheckGrownFrom(log, *older, stored); !grown.ok()) return grown;
  if (older->size <= checkpoint.size) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("it covers {} records, which is more than {}", older->size, checkpoint.size));
}

}  // namespace

absl::StatusOr<Checkpoint> CheckpointAt(const EventLog& log, std::string_view log_id, Sequence size,
                                        std::span<const Block> stored) {
  CHECK(size > 0);
  const absl::StatusOr<LogTree> tree = ReadTree(log, size, stored);
  if (!tree.ok()) return tree.status();
  const absl::StatusOr<Time> time = TimeOf(log, size);
  if (!time.ok()) return time.status();
  return Checkpoint{
      OriginOf(log_id), size, tree->Root(), {fmt::format("{} {}", kTime, FormatTime(*time))}};
}

absl::Status CheckGrownFrom(const EventLog& log, const Checkpoint& older,
                            std::span<const Block> stored) {
  const absl::StatusOr<LogTree> tree = ReadTree(log, older.size, stored);
  if (absl::IsOutOfRange(tree.status())) {
    return absl::FailedPreconditionError(fmt::format("it covers {} records, and {}", older.size,
                                                     std::string(tree.status().message())));
  }
  if (!tree.ok()) return tree.status();
  if (tree->Root() == older.root) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this log did not grow from it: a record that it covers was altered");
}

absl::Status WriteCheckpoint(const std::string& path, const Checkpoint& checkpoint,
                             const SigningKey& key, const EventLog& log,
                             std::span<const Block> stored) {
  const absl::StatusOr<std::optional<std::string>> there = ReadOlder(path);
  if (!there.ok()) return there.status();
  if (there->has_value() && !(*there)->empty()) {
    absl::Status follows = CheckFollows(**there, checkpoint, log, stored);
    if (!follows.ok()) {
      return absl::Status(follows.code(), fmt::format("{} is left as it is: {}", path,
                                                      std::string(follows.message())));
    }
  }
  return WriteNewFile(path, SignNote(FormatCheckpoint(checkpoint), key), Existing::kReplace, 0644);
}

std::string DateOf(const Checkpoint& checkpoint) {
  std::string time = FurtherOf(checkpoint, kTime);
  if (time.size() <= kSecondsEnd) return "an unknown time";
  time.resize(kSecondsEnd);
  if (time[10] == 'T') time[10] = ' ';
  return EscapeAndCut(time, kSecondsEnd) + "Z";
}

}  // namespace epu
