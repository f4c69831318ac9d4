#include "eventlog/proof.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "eventlog/base64.h"
#include "eventlog/block.h"
#include "eventlog/merkle.h"

namespace epu {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::string_view kOld = "old ";
constexpr std::size_t kPathMax = 63;  // No tree is higher.

absl::Status NoProof(std::string_view what) {
  return absl::FailedPreconditionError(fmt::format("it is no proof: {}", what));
}

// Takes a line away from `text`; what is left of it where it has no line end.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

std::optional<Record> ParseRecord(std::string_view text) {
  const auto bytes = FromBase64(text);
  if (!bytes || bytes->empty() || bytes->size() % sizeof(Word) != 0) return std::nullopt;
  Record record(bytes->size() / sizeof(Word));
  std::memcpy(record.data(), bytes->data(), bytes->size());
  return record;
}

std::optional<Sequence> ParseNumber(std::string_view text) {
  Sequence number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || fmt::format("{}", number) != text) return std::nullopt;
  return number;
}

std::string PathLines(const std::vector<Hash>& path) {
  std::string lines;
  for (const Hash& hash : path) lines += ToBase64(hash) + "\n";
  return lines;
}

// Takes the hashes and the empty line behind them away from `text`.
absl::Status TakePath(std::string_view& text, std::vector<Hash>& path) {
  for (std::string_view line = TakeLine(text); !line.empty(); line = TakeLine(text)) {
    const auto bytes = FromBase64(line);
    if (!bytes || bytes->size() != sizeof(Hash) || path.size() == kPathMax) {
      return NoProof("a line of its path is no hash");
    }
    std::copy(bytes->begin(), bytes->end(), path.emplace_back().begin());
  }
  return text.empty() ? NoProof("it has no checkpoint") : absl::OkStatus();
}

}  // namespace

std::string FormatProof(const Proof& proof) {
  std::string text = fmt::format("{}\n{}{}\n{}{}\n", kFirstLine, kExtra,
                                 ToBase64(BytesOf(proof.record)), kIndex, proof.sequence - 1);
  return text + PathLines(proof.path) + "\n" + proof.checkpoint;
}

absl::StatusOr<Proof> ParseProof(std::string_view text) {
  if (TakeLine(text) != kFirstLine)
    return NoProof("its first line is not " + std::string(kFirstLine));
  const std::string_view extra = TakeLine(text);
  const std::string_view index_line = TakeLine(text);
  if (!extra.starts_with(kExtra)) return NoProof("its second line is not \"extra RECORD\"");
  std::optional<Record> record = ParseRecord(extra.substr(kExtra.size()));
  if (!record) return NoProof("its second line has no record");
  const std::optional<Sequence> index =
      index_line.starts_with(kIndex) ? ParseNumber(index_line.substr(kIndex.size())) : std::nullopt;
  if (!index) return NoProof("its third line is not \"index NUMBER\"");
  Proof proof{*std::move(record), *index + 1, {}, ""};
  absl::Status path = TakePath(text, proof.path);
  if (!path.ok()) return path;
  proof.checkpoint = text;
  return proof;
}

absl::Status CheckProof(const Proof& proof, const Checkpoint& checkpoint) {
  const std::optional<Hash> root =
      RootByPath(HashRecord(proof.record), proof.sequence - 1, checkpoint.size, proof.path);
  if (root == checkpoint.root) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("its record is not the record {} of the {} of its checkpoint: it was altered",
                  proof.sequence, checkpoint.size));
}

std::string FormatGrowth(const Growth& growth) {
  return fmt::format("{}{}\n{}\n{}", kOld, growth.old_size, PathLines(growth.path),
                     growth.checkpoint);
}

bool IsGrowth(std::string_view text) { return text.starts_with(kOld); }

absl::StatusOr<Growth> ParseGrowth(std::string_view text) {
  const std::string_view first = TakeLine(text);
  const std::optional<Sequence> old_size =
      first.starts_with(kOld) ? ParseNumber(first.substr(kOld.size())) : std::nullopt;
  if (!old_size) return NoProof("its first line is not \"old NUMBER\"");
  Growth growth{*old_size, {}, ""};
  absl::Status path = TakePath(text, growth.path);
  if (!path.ok()) return path;
  growth.checkpoint = text;
  return growth;
}

absl::Status CheckGrowth(const Growth& growth, const Checkpoint& older, const Checkpoint& newer) {
  if (growth.old_size == older.size &&
      IsConsistent(older.size, older.root, newer.size, newer.root, growth.path)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(fmt::format(
      "it does not prove that the {} records of its checkpoint begin with the {} of the "
      "older one",
      newer.size, older.size));
}

}  // namespace epu
