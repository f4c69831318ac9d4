#include "engines/zone_rule.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "engines/words.h"

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year;

constexpr int kOffsetHoursMax = 24;          // As POSIX has it,
constexpr int kChangeHoursMax = 7 * 24 - 1;  // and as RFC 8536 extends it for the time of a change.

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// ---- Reading a rule, from its left to its right ----

// What is still to be read. Each Take returns none where something else stands there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<unsigned> TakeNumber(unsigned least, unsigned most) {
    constexpr std::size_t kDigitsMax = 3;
    const std::size_t size = CountWhile(IsDigit);
    if (size == 0 || size > kDigitsMax) return std::nullopt;
    unsigned number = 0;
    for (const char digit : rest_.substr(0, size)) {
      number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    if (number < least || number > most) return std::nullopt;
    rest_.remove_prefix(size);
    return number;
  }

  // Three letters or more; or, in angle brackets, digits and signs too.
  bool TakeName() {
    constexpr std::size_t kNameMin = 3;
    const bool bracketed = Take('<');
    const std::size_t size = CountWhile(
        [&](char c) { return IsLetter(c) || (bracketed && (IsDigit(c) || c == '+' || c == '-')); });
    rest_.remove_prefix(size);
    return size >= kNameMin && (!bracketed || Take('>'));
  }

  // [+-]hours[:minutes[:seconds]]
  std::optional<seconds> TakeTime(unsigned hours_max) {
    const bool negative = Take('-');
    if (!negative) Take('+');
    const std::optional<unsigned> hour = TakeNumber(0, hours_max);
    if (!hour) return std::nullopt;
    seconds time = hours(*hour);
    for (const seconds unit : {seconds(minutes(1)), seconds(1)}) {
      if (!Take(':')) break;
      const std::optional<unsigned> part = TakeNumber(0, 59);
      if (!part) return std::nullopt;
      time += *part * unit;
    }
    return negative ? -time : time;
  }

  std::optional<ZoneRule::Change> TakeChange() {
    using Kind = ZoneRule::Change::Kind;
    ZoneRule::Change change;
    if (Take('M')) {
      const std::optional<unsigned> month = TakeNumber(1, 12);
      const std::optional<unsigned> week = Take('.') ? TakeNumber(1, 5) : std::nullopt;
      const std::optional<unsigned> day = Take('.') ? TakeNumber(0, 6) : std::nullopt;
      if (!month || !week || !day) return std::nullopt;
      change = {Kind::kWeekday, *month, *week, *day, {}};
    } else {
      change.kind = Take('J') ? Kind::kJulian : Kind::kZeroBased;
      const std::optional<unsigned> day = TakeNumber(change.kind == Kind::kJulian ? 1 : 0, 365);
      if (!day) return std::nullopt;
      change.day = *day;
    }
    change.time = hours(2);
    if (!Take('/')) return change;
    const std::optional<seconds> time = TakeTime(kChangeHoursMax);
    if (!time) return std::nullopt;
    change.time = *time;
    return change;
  }

 private:
  template <typename Predicate>
  std::size_t CountWhile(Predicate predicate) const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), predicate) -
                                    rest_.begin());
  }

  std::string_view rest_;
};

// ---- The changes of a year ----

local_days DayOf(const ZoneRule::Change& change, year in) {
  using Kind = ZoneRule::Change::Kind;
  const local_days first{in / std::chrono::January / 1};
  switch (change.kind) {
    case Kind::kJulian: {
      const bool is_after_february = change.day >= 60;  // The 1st of March is day 60.
      return first + std::chrono::days(change.day - 1 + (in.is_leap() && is_after_february));
    }
    case Kind::kZeroBased:
      return first + std::chrono::days(change.day);
    case Kind::kWeekday:
      break;
  }
  const std::chrono::month month{change.month};
  const std::chrono::weekday weekday{change.day};
  if (change.week == 5) return local_days{in / month / weekday[std::chrono::last]};
  return local_days{in / month / weekday[change.week]};
}

Time AsUtc(local_seconds local, seconds ahead) { return Time{local.time_since_epoch() - ahead}; }

// From `since` on, clocks are `ahead` of UTC.
struct Period {
  Time since{};
  seconds ahead{};
};

