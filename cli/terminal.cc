#include "cli/terminal.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "eventlog/check.h"

namespace epu {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kColorEnd = "\x1b[0m";

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// How many bytes the UTF-8 character at the front of `text` has; 0 where there is none. Overlong
// forms and C1 controls (U+0080 to U+009F, which terminals obey) count as none.
std::size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80   ? 1
                            : lead < 0xC2 ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (bytes > text.size()) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  if (lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) return 0;
  return bytes;
}

// How many bytes the colour at the front of `text` has: "\x1b[31m"; 0 where there is none.
std::size_t ColorBytes(std::string_view text) {
  if (text.substr(0, 2) != "\x1b[") return 0;
  const std::size_t end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

std::string EscapeByte(char byte) {
  if (byte == '\n') return "\\n";
  if (byte == '\t') return "\\t";
  if (byte == '\r') return "\\r";
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t bytes = first < 0x20 || first == 0x7F ? 0 : CharacterBytes(text);
    if (bytes == 0) {
      escaped += EscapeByte(text.front());
      text.remove_prefix(1);
    } else {
      escaped += text.substr(0, bytes);
      text.remove_prefix(bytes);
    }
  }
  return escaped;
}

std::string EscapeAndCut(std::string_view text, std::size_t characters) {
  // Escaping never makes a text shorter: the rest of a long one need not be looked at.
  const std::string_view looked_at = text.substr(0, 4 * characters + 4);
  return CutToWidth(Escape(looked_at), characters);
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t color = ColorBytes(text);
    width += color == 0 && !IsContinuation(text.front()) ? 1 : 0;
    text.remove_prefix(std::max(color, std::size_t{1}));
  }
  return width;
}

std::string CutToWidth(std::string_view text, std::size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::string cut;
  bool colored = false;
  std::size_t taken = 0;
  while (true) {
    if (const std::size_t color = ColorBytes(text); color > 0) {
      cut += text.substr(0, color);
      text.remove_prefix(color);
      colored = true;
      continue;
    }
    if (!IsContinuation(text.front()) && ++taken == width) break;
    cut += text.front();
    text.remove_prefix(1);
  }
  return cut + std::string(kEllipsis) + (colored ? std::string(kColorEnd) : "");
}

std::string WithGlyphs(std::string_view text, const Terminal& terminal) {
  if (terminal.utf8) return std::string(text);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kGlyphs = {
      {{"├─", "|-"},
       {"└─", "`-"},
       {"│", "|"},
       {"→", "->"},
       {"≤", "<="},
       {"≥", ">="},
       {"…", "..."},
       {"–", "-"}}};
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto* glyph = std::find_if(kGlyphs.begin(), kGlyphs.end(), [&](const auto& candidate) {
      return text.substr(0, candidate.first.size()) == candidate.first;
    });
    if (glyph == kGlyphs.end()) {
      plain += text.front();
      text.remove_prefix(1);
    } else {
      plain += glyph->second;
      text.remove_prefix(glyph->first.size());
    }
  }
  return plain;
}

std::string Colored(std::string_view text, Color color, const Terminal& terminal) {
  static constexpr std::array<std::string_view, 5> kCodes = {"", "32", "33", "31", "2"};
  const std::string_view code = kCodes[static_cast<std::size_t>(color)];
  if (!terminal.color || code.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}{}", code, text, kColorEnd);
}

std::string FormatTable(const Table& table, const Terminal& terminal) {
  const std::size_t columns = table.heading.size();
  std::vector<std::size_t> widths(columns);
  const auto widen = [&](const std::vector<std::string>& cells) {
    CHECK(cells.size() == columns);
    for (std::size_t i = 0; i < columns; ++i) {
      widths[i] = std::max({widths[i], DisplayWidth(cells[i]), std::size_t{1}});
    }
  };
  widen(table.heading);
  for (const std::vector<std::string>& row : table.rows) widen(row);

  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line;
    std::size_t blanks = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string_view cell = cells[i].empty() ? std::string_view("-") : cells[i];
      line.append(blanks, ' ');
      line += cell;
      blanks = widths[i] - DisplayWidth(cell) + 2;
    }
    if (terminal.interactive && terminal.width > 0) line = CutToWidth(line, terminal.width);
    text += line + "\n";
  };
  add(table.heading);
  for (const std::vector<std::string>& row : table.rows) add(row);
  return text;
}

}  // namespace epu
