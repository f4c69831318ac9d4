#include "projections/references.h"

#include <algorithm>

#include <absl/strings/str_join.h>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kOpen = "${";

struct Reference {
  std::string_view owner;
  std::string_view name;
  std::string_view text;  // As it is written.
};

// The first reference of `text`, which points into it; none where there is none. As the original's
// pattern has it: what opens before a dot belongs to the owner, and then there is none of that
// name.
std::optional<Reference> FindReference(std::string_view text) {
  std::size_t close = 0;
  for (std::size_t open = text.find(kOpen); open != text.npos; open = text.find(kOpen, close)) {
    close = text.find_first_of("}\n", open);
    if (close == text.npos) break;
    const std::string_view inner = text.substr(open + kOpen.size(), close - open - kOpen.size());
    const std::size_t dot = inner.find('.');
    if (text[close] == '\n' || dot == inner.npos) continue;
    const std::string_view whole = text.substr(open, close + 1 - open);
    return Reference{inner.substr(0, dot), inner.substr(dot + 1), whole};
  }
  return std::nullopt;
}

// Fills one text after another that references lead to, and knows the way to each.
class Filler {
 public:
  explicit Filler(const AttributeSource& attributes) : attributes_(attributes) {}

  absl::Status Fill(std::string_view text, std::string_view self) {
    while (const std::optional<Reference> reference = FindReference(text)) {
      const std::size_t at = static_cast<std::size_t>(reference->text.data() - text.data());
      if (absl::Status added = Add(text.substr(0, at)); !added.ok()) return added;
      if (absl::Status followed = Follow(*reference, self); !followed.ok()) return followed;
      text.remove_prefix(at + reference->text.size());
    }
    return Add(text);
  }

  std::string filled_;

 private:
  absl::Status Add(std::string_view text) {
    if (filled_.size() + text.size() > kFilledMax) {
      return absl::InvalidArgumentError(fmt::format("it grows beyond {} bytes", kFilledMax));
    }
    filled_ += text;
    return absl::OkStatus();
  }

  absl::Status Follow(const Reference& reference, std::string_view self) {
    const std::string owner(reference.owner.empty() ? self : reference.owner);
    std::string step = fmt::format("{}.{}", owner, reference.name);
    const auto refuse = [&](std::string_view what) {
      return absl::InvalidArgumentError(fmt::format("{}: {}", reference.text, what));
    };
    if (std::find(way_.begin(), way_.end(), step) != way_.end()) {
      way_.push_back(std::move(step));
      return refuse(fmt::format("a circle: {}", absl::StrJoin(way_, " -> ")));
    }
    if (way_.size() == kReferenceDepthMax || ++followed_ > kReferencesMax) {
      return refuse("it leads to too many references");
    }
    const std::optional<std::string> value = attributes_(owner, reference.name);
    if (!value) {
      return refuse(fmt::format("{} has no attribute {}{}", owner, reference.name,
                                way_.empty() ? "" : ", which " + way_.back() + " wants"));
    }
    way_.push_back(std::move(step));
    absl::Status filled = Fill(*value, owner);
    way_.pop_back();
    return filled;
  }

  const AttributeSource& attributes_;
  std::vector<std::string> way_;
  std::size_t followed_ = 0;
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
