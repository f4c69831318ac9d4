#include "engines/keys.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engines/schedule.h"
#include "engines/suggest.h"
#include "engines/zone_rule.h"
#include "eventlog/check.h"
#include "projections/state.h"

namespace epu {
namespace {

using Problem = DecisionEngine::Problem;

// `limit` of `key` as its values are written.
std::string LimitText(const Key& key, double limit) {
  if (key.type != KeyType::kDuration) return fmt::format("{}", limit);
  return FormatValue(Duration(static_cast<std::int64_t>(limit * 1e6)));
}

std::optional<std::string> BeyondLimits(const Key& key, const Value& value, double number) {
  if (number != number) return " is nan; a number is due";
  if (number < key.at_least) {
    return fmt::format(" is {}, below its limit {}", FormatValue(value),
                       LimitText(key, key.at_least));
  }
  if (number > key.at_most) {
    return fmt::format(" is {}, above its limit {}", FormatValue(value),
                       LimitText(key, key.at_most));
  }
  return std::nullopt;
}

// Names of unique instances follow the rule for names of EPUs, but may be digits only.
bool IsUniqueName(std::string_view name) {
  constexpr std::size_t kNameMax = 63;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c);
  };
  if (name.empty() || name.size() > kNameMax || !is_plain(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
}

bool IsVariableName(std::string_view name) {
  return !name.empty() && name.find('=') == name.npos && name.find('\0') == name.npos;
}

std::optional<std::string> UniquesProblem(const std::vector<UniqueInstance>& uniques) {
  std::set<std::string_view> keys;
  for (const UniqueInstance& unique : uniques) {
    if (!IsUniqueName(unique.key)) {
      return fmt::format(
          " has {}; a key is at most 63 letters, digits, '.', '_' or '-', a letter or digit first",
          Quoted(unique.key));
    }
    if (!keys.insert(unique.key).second) return fmt::format(" has {} twice", Quoted(unique.key));
    if (unique.variables.size() > kUniqueVariablesMax) {
      return fmt::format(" has {} with {} variables, above the limit {}", Quoted(unique.key),
                         unique.variables.size(), kUniqueVariablesMax);
    }
    std::set<std::string_view> names;
    for (const Variable& variable : unique.variables) {
      if (!IsVariableName(variable.name)) {
        return fmt::format(" has {} with {}, which cannot name a variable", Quoted(unique.key),
                           Quoted(variable.name));
      }
      if (!names.insert(variable.name).second) {
        return fmt::format(" has {} with variable {} twice", Quoted(unique.key),
                           Quoted(variable.name));
      }
    }
  }
  return std::nullopt;
}

bool IsZoneName(std::string_view name) {
  constexpr std::size_t kZoneNameMax = 64;
  constexpr std::string_view kMarks = "/_+-:";
  if (name.empty() || name.size() > kZoneNameMax) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) ||
           kMarks.find(c) != kMarks.npos;
  });
}

// The names in a rule may be of any length; no zone's come near this.
constexpr std::size_t kZoneRuleMax = 128;

std::optional<std::string> ZoneProblem(const TimeZone& zone) {
  if (!IsZoneName(zone.name)) {
    return fmt::format(" is {}; a time zone like Europe/Berlin, UTC or +01:00 is due",
                       Quoted(zone.name));
  }
  if (zone.rule.empty()) {
    return fmt::format(" is {} without its rule; one like CET-1CEST,M3.5.0,M10.5.0/3 is due",
                       zone.name);
  }
  if (zone.rule.size() > kZoneRuleMax) {
    return fmt::format(" is {} with a rule of {} letters; {} are allowed", zone.name,
                       zone.rule.size(), kZoneRuleMax);
  }
  const absl::StatusOr<ZoneRule> rule = ParseZoneRule(zone.rule);
  if (!rule.ok()) {
    return fmt::format(" is {} with the rule {}, which {}", zone.name, Quoted(zone.rule),
                       std::string(rule.status().message()));
  }
  const std::optional<TimeZone> fixed = FixedZone(zone.name);
  if (!fixed || *fixed == zone) return std::nullopt;
  return fmt::format(" is {} with the rule {}, which is {}", zone.name, Quoted(zone.rule),
                     fixed->rule);
}

// What is wrong with `value` as a value of `key`, as the text of a Problem.
std::optional<std::string> ValueProblem(const Key& key, const Value& value) {
  if (TypeOf(value) != key.type) {
    return fmt::format(" is {}; {} is due", Quoted(FormatValue(value)), WhatIsDue(key.type));
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return BeyondLimits(key, value, static_cast<double>(*integer));
  }
  if (const auto* number = std::get_if<double>(&value)) return BeyondLimits(key, value, *number);
  if (const auto* duration = std::get_if<Duration>(&value)) {
    if (duration->count() % 1000 != 0) return " is finer than a millisecond";
    return BeyondLimits(key, value, std::chrono::duration<double>(*duration).count());
  }
  if (const auto* uniques = std::get_if<std::vector<UniqueInstance>>(&value)) {
    return UniquesProblem(*uniques);
  }
  if (const auto* zone = std::get_if<TimeZone>(&value)) return ZoneProblem(*zone);
  if (const auto* schedule = std::get_if<Schedule>(&value)) {
    return ScheduleProblem(*schedule, key.at_most);
  }
  return std::nullopt;
}

