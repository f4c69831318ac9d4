#include "cli/frames.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kEraseLineRest = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::string FrameText(std::string_view text, const Terminal& terminal) {
  std::vector<std::string_view> lines = LinesOf(text);
  std::string more;
  // The last line of a screen stays free: a line end there would move everything up.
  const std::size_t fit = terminal.height > 2 ? terminal.height - 1 : lines.size();
  if (lines.size() > fit) {
    more = fmt::format("… {} more lines", lines.size() - fit + 1);
    lines.resize(fit - 1);
    lines.push_back(more);
  }
  std::string frame(kHome);
  for (const std::string_view line : lines) {
    frame += terminal.width > 0 ? CutToWidth(line, terminal.width) : std::string(line);
    frame += kEraseLineRest;
    frame += "\n";
  }
  return WithGlyphs(frame, terminal) + std::string(kEraseBelow);
}

}  // namespace epu
