#include "projections/references.h"

#include <algorithm>

#include <absl/strings/str_join.h>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kOpen = "${";

struct Reference {
  std::string owner;
  std::string name;
};

// A part of a text: as it stands, or a reference.
struct Part {
  std::string_view text;
  std::optional<Reference> reference;
};

absl::StatusOr<std::vector<Part>> Split(std::string_view text, std::string_view self) {
  std::vector<Part> parts;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find(kOpen), text.size());
    if (open > 0) parts.push_back({text.substr(0, open), std::nullopt});
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError(fmt::format("{}: a reference without its }}", text));
    }
    const std::string_view inner = text.substr(kOpen.size(), close - kOpen.size());
    Part part{text.substr(0, close + 1), std::nullopt};
    if (const std::size_t dot = inner.find('.'); dot != std::string_view::npos) {
      const std::string_view owner = dot == 0 ? self : inner.substr(0, dot);
      part.reference = {std::string(owner), std::string(inner.substr(dot + 1))};
    }
    parts.push_back(std::move(part));
    text.remove_prefix(close + 1);
  }
  return parts;
}

// Fills one text after another that references lead to, and knows the way to each.
class Filler {
 public:
  explicit Filler(const AttributeSource& attributes) : attributes_(attributes) {}

  absl::Status Fill(std::string_view text, std::string_view self) {
    const absl::StatusOr<std::vector<Part>> parts = Split(text, self);
    if (!parts.ok()) return parts.status();
    for (const Part& part : *parts) {
      if (part.reference) {
        if (absl::Status followed = Follow(*part.reference, part.text); !followed.ok()) {
          return followed;
        }
        continue;
      }
      if (filled_.size() + part.text.size() > kFilledMax) {
        return absl::InvalidArgumentError(fmt::format("it grows beyond {} bytes", kFilledMax));
      }
      filled_ += part.text;
    }
    return absl::OkStatus();
  }

  std::string filled_;

 private:
  absl::Status Follow(const Reference& reference, std::string_view text) {
    std::string step = fmt::format("{}.{}", reference.owner, reference.name);
    if (std::find(way_.begin(), way_.end(), step) != way_.end()) {
      way_.push_back(std::move(step));
      return absl::InvalidArgumentError(
          fmt::format("{}: a circle: {}", text, absl::StrJoin(way_, " -> ")));
    }
    const std::optional<std::string> value = attributes_(reference.owner, reference.name);
    if (!value) {
      return absl::InvalidArgumentError(
          fmt::format("{}: {} has no attribute {}", text, reference.owner, reference.name));
    }
    way_.push_back(std::move(step));
    absl::Status filled = Fill(*value, reference.owner);
    way_.pop_back();
    return filled;
  }

  const AttributeSource& attributes_;
  std::vector<std::string> way_;
};

bool BeginsName(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool GoesOnName(char c) { return BeginsName(c) || (c >= '0' && c <= '9'); }

}  // namespace

absl::StatusOr<std::string> FillReferences(std::string_view text, std::string_view self,
                                           const AttributeSource& attributes) {
  Filler filler(attributes);
  if (absl::Status filled = filler.Fill(text, self); !filled.ok()) return filled;
  return std::move(filler.filled_);
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReferencesIn(
    std::string_view text, std::string_view self) {
  const absl::StatusOr<std::vector<Part>> parts = Split(text, self);
  if (!parts.ok()) return parts.status();
  std::vector<std::pair<std::string, std::string>> references;
  for (const Part& part : *parts) {
    if (part.reference) references.emplace_back(part.reference->owner, part.reference->name);
  }
  return references;
}

absl::StatusOr<std::string> FillTemplate(
    std::string_view text, const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string filled;
  int line = 1;
  const auto fault = [&](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("line {}: {}", line, what));
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n') ++line;
    if (text[at] != '$') {
      filled += text[at++];
      continue;
    }
    if (text.substr(at, 2) == "$$") {
      filled += '$';
      at += 2;
      continue;
    }
    const bool braced = text.substr(at, kOpen.size()) == kOpen;
    const std::size_t begin = at + (braced ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && (end == begin ? BeginsName(text[end]) : GoesOnName(text[end])))
      ++end;
    const bool whole = end > begin && (!braced || (end < text.size() && text[end] == '}'));
    if (!whole) return fault("a $ that begins no name; $$ is a dollar sign");
    const std::string_view name = text.substr(begin, end - begin);
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const auto& known) { return known.first == name; });
    if (found == attributes.end()) return fault(fmt::format("no attribute {}", name));
    filled += found->second;
    at = end + (braced ? 1 : 0);
  }
  return filled;
}

}  // namespace epu