const Setting* FindSetting(const std::vector<Setting>& settings, std::string_view key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& s) { return s.key == key; });
  return found == settings.end() ? nullptr : &*found;
}

double AsNumber(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  const auto* number = std::get_if<double>(&value);
  CHECK(number != nullptr);
  return *number;
}

template <typename Type>
const Type& ValueOf(const EpuDefinition& definition, std::string_view key) {
  const Setting* setting = FindSetting(definition.settings, key);
  CHECK(setting != nullptr);
  const Type* value = std::get_if<Type>(&setting->value);
  CHECK(value != nullptr);
  return *value;
}

}  // namespace

std::span<const Key> CommonKeys() {
  static const std::array<Key, 2> keys = {
      // As many as a whole run may have that says nothing: an EPU that says nothing is not cut
      // before its run is, and a policy gone wild ends there.
      Key{.name = "max_instances",
          .type = KeyType::kInteger,
          .default_value = std::int64_t{kMaxWorkersDefault},
          .at_most = static_cast<double>(kPoolSizeMax),
          .sentence =
              "The most machines this EPU may have, those on their way in or out included."},
      Key{.name = "devmode_no_failure_compensation",
          .type = KeyType::kFlag,
          .default_value = false,
          .sentence = "Whether a failure is left as it is for somebody to look at, and the EPU "
                      "stays DEVMODE_FAILED until it is configured again."}};
  return keys;
}

std::vector<Key> WithCommonKeys(std::vector<Key> own) {
  for (const Key& key : CommonKeys()) own.push_back(key);
  return own;
}

std::string UnknownKey(std::string_view engine, std::span<const Key> keys, std::string_view word) {
  std::vector<std::string_view> names;
  for (const Key& key : keys) names.push_back(key.name);
  const std::optional<std::string_view> near = Suggest(word, names);
  return fmt::format(": {} has no such key; {}", engine,
                     near ? fmt::format("did you mean {}?", *near)
                          : fmt::format("epumgmt engines {} lists them", engine));
}

std::vector<Problem> CheckSettings(std::string_view engine, std::span<const Key> keys,
                                   const std::vector<Setting>& given) {
  std::vector<Problem> problems;
  std::set<std::string_view> seen;
  for (const Setting& setting : given) {
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == setting.key; });
    if (!seen.insert(setting.key).second) {
      problems.push_back({setting.key, " is given twice"});
    } else if (key == keys.end()) {
      problems.push_back({setting.key, UnknownKey(engine, keys, setting.key)});
    } else if (std::optional<std::string> text = ValueProblem(*key, setting.value)) {
      problems.push_back({setting.key, *std::move(text)});
    }
  }
  for (const Key& key : keys) {
    if (key.default_value || seen.contains(key.name)) continue;
    problems.push_back({std::string(key.name), fmt::format(" is missing; {} needs it", engine)});
  }
  return problems;
}

std::vector<Setting> Complete(std::span<const Key> keys, const std::vector<Setting>& given) {
  std::vector<Setting> settings;
  for (const Key& key : keys) {
    const Setting* setting = FindSetting(given, key.name);
    CHECK(setting != nullptr || key.default_value.has_value());
    settings.push_back({std::string(key.name), setting ? setting->value : *key.default_value});
  }
  return settings;
}

std::vector<Setting> Merge(std::vector<Setting> settings, const std::vector<Setting>& changes) {
  for (const Setting& change : changes) {
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const Setting& s) { return s.key == change.key; });
    if (found == settings.end()) {
      settings.push_back(change);
    } else {
      found->value = change.value;
    }
  }
  return settings;
}

std::optional<Problem> OrderProblem(const EpuDefinition& definition, std::string_view lower,
                                    std::string_view upper) {
  const Setting* low = FindSetting(definition.settings, lower);
  const Setting* high = FindSetting(definition.settings, upper);
  CHECK(low != nullptr && high != nullptr);
  if (AsNumber(low->value) <= AsNumber(high->value)) return std::nullopt;
  return Problem{std::string(lower), fmt::format(" is {}, above {} {}", FormatValue(low->value),
                                                 upper, FormatValue(high->value))};
}

std::vector<Problem> Gather(std::initializer_list<std::optional<Problem>> problems) {
  std::vector<Problem> gathered;
  for (const std::optional<Problem>& problem : problems) {
    if (problem) gathered.push_back(*problem);
  }
  return gathered;
}

std::int64_t IntegerOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<std::int64_t>(definition, key);
}
double NumberOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<double>(definition, key);
}
bool FlagOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<bool>(definition, key);
}
const std::string& TextOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<std::string>(definition, key);
}
Duration DurationOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<Duration>(definition, key);
}
const std::vector<UniqueInstance>& UniquesOf(const EpuDefinition& definition,
                                             std::string_view key) {
  return ValueOf<std::vector<UniqueInstance>>(definition, key);
}

const TimeZone& ZoneOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<TimeZone>(definition, key);
}
const Schedule& ScheduleOf(const EpuDefinition& definition, std::string_view key) {
  return ValueOf<Schedule>(definition, key);
}

bool HasKey(const EpuDefinition& definition, std::string_view key) {
  return FindSetting(definition.settings, key) != nullptr;
}

absl::StatusOr<Value> ParseValue(const Key& key, std::string_view text) {
  return ParseValue(key.type, text);
}

}  // namespace epu
