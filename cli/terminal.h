#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// How text is laid out for people: tables, escaping, cutting, colour and the glyphs of a terminal
// that has no others. Pure: what the terminal is like is handed in.

namespace epu {

// What is known of the place that an answer goes to.
struct Terminal {
  bool interactive = false;  // A person looks at it: it may be cut to its width.
  std::size_t width = 0;     // In characters; 0 where there is no limit.
  std::size_t height = 0;    // In lines; the same.
  bool color = false;
  bool utf8 = true;
  bool operator==(const Terminal&) const = default;
};

// `text` with everything that could move a cursor or break a line written out: "\x1b", "\n". For
// all text that came from outside.
std::string Escape(std::string_view text);

// The same, cut with "…" after `characters` characters.
std::string EscapeAndCut(std::string_view text, std::size_t characters);

// Where a text from outside stands in a line of ours, at most this much of it is shown.
inline constexpr std::size_t kDetailShown = 120;

// How many columns `text` takes: its characters, not its bytes and not its colours.
std::size_t DisplayWidth(std::string_view text);

// `text`, cut with "…" where it is wider than `width`.
std::string CutToWidth(std::string_view text, std::size_t width);

// `text` as `terminal` can show it: "├─", "│", "└─", "→", "≤", "≥" and "…" become ASCII where it
// has only that. To be applied to a whole answer, once.
std::string WithGlyphs(std::string_view text, const Terminal& terminal);

enum class Color { kNone, kGood, kWarning, kBad, kFaint };

// `text` in a colour where the terminal has them. The text itself says what the colour says.
std::string Colored(std::string_view text, Color color, const Terminal& terminal);

// A table: a heading in capitals, two blanks between columns, left-aligned, "-" for nothing, no
// lines. Its lines are cut with "…" on a terminal that is too narrow for them. Cells are taken as
// they are (Escape them first), and may be coloured.
struct Table {
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;  // Each as long as the heading.
  bool operator==(const Table&) const = default;
};

// The table as lines, each with its line end and without blanks behind its last cell.
std::string FormatTable(const Table& table, const Terminal& terminal);

}  // namespace epu
