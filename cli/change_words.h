#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"

// What is typed behind the changing verbs, as orders. Every error is kInvalidArgument or kNotFound
// and one sentence. Pure.

namespace epu {

// "crunch/12 web/3" as a Kill, "2 crunch" as a KillSome.
absl::StatusOr<Order> ParseKill(const std::vector<std::string>& words);

// "A:3,B:5": the size of each.
struct PoolSize {
  std::string epu;
  std::int64_t size = 0;
  bool operator==(const PoolSize&) const = default;
};
absl::StatusOr<std::vector<PoolSize>> ParseSizes(std::string_view text);

// What to say of a name that no EPU of `state` has: "no EPU "wep"; did you mean web?".
std::string NoSuchEpu(const State& state, std::string_view name);

// "key=value" words as settings by the table of `engine`. `path` is put before a key in errors.
absl::StatusOr<std::vector<Setting>> ParseSettings(const EngineEntry& engine,
                                                   const std::string& path,
                                                   const std::vector<std::string>& words);

// The same as settings of an EPU of `state`.
absl::StatusOr<Reconfigure> ParseReconfigure(const State& state, const std::string& epu,
                                             const std::vector<std::string>& words,
                                             const EngineCatalog& catalog);

// "crunch/queue"; a sensor may also have a name that reads as a worker's number.
struct SensorWords {
  std::string epu;
  std::string sensor;
  bool operator==(const SensorWords&) const = default;
};
absl::StatusOr<SensorWords> ParseSensor(std::string_view text);

// A finite number.
absl::StatusOr<double> ParseReadingValue(std::string_view text);

}  // namespace epu
