#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "engines/engine.h"
#include "engines/values.h"
#include "eventlog/definition.h"

// The keys of an engine's configuration: one table an engine drives parsing, refusals, `epumgmt
// engines NAME`, completion and the documents. Wherever `keys` is asked for, the whole table is
// meant: the engine's own keys, then CommonKeys().
//
// Where a problem is shown, its text follows its key directly, and the caller writes the path
// before it and the lines around it:
//
//   epus.crunch.config. queuelen_low_water   is 120, above queuelen_high_water 100
//   epus.web.config.    preserve_m          : npreserving has no such key; did you mean preserve_n?
//   (path)              (Problem.key)       (Problem.text, with its blank or colon)
//
// An error of ParseValue is a sentence of its own: `epus.web.config.preserve_n: "3.7" is no whole
// number` takes the colon from the caller.

namespace epu {

struct Key {
  std::string_view name;
  KeyType type{};
  std::optional<Value> default_value = std::nullopt;  // None: the key must be given.
  double at_least = 0;  // Of an integer, a number, (in seconds) a duration, a schedule's counts.
  double at_most = std::numeric_limits<double>::max();
  std::string_view sentence = {};
};

// ---- Limits ----

// The most workers that any key may ask of one pool: a few zeros too many are a mistake.
inline constexpr std::int64_t kPoolSizeMax = 10'000;

// Numbers up to this are exact as a double, in which readings and limits are compared.
inline constexpr double kExactMax = 1e15;

// The most variables of one unique instance; they become the environment of a process.
inline constexpr std::size_t kUniqueVariablesMax = 256;

// ---- Tables ----

// Keys that every engine has, handled outside the engines: max_instances,
// devmode_no_failure_compensation.
std::span<const Key> CommonKeys();

// The whole table of an engine with the keys `own`.
std::vector<Key> WithCommonKeys(std::vector<Key> own);

// ---- Checking and completing ----

// What is wrong with `given`, a key at a time: unknown keys (with a suggestion), keys twice, values
// of another type or beyond their limits, missing keys. Empty where Complete may be called.
std::vector<DecisionEngine::Problem> CheckSettings(std::string_view engine,
                                                   std::span<const Key> keys,
                                                   const std::vector<Setting>& given);

// What CheckSettings says of a key that the engine lacks.
std::string UnknownKey(std::string_view engine, std::span<const Key> keys, std::string_view word);

// Every key in the order of the table, with its value or its default.
// REQUIRES: CheckSettings found nothing.
std::vector<Setting> Complete(std::span<const Key> keys, const std::vector<Setting>& given);

// `settings` with the values of `changes`; keys that `changes` does not name keep theirs, and a key
// that it names is replaced whole. New keys follow at the end. Neither is checked: CheckSettings
// judges the outcome.
std::vector<Setting> Merge(std::vector<Setting> settings, const std::vector<Setting>& changes);

// What is wrong where the setting `lower` is to be at most `upper`; nothing where it is. REQUIRES:
// both are numbers, whole or not.
std::optional<DecisionEngine::Problem> OrderProblem(const EpuDefinition& definition,
                                                    std::string_view lower, std::string_view upper);

// Those of `problems` that there are, for DecisionEngine::Validate.
std::vector<DecisionEngine::Problem> Gather(
    std::initializer_list<std::optional<DecisionEngine::Problem>> problems);

// ---- A typed look at a complete configuration. REQUIRES: the key is there with that type. ----

std::int64_t IntegerOf(const EpuDefinition& definition, std::string_view key);
double NumberOf(const EpuDefinition& definition, std::string_view key);
bool FlagOf(const EpuDefinition& definition, std::string_view key);
const std::string& TextOf(const EpuDefinition& definition, std::string_view key);
Duration DurationOf(const EpuDefinition& definition, std::string_view key);
const std::vector<UniqueInstance>& UniquesOf(const EpuDefinition& definition, std::string_view key);
const TimeZone& ZoneOf(const EpuDefinition& definition, std::string_view key);
const Schedule& ScheduleOf(const EpuDefinition& definition, std::string_view key);

bool HasKey(const EpuDefinition& definition, std::string_view key);

// `text` as a value of `key`: see values.h. Limits are CheckSettings's matter.
absl::StatusOr<Value> ParseValue(const Key& key, std::string_view text);

}  // namespace epu
