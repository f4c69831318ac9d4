#include "cli/journal.h"

#include <unistd.h>

#include <array>
#include <string>

#include <fmt/format.h>

#include "cli/machine_clock.h"
#include "cli/terminal.h"
#include "eventlog/time.h"

namespace epu {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"error", "warn", "info", "debug"};

}  // namespace

std::optional<Level> ParseLevel(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Level>(i);
  }
  return std::nullopt;
}

void Journal::Write(Level level, std::string_view text) const {
  if (level > most_) return;
  const Time now = WallClock();
  const std::string line = fmt::format("{}T{} {:<5} {}\n", FormatDate(now), FormatTimeOfDay(now),
                                       kNames[static_cast<std::size_t>(level)], Escape(text));
  // A journal that cannot be written has nobody to tell.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace epu