// The periods of the year around `time`, in order. REQUIRES: the rule has a summer.
std::array<Period, 6> PeriodsAround(const ZoneRule& rule, Time time) {
  const local_days day{std::chrono::floor<std::chrono::days>(time).time_since_epoch()};
  const year around = std::chrono::year_month_day(day).year();
  const ZoneRule::Summer& summer = *rule.summer;
  std::array<Period, 6> periods;
  for (int i = 0; i < 3; ++i) {
    const year in = around + std::chrono::years(i - 1);
    const local_seconds begins = DayOf(summer.begins, in) + summer.begins.time;
    const local_seconds ends = DayOf(summer.ends, in) + summer.ends.time;
    const auto place = static_cast<std::size_t>(2 * i);
    periods[place] = {AsUtc(ends, summer.ahead), rule.ahead};
    periods[place + 1] = {AsUtc(begins, rule.ahead), summer.ahead};
  }
  // Where one summer ends as the next begins, it is summer.
  std::stable_sort(periods.begin(), periods.end(), [](const Period& left, const Period& right) {
    return left.since < right.since;
  });
  return periods;
}

absl::Status Refused(std::string_view what) {
  return absl::InvalidArgumentError(std::string(what));
}

}  // namespace

absl::StatusOr<ZoneRule> ParseZoneRule(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.TakeName()) return Refused("does not begin with a name like CET or <+01>");
  const std::optional<seconds> behind = scanner.TakeTime(kOffsetHoursMax);  // West is positive.
  if (!behind) return Refused("has no offset after its name, like the -1 of CET-1");
  ZoneRule rule{-*behind, std::nullopt};
  if (scanner.empty()) return rule;
  if (!scanner.TakeName()) return Refused("goes on with what is no name of a summer time");
  ZoneRule::Summer summer{rule.ahead + hours(1), {}, {}};
  if (!scanner.Take(',')) {
    const std::optional<seconds> summer_behind = scanner.TakeTime(kOffsetHoursMax);
    if (!summer_behind || !scanner.Take(',')) {
      return Refused("does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3");
    }
    summer.ahead = -*summer_behind;
  }
  const std::optional<ZoneRule::Change> begins = scanner.TakeChange();
  const std::optional<ZoneRule::Change> ends =
      scanner.Take(',') ? scanner.TakeChange() : std::nullopt;
  if (!begins || !ends || !scanner.empty()) {
    return Refused("does not say when its summer time begins and ends, like ,M3.5.0,M10.5.0/3");
  }
  summer.begins = *begins;
  summer.ends = *ends;
  rule.summer = summer;
  return rule;
}

seconds AheadAt(const ZoneRule& rule, Time time) {
  if (!rule.summer) return rule.ahead;
  const std::array<Period, 6> periods = PeriodsAround(rule, time);
  seconds ahead = periods.front().ahead;
  for (const Period& period : periods) {
    if (period.since <= time) ahead = period.ahead;
  }
  return ahead;
}

Time FirstMoment(const ZoneRule& rule, local_seconds local) {
  if (!rule.summer) return AsUtc(local, rule.ahead);
  const auto [least, most] = std::minmax({rule.ahead, rule.summer->ahead});
  // Until `earliest` no clock can show it; at `latest` every clock does, or has.
  const Time earliest = AsUtc(local, most);
  const Time latest = AsUtc(local, least);
  if (AheadAt(rule, earliest) == most) return earliest;
  for (const Period& period : PeriodsAround(rule, latest)) {
    const bool is_between = period.since > earliest && period.since <= latest;
    if (is_between && period.ahead == most) return period.since;
  }
  return latest;
}

std::optional<TimeZone> FixedZone(std::string_view name) {
  if (name == "UTC") return TimeZone{"UTC", "UTC0"};
  const bool has_form = name.size() == 6 && (name[0] == '+' || name[0] == '-') && name[3] == ':' &&
                        IsDigit(name[1]) && IsDigit(name[2]) && IsDigit(name[4]) &&
                        IsDigit(name[5]);
  if (!has_form) return std::nullopt;
  // West is positive in a rule.
  TimeZone zone{std::string(name), fmt::format("<{}{}>{}{}", name.substr(0, 3), name.substr(4),
                                               name[0] == '+' ? '-' : '+', name.substr(1))};
  if (!ParseZoneRule(zone.rule).ok()) return std::nullopt;
  return zone;
}

TimeZone ParseZone(std::string_view text) {
  constexpr std::string_view kRule = " (";
  const std::size_t rule = text.find(kRule);
  if (rule != text.npos && text.ends_with(')')) {
    const std::size_t begin = rule + kRule.size();
    return {std::string(text.substr(0, rule)),
            std::string(text.substr(begin, text.size() - begin - 1))};
  }
  return FixedZone(text).value_or(TimeZone{std::string(text), ""});
}

std::string FormatZone(const TimeZone& zone) {
  if (zone.rule.empty() || FixedZone(zone.name) == zone) return zone.name;
  return fmt::format("{} ({})", zone.name, zone.rule);
}

}  // namespace epu
