#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engines/engine.h"
#include "engines/keys.h"

// The engines this build has, in one table.

namespace epu {

struct EngineEntry {
  std::string_view name;
  std::uint32_t version = 0;  // Rises whenever the engine would decide anything otherwise.
  std::string_view sentence;
  std::span<const Key> keys;  // Its own, then CommonKeys().
  std::unique_ptr<const DecisionEngine> engine;
};

using EngineCatalog = std::vector<EngineEntry>;

// npreserving, queuelen, scheduled and sensor.
EngineCatalog BuiltInEngines();

// Null where this build has no such engine.
const EngineEntry* FindEngine(const EngineCatalog& catalog, std::string_view name);

// What is wrong with the settings of `definition`, all at once: first what CheckSettings finds and,
// where that is nothing, what the engine finds in the completed settings. Nothing of it is changed.
std::vector<DecisionEngine::Problem> CheckDefinition(const EngineEntry& entry,
                                                     EpuDefinition definition);

}  // namespace epu
