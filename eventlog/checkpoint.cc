#include "eventlog/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "eventlog/base64.h"
#include "eventlog/check.h"

namespace epu {
namespace {

bool IsLine(std::string_view line) { return !line.empty() && line.find('\n') == line.npos; }

// Takes the next line away from `text`; none where it has none that is ended.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// A number as it is printed: no sign, no leading zero.
std::optional<std::uint64_t> ParseSize(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || fmt::format("{}", size) != text) return std::nullopt;
  return size;
}

absl::Status NoCheckpoint(std::string_view what) {
  return absl::FailedPreconditionError(fmt::format("it is no checkpoint: {}", what));
}

}  // namespace

std::string OriginOf(std::string_view log_id) { return fmt::format("epu/{}", log_id); }

std::string FurtherOf(const Checkpoint& checkpoint, std::string_view word) {
  const std::string begin = fmt::format("{} ", word);
  for (const std::string& line : checkpoint.further) {
    if (line.starts_with(begin)) return line.substr(begin.size());
  }
  return "";
}

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  CHECK(IsLine(checkpoint.origin));
  std::string text =
      fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, ToBase64(checkpoint.root));
  for (const std::string& line : checkpoint.further) {
    CHECK(IsLine(line));
    text += line + "\n";
  }
  return text;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  const std::optional<std::string_view> origin = TakeLine(text);
  const std::optional<std::string_view> size_line = TakeLine(text);
  const std::optional<std::string_view> root_line = TakeLine(text);
  if (!root_line) return NoCheckpoint("it has fewer than three lines");
  if (!IsLine(*origin)) return NoCheckpoint("its first line, the origin, is empty");
  const std::optional<std::uint64_t> size = ParseSize(*size_line);
  if (!size) return NoCheckpoint("its second line is no size");
  const auto root = FromBase64(*root_line);
  Checkpoint checkpoint{std::string(*origin), *size, {}, {}};
  if (!root || root->size() != checkpoint.root.size()) {
    return NoCheckpoint("its third line is no root");
  }
  std::copy(root->begin(), root->end(), checkpoint.root.begin());
  while (!text.empty()) {
    const std::optional<std::string_view> line = TakeLine(text);
    if (!line || line->empty()) return NoCheckpoint("a line of it is empty or not ended");
    checkpoint.further.emplace_back(*line);
  }
  return checkpoint;
}

absl::StatusOr<SignedCheckpoint> OpenCheckpoint(std::string_view note,
                                                std::span<const VerifierKey> known) {
  const absl::StatusOr<Note> parsed = ParseNote(note);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(parsed->text);
  if (!checkpoint.ok()) return checkpoint.status();
  // A key speaks for the log that it is named after and for no other.
  std::vector<VerifierKey> own;
  std::copy_if(known.begin(), known.end(), std::back_inserter(own),
               [&](const VerifierKey& key) { return key.name == checkpoint->origin; });
  absl::StatusOr<VerifierKey> key = CheckSignature(*parsed, own);
  if (!key.ok()) return key.status();
  return SignedCheckpoint{*std::move(checkpoint), *std::move(key)};
}

}  // namespace epu
