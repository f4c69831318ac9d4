#include "engines/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "engines/schedule.h"
#include "engines/zone_rule.h"
#include "eventlog/check.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

absl::Status Refused(std::string_view text, std::string_view rest) {
  return absl::InvalidArgumentError(fmt::format("{} {}", Quoted(text), rest));
}

absl::StatusOr<Value> ParseInteger(std::string_view text) {
  const absl::StatusOr<std::int64_t> value = ParseWhole(text);
  if (!value.ok()) return value.status();
  return Value(*value);
}

// [-]digits[.digits][e[+-]digits], the first digits without leading zeros.
bool IsDecimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto digits = [&] {
    const auto count = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
    const std::string_view found = text.substr(0, count);
    text.remove_prefix(count);
    return found;
  };
  if (!IsPlainNumber(digits())) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits().empty()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits().empty()) return false;
  }
  return text.empty();
}

absl::StatusOr<Value> ParseNumber(std::string_view text) {
  if (!IsDecimal(text)) return Refused(text, "is no number");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return Refused(text, "is beyond what a number can hold");
  if (value == 0 && text.starts_with('-')) return Refused(text, "is no number");
  return Value(value);
}

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
constexpr std::array<Unit, 5> kUnits = {{{"d", 86'400'000'000},
                                         {"h", 3'600'000'000},
                                         {"m", 60'000'000},
                                         {"s", 1'000'000},
                                         {"ms", 1'000}}};

absl::StatusOr<Value> ParseDuration(std::string_view text) {
  const auto length =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
  const std::string_view digits = text.substr(0, length);
  const std::string_view unit = text.substr(length);
  if (!IsPlainNumber(digits)) return Refused(text, "is no duration like 500ms, 10s, 5m, 2h or 3d");
  if (unit.empty()) return Refused(text, fmt::format("has no unit: write {}s, {}m, …", text, text));
  const auto found = std::find_if(kUnits.begin(), kUnits.end(),
                                  [&](const Unit& candidate) { return candidate.name == unit; });
  if (found == kUnits.end()) return Refused(text, "is no duration like 500ms, 10s, 5m, 2h or 3d");
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() ||
      count > std::numeric_limits<std::int64_t>::max() / found->microseconds) {
    return Refused(text, "is beyond what a duration can hold");
  }
  return Value(Duration(count * found->microseconds));
}

std::string FormatWithUnit(Duration duration) {
  if (duration.count() == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (duration.count() % unit.microseconds == 0) {
      return fmt::format("{}{}", duration.count() / unit.microseconds, unit.name);
    }
  }
  return fmt::format("{}us", duration.count());  // Never in force: CheckSettings refuses it.
}

std::string FormatUniques(const std::vector<UniqueInstance>& uniques) {
  std::string text;
  for (const UniqueInstance& unique : uniques) {
    if (!text.empty()) text += ',';
    text += unique.key + '{';
    for (const Variable& variable : unique.variables) {
      if (text.back() != '{') text += ',';
      text +=
          fmt::format("{}={}{}", variable.name, variable.secret ? "secret " : "", variable.value);
    }
    text += '}';
  }
  return text;
}

}  // namespace

std::string_view KeyTypeName(KeyType type) {
  switch (type) {
    case KeyType::kInteger:
      return "whole number";
    case KeyType::kNumber:
      return "number";
    case KeyType::kFlag:
      return "true or false";
    case KeyType::kText:
      return "text";
    case KeyType::kDuration:
      return "duration";
    case KeyType::kUniques:
      return "unique instances";
    case KeyType::kZone:
      return "time zone";
    case KeyType::kSchedule:
      return "schedule";
  }
  CHECK(!"a key type");
}

std::string_view WhatIsDue(KeyType type) {
  switch (type) {
    case KeyType::kInteger:
      return "a whole number";
    case KeyType::kNumber:
      return "a number";
    case KeyType::kFlag:
      return "true or false";
    case KeyType::kText:
      return "text";
    case KeyType::kDuration:
      return "a duration like 10s";
    case KeyType::kUniques:
      return "unique instances with their variables";
    case KeyType::kZone:
      return "a time zone like Europe/Berlin";
    case KeyType::kSchedule:
      return "a schedule";
  }
  CHECK(!"a key type");
}

KeyType TypeOf(const Value& value) {
  return std::visit(
      Overloaded{[](std::int64_t) { return KeyType::kInteger; },
                 [](double) { return KeyType::kNumber; }, [](bool) { return KeyType::kFlag; },
                 [](const std::string&) { return KeyType::kText; },
                 [](Duration) { return KeyType::kDuration; },
                 [](const std::vector<UniqueInstance>&) { return KeyType::kUniques; },
                 [](const TimeZone&) { return KeyType::kZone; },
                 [](const Schedule&) { return KeyType::kSchedule; }},
      value);
}

absl::StatusOr<Value> ParseValue(KeyType type, std::string_view text) {
  switch (type) {
    case KeyType::kInteger:
      return ParseInteger(text);
    case KeyType::kNumber:
      return ParseNumber(text);
    case KeyType::kFlag:
      if (text == "true") return Value(true);
      if (text == "false") return Value(false);
      return Refused(text, "is neither true nor false");
    case KeyType::kText:
      return Value(std::string(text));
    case KeyType::kDuration:
      return ParseDuration(text);
    case KeyType::kUniques:
      return Refused(text, "cannot be unique instances: they are given in a configuration file");
    case KeyType::kZone:
      return ParseZone(text);
    case KeyType::kSchedule: {
      absl::StatusOr<Schedule> schedule = ParseSchedule(text);
      if (!schedule.ok()) return schedule.status();
      return Value(*std::move(schedule));
    }
  }
  CHECK(!"a key type");
}

std::string FormatValue(const Value& value) {
  return std::visit(
      Overloaded{[](std::int64_t integer) { return fmt::format("{}", integer); },
                 [](double number) { return fmt::format("{}", number); },
                 [](bool flag) { return std::string(flag ? "true" : "false"); },
                 [](const std::string& text) { return text; },
                 [](Duration duration) { return FormatWithUnit(duration); },
                 [](const std::vector<UniqueInstance>& list) { return FormatUniques(list); },
                 [](const TimeZone& zone) { return FormatZone(zone); },
                 [](const Schedule& schedule) { return FormatSchedule(schedule); }},
      value);
}

}  // namespace epu
