#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "engines/words.h"
#include "eventlog/definition.h"

// The values of configuration keys: their types, and how each is written.

namespace epu {

enum class KeyType { kInteger, kNumber, kFlag, kText, kDuration, kUniques, kZone, kSchedule };

// "whole number", "number", "true or false", "text", "duration", "unique instances", "time zone",
// "schedule".
std::string_view KeyTypeName(KeyType type);

// The same for "… is due": "a whole number", "a duration like 10s".
std::string_view WhatIsDue(KeyType type);

KeyType TypeOf(const Value& value);

// A text ("100", "30s", "true") as a value of `type`, for `reconfigure key=value` and the
// configuration file alike: whole numbers without leading zeros, plus signs or points; numbers
// without nan, inf or overflow; durations with one unit (ms, s, m, h, d); true or false; schedules
// as schedule.h has them; a time zone with its rule or, where that is still to be found in a
// database, without it (zone_rule.h). Uniques cannot be written so. The error names the text and
// what it is not: `"3.7" is no whole number`.
absl::StatusOr<Value> ParseValue(KeyType type, std::string_view text);

// As ParseValue reads it: "100", "0.5", "true", "90s", "mon-fri@08:00=6"; uniques as
// "leader{ROLE=leader},second{}".
std::string FormatValue(const Value& value);

}  // namespace epu
