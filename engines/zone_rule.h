#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "eventlog/definition.h"
#include "eventlog/time.h"

// How far the clocks of a time zone are ahead of UTC, by a rule that stands for every year: the
// POSIX TZ rule "CET-1CEST,M3.5.0,M10.5.0/3" says one hour, and two from the last Sunday of March
// to the last of October. All in whole numbers, and from the rule alone: no time zone database is
// asked, so an answer is the same for ever.

namespace epu {

struct ZoneRule {
  // A day of each year, and the moment of it by the clocks as they stand until then.
  struct Change {
    enum class Kind {
      kJulian,     // `day` 1 to 365; the 29th of February is never counted.
      kZeroBased,  // `day` 0 to 365; it is.
      kWeekday,    // The `week`-th `day` (0 is Sunday) of `month`; the fifth is the last.
    };
    Kind kind{};
    unsigned month = 0;
    unsigned week = 0;
    unsigned day = 0;
    std::chrono::seconds time{};  // Since midnight; -167 to 167 hours.
  };
  struct Summer {
    std::chrono::seconds ahead{};  // May be less than in the rest of the year (Dublin).
    Change begins;
    Change ends;
  };
  std::chrono::seconds ahead{};  // Of UTC, outside of summer.
  std::optional<Summer> summer;
};

// The error is what follows the rule in a sentence: "… has no offset".
absl::StatusOr<ZoneRule> ParseZoneRule(std::string_view text);

// How far clocks are ahead of UTC at `time`.
std::chrono::seconds AheadAt(const ZoneRule& rule, Time time);

// The first moment at which clocks show `local` or more. A time that a change skips comes at that
// change; one that a change repeats comes the first time.
Time FirstMoment(const ZoneRule& rule, std::chrono::local_seconds local);

// A zone that has its rule in its name: "UTC", or a fixed offset, "+01:00". None for any other.
std::optional<TimeZone> FixedZone(std::string_view name);

// "Europe/Berlin (CET-1CEST,M3.5.0,M10.5.0/3)", or a name alone: of a fixed zone, or of one whose
// rule is still to be found, which is empty then. Nothing is refused here (keys.h does).
TimeZone ParseZone(std::string_view text);

// As ParseZone reads it.
std::string FormatZone(const TimeZone& zone);

}  // namespace epu
