#pragma once

#include <chrono>
#include <set>
#include <string>

#include "cli/config_reader.h"
#include "engines/catalog.h"
#include "eventlog/definition.h"

namespace epu {

// ---- Defaults ----

inline constexpr Duration kStopGraceDefault = std::chrono::seconds(10);
inline constexpr Duration kDrainTimeoutDefault = std::chrono::minutes(5);
inline constexpr Duration kBootTimeoutDefault = std::chrono::seconds(300);
inline constexpr Duration kMissingTimeoutDefault = std::chrono::seconds(120);
inline constexpr Duration kZombieTimeoutDefault = std::chrono::seconds(120);
inline constexpr Duration kSensorEveryDefault = std::chrono::seconds(2);
inline constexpr Duration kExecTimeoutDefault = std::chrono::seconds(2);

// ---- Reading ----

// What an EPU of a configuration file may refer to.
struct ConfigSurroundings {
  const EngineCatalog& catalog;
  std::set<std::string> sites;
};

// Reads the entry `epus.NAME`. Where that adds faults to the reader, what is returned is
// incomplete.
EpuDefinition ReadEpu(ConfigReader& reader, const std::string& name, const ConfigReader::Item& item,
                      const ConfigSurroundings& surroundings);

}  // namespace epu
