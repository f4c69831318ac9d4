#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "engines/zone_rule.h"
#include "eventlog/definition.h"

// A week of worker counts: how it is written, and what it says of a moment.
//
//   mon-fri@08:00=6,mon-fri@18:00=2,sat+sun@00:00=0     as a text (reconfigure)
//   - {days: mon-fri, at: "08:00", count: 6}            an entry in a configuration file
//
// Each entry holds until the next one, over midnight and over the end of the week.

namespace epu {

// ---- Limits ----

inline constexpr std::size_t kScheduleEntriesMax = 7 * 24;  // Another count every hour of a week.
inline constexpr std::uint8_t kEveryDay = 0x7F;
inline constexpr std::uint16_t kMinutesOfDay = 24 * 60;

// ---- Text ----

// "mon", "mon-fri", "sat+sun"; a range may pass the end of the week: "fri-mon". The error names the
// text: `"mo" is no day; …`.
absl::StatusOr<std::uint8_t> ParseDays(std::string_view text);

// As ParseDays reads it, days that follow each other as a range: "mon-fri+sun".
std::string FormatDays(std::uint8_t days);

// "00:00" to "23:59", in minutes since midnight.
absl::StatusOr<std::uint16_t> ParseMinute(std::string_view text);
std::string FormatMinute(std::uint16_t minute);

// Entries like "mon-fri@08:00=6", or "08:00=6" for every day, separated by commas.
absl::StatusOr<Schedule> ParseSchedule(std::string_view text);
std::string FormatSchedule(const Schedule& schedule);

// What is wrong with it, as the text of a DecisionEngine::Problem; counts may be up to `count_max`.
std::optional<std::string> ScheduleProblem(const Schedule& schedule, double count_max);

// ---- Meaning ----

struct Scheduled {
  std::uint32_t count = 0;
  std::optional<Time> until;  // When another count takes over; none where there is no other.
  bool operator==(const Scheduled&) const = default;
};

// What holds at `now`. An entry begins at the first moment at which clocks show its time: where a
// change skips that time, at the change; where a change repeats it, once. REQUIRES: ScheduleProblem
// finds nothing.
Scheduled ScheduledAt(const Schedule& schedule, const ZoneRule& rule, Time now);

}  // namespace epu
