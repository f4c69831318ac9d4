#include "cli/zone.h"

#include <ctime>

#include <fmt/format.h>

namespace epu {
namespace {

// "Z", or the offset: "+01:00".
std::string Suffix(Zone zone, Time time) {
  if (zone == Zone::kUtc) return "Z";
  const auto offset =
      std::chrono::duration_cast<std::chrono::minutes>(OffsetOf(zone, time)).count();
  const auto minutes = offset < 0 ? -offset : offset;
  return fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

// What `format` makes of the shifted time, without its "Z".
template <typename Format>
std::string Shifted(Time time, Zone zone, Format format) {
  std::string text = format(time + OffsetOf(zone, time));
  text.pop_back();
  return text;
}

std::string TimeOfDay(Time time, Zone zone) {
  return Shifted(time, zone, [](Time shifted) { return FormatTimeOfDay(shifted); });
}

}  // namespace

Duration OffsetOf(Zone zone, Time time) {
  if (zone == Zone::kUtc) return Duration{0};
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm broken_down{};
  if (localtime_r(&seconds, &broken_down) == nullptr) return Duration{0};
  return std::chrono::seconds(broken_down.tm_gmtoff);
}

std::string FormatSeconds(Time time, Zone zone) {
  return Shifted(time, zone, [](Time shifted) { return FormatSeconds(shifted); }) +
         Suffix(zone, time);
}

std::string FormatTimeOfDay(Time time, Zone zone) {
  return TimeOfDay(time, zone) + Suffix(zone, time);
}

std::string FormatDate(Time time, Zone zone) { return FormatDate(time + OffsetOf(zone, time)); }

std::string FormatBeside(Time time, Time day, Zone zone, Precision precision) {
  std::string text = TimeOfDay(time, zone);
  if (precision == Precision::kSeconds) text.resize(text.find('.'));
  const std::string date = FormatDate(time, zone);
  return date == FormatDate(day, zone) ? text : date + " " + text;
}

}  // namespace epu
