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

std::optional<Sequence> ParseIndex(std::string_view text) {
  Sequence index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || fmt::format("{}", index) != text) return std::nullopt;
  return index;
}

}  // namespace

std::string FormatProof(const Proof& proof) {
  std::string text = fmt::format("{}\n{}{}\n{}{}\n", kFirstLine, kExtra,
                                 ToBase64(BytesOf(proof.record)), kIndex, proof.sequence - 1);
  for (const Hash& hash : proof.path) text += ToBase64(hash) + "\n";
  return text + "\n" + proof.checkpoint;
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
      index_line.starts_with(kIndex) ? ParseIndex(index_line.substr(kIndex.size())) : std::nullopt;
  if (!index) return NoProof("its third line is not \"index NUMBER\"");
  Proof proof{*std::move(record), *index + 1, {}, ""};
  for (std::string_view line = TakeLine(text); !line.empty(); line = TakeLine(text)) {
    const auto bytes = FromBase64(line);
    if (!bytes || bytes->size() != sizeof(Hash) || proof.path.size() == kPathMax) {
      return NoProof("a line of its path is no hash");
    }
    std::copy(bytes->begin(), bytes->end(), proof.path.emplace_back().begin());
  }
  if (text.empty()) return NoProof("it has no checkpoint");
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

}  // namespace epu
