#include "eventlog/time.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace epu {
namespace {

using std::chrono::days;
using std::chrono::floor;

std::string Date(Time time) {
  const std::chrono::year_month_day date(floor<days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string Clock(Time time) {
  const std::chrono::hh_mm_ss clock(floor<std::chrono::seconds>(time - floor<days>(time)));
  return fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::int64_t Fraction(Time time) { return (time - floor<std::chrono::seconds>(time)).count(); }

}  // namespace

std::string FormatTime(Time time) {
  return fmt::format("{}T{}.{:06}Z", Date(time), Clock(time), Fraction(time));
}

std::string FormatSeconds(Time time) { return fmt::format("{} {}Z", Date(time), Clock(time)); }

std::string FormatTimeOfDay(Time time) {
  return fmt::format("{}.{:03}Z", Clock(time), Fraction(time) / 1000);
}

std::string FormatDate(Time time) { return Date(time); }

std::string FormatDuration(Duration duration) {
  if (duration.count() < 0) return "-" + FormatDuration(-std::max(duration, -Duration::max()));
  if (duration.count() > 0 && duration < std::chrono::seconds(1)) {
    return fmt::format("{}ms", std::chrono::ceil<std::chrono::milliseconds>(duration).count());
  }
  const std::int64_t seconds = floor<std::chrono::seconds>(duration).count();
  struct Unit {
    std::int64_t seconds;
    char letter;
  };
  constexpr std::array<Unit, 4> kUnits = {{{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (seconds < kUnits[i].seconds) continue;
    const std::int64_t rest = seconds % kUnits[i].seconds / kUnits[i + 1].seconds;
    std::string text = fmt::format("{}{}", seconds / kUnits[i].seconds, kUnits[i].letter);
    if (rest != 0) text += fmt::format("{}{}", rest, kUnits[i + 1].letter);
    return text;
  }
  return fmt::format("{}s", seconds);
}

}  // namespace epu
