#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "eventlog/definition.h"
#include "eventlog/time.h"

// Where a name of a time zone becomes the rule that is recorded with it. It is asked while an
// operator's words are read, and never when a decision is made.

namespace epu {

inline constexpr char kTimeZoneDirectory[] = "/usr/share/zoneinfo";

// `zone` with the rule by which its clocks are set from `now` on, as the database in `directory`
// has it (compiled files, as RFC 8536 says); as it is where it has a rule. The error is a sentence:
// that there is no such zone, with a near one; that there is no database; or that no one rule says
// how its clocks go, since it goes by dates of each year (Africa/Casablanca) or is about to change
// its rule.
absl::StatusOr<TimeZone> WithRule(TimeZone zone, Time now,
                                  const std::string& directory = kTimeZoneDirectory);

}  // namespace epu
