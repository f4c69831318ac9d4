#include "engines/schedule.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <vector>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "engines/words.h"
#include "eventlog/check.h"

namespace epu {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;

constexpr std::size_t kDaysOfWeek = 7;
constexpr std::array<std::string_view, kDaysOfWeek> kDayNames = {"mon", "tue", "wed", "thu",
                                                                 "fri", "sat", "sun"};

absl::Status Refused(std::string_view text, std::string_view rest) {
  return absl::InvalidArgumentError(fmt::format("{} {}", Quoted(text), rest));
}

bool Has(std::uint8_t week, std::size_t day) { return (week >> day & 1) != 0; }

// What stands before the first `separator`, which is removed with it; all of it where there is
// none.
std::string_view TakePart(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

absl::StatusOr<std::size_t> ParseDay(std::string_view text) {
  const auto found = std::find(kDayNames.begin(), kDayNames.end(), text);
  if (found != kDayNames.end()) return static_cast<std::size_t>(found - kDayNames.begin());
  return Refused(text, fmt::format("is no day; the days are {}", fmt::join(kDayNames, ", ")));
}

// "mon", or "mon-fri".
absl::StatusOr<std::uint8_t> ParseDayRange(std::string_view text) {
  const std::size_t dash = text.find('-');
  const absl::StatusOr<std::size_t> first = ParseDay(text.substr(0, dash));
  if (!first.ok()) return first.status();
  const absl::StatusOr<std::size_t> last =
      dash == text.npos ? first : ParseDay(text.substr(dash + 1));
  if (!last.ok()) return last.status();
  std::uint8_t week = 0;
  for (std::size_t day = *first;; day = (day + 1) % kDaysOfWeek) {
    week = static_cast<std::uint8_t>(week | 1u << day);
    if (day == *last) return week;
  }
}

absl::StatusOr<ScheduleEntry> ParseEntry(std::string_view text) {
  ScheduleEntry entry{.days = kEveryDay, .minute = 0, .count = 0};
  std::string_view rest = text;
  if (text.find('@') != text.npos) {
    const absl::StatusOr<std::uint8_t> week = ParseDays(TakePart(rest, '@'));
    if (!week.ok()) return week.status();
    entry.days = *week;
  }
  if (rest.find('=') == rest.npos) {
    return Refused(text, "is no entry of a schedule like mon-fri@08:00=6");
  }
  const absl::StatusOr<std::uint16_t> minute = ParseMinute(TakePart(rest, '='));
  if (!minute.ok()) return minute.status();
  entry.minute = *minute;
  const absl::StatusOr<std::int64_t> count = ParseWhole(rest);
  if (!count.ok()) return count.status();
  if (*count < 0 || *count > std::numeric_limits<std::uint32_t>::max()) {
    return Refused(rest, "is no number of workers");
  }
  entry.count = static_cast<std::uint32_t>(*count);
  return entry;
}

// An entry on one of its days.
struct Start {
  local_seconds local;
  std::uint32_t count = 0;
};

// The starts of the weeks before and after `day`, in order.
std::vector<Start> StartsAround(const Schedule& schedule, local_days day) {
  // A day more than a week: clocks may stand a day off from where they stood a week ago.
  constexpr days kReach{kDaysOfWeek + 1};
  std::vector<Start> starts;
  for (local_days date = day - kReach; date <= day + kReach; date += days(1)) {
    const std::size_t weekday = std::chrono::weekday(date).iso_encoding() - 1;
    for (const ScheduleEntry& entry : schedule) {
      if (!Has(entry.days, weekday)) continue;
      starts.push_back({date + std::chrono::minutes(entry.minute), entry.count});
    }
  }
  std::sort(starts.begin(), starts.end(),
            [](const Start& left, const Start& right) { return left.local < right.local; });
  return starts;
}

}  // namespace

absl::StatusOr<std::uint8_t> ParseDays(std::string_view text) {
  std::uint8_t week = 0;
  std::string_view rest = text;
  do {
    const absl::StatusOr<std::uint8_t> range = ParseDayRange(TakePart(rest, '+'));
    if (!range.ok()) return range.status();
    week = static_cast<std::uint8_t>(week | *range);
  } while (!rest.empty());
  if (text.ends_with('+')) return Refused(text, "ends with +; another day is due");
  return week;
}

std::string FormatDays(std::uint8_t week) {
  std::string text;
  for (std::size_t first = 0; first < kDaysOfWeek; ++first) {
    if (!Has(week, first)) continue;
    std::size_t last = first;
    while (last + 1 < kDaysOfWeek && Has(week, last + 1)) ++last;
    if (!text.empty()) text += '+';
    text += kDayNames[first];
    if (last > first) text += fmt::format("{}{}", last > first + 1 ? '-' : '+', kDayNames[last]);
    first = last;
  }
  return text;
}

absl::StatusOr<std::uint16_t> ParseMinute(std::string_view text) {
  const auto two_digits = [&](std::size_t at) -> unsigned {
    return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
  };
  const bool has_form = text.size() == 5 && IsDigit(text[0]) && IsDigit(text[1]) &&
                        text[2] == ':' && IsDigit(text[3]) && IsDigit(text[4]);
  if (!has_form || two_digits(0) > 23 || two_digits(3) > 59) {
    return Refused(text, "is no time of day; 00:00 to 23:59 is due");
  }
  return static_cast<std::uint16_t>(two_digits(0) * 60 + two_digits(3));
}

std::string FormatMinute(std::uint16_t minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

absl::StatusOr<Schedule> ParseSchedule(std::string_view text) {
  Schedule schedule;
  std::string_view rest = text;
  do {
    const absl::StatusOr<ScheduleEntry> entry = ParseEntry(TakePart(rest, ','));
    if (!entry.ok()) return entry.status();
    schedule.push_back(*entry);
  } while (!rest.empty());
  if (text.ends_with(',')) return Refused(text, "ends with a comma; another entry is due");
  return schedule;
}

std::string FormatSchedule(const Schedule& schedule) {
  std::string text;
  for (const ScheduleEntry& entry : schedule) {
    if (!text.empty()) text += ',';
    if (entry.days != kEveryDay) text += FormatDays(entry.days) + '@';
    text += fmt::format("{}={}", FormatMinute(entry.minute), entry.count);
  }
  return text;
}

std::optional<std::string> ScheduleProblem(const Schedule& schedule, double count_max) {
  if (schedule.empty()) return " is empty; an entry is due";
  if (schedule.size() > kScheduleEntriesMax) {
    return fmt::format(" has {} entries, above the limit {}", schedule.size(), kScheduleEntriesMax);
  }
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const ScheduleEntry& entry = schedule[i];
    if (entry.days == 0 || entry.days > kEveryDay) return " has an entry without a day";
    if (entry.minute >= kMinutesOfDay) return " has an entry beyond the end of its day";
    if (entry.count > count_max) {
      return fmt::format(" has {} at {}, above the limit {}", entry.count,
                         FormatMinute(entry.minute), count_max);
    }
    for (std::size_t j = 0; j < i; ++j) {
      const auto both = static_cast<std::uint8_t>(schedule[j].days & entry.days);
      if (both == 0 || schedule[j].minute != entry.minute) continue;
      return fmt::format(" has {} {} twice", FormatDays(both), FormatMinute(entry.minute));
    }
  }
  return std::nullopt;
}

Scheduled ScheduledAt(const Schedule& schedule, const ZoneRule& rule, Time now) {
  const Time local = now + AheadAt(rule, now);
  const local_days day{std::chrono::floor<days>(local).time_since_epoch()};
  const std::vector<Start> starts = StartsAround(schedule, day);
  // What comes later by the clock never begins earlier.
  auto next = std::partition_point(starts.begin(), starts.end(), [&](const Start& start) {
    return FirstMoment(rule, start.local) <= now;
  });
  CHECK(next != starts.begin());
  const std::uint32_t count = std::prev(next)->count;
  next = std::find_if(next, starts.end(), [&](const Start& start) { return start.count != count; });
  if (next == starts.end()) return {count, std::nullopt};
  return {count, FirstMoment(rule, next->local)};
}

}  // namespace epu
