#include "engines/catalog.h"

#include <algorithm>
#include <iterator>

#include "engines/npreserving.h"
#include "engines/queuelen.h"
#include "engines/scheduled.h"
#include "engines/sensor.h"

namespace epu {

EngineCatalog BuiltInEngines() {
  EngineEntry entries[] = {
      {"npreserving", 1, "Keeps a pool at preserve_n workers.", NPreservingKeys(),
       MakeNPreserving()},
      {"queuelen", 1, "Keeps a pool between two marks of a queue's length, a worker at a time.",
       QueueLenKeys(), MakeQueueLen()},
      {"scheduled", 1, "Sizes a pool by the time of day and week.", ScheduledKeys(),
       MakeScheduled()},
      {"sensor", 1, "Keeps a number between two thresholds: a sensor's, or the workers' average.",
       SensorKeys(), MakeSensor()},
  };
  return EngineCatalog(std::make_move_iterator(std::begin(entries)),
                       std::make_move_iterator(std::end(entries)));
}

const EngineEntry* FindEngine(const EngineCatalog& catalog, std::string_view name) {
  const auto found = std::find_if(catalog.begin(), catalog.end(),
                                  [&](const EngineEntry& entry) { return entry.name == name; });
  return found == catalog.end() ? nullptr : &*found;
}

std::vector<DecisionEngine::Problem> CheckDefinition(const EngineEntry& entry,
                                                     EpuDefinition definition) {
  std::vector<DecisionEngine::Problem> problems =
      CheckSettings(entry.name, entry.keys, definition.settings);
  if (!problems.empty()) return problems;
  definition.settings = Complete(entry.keys, definition.settings);
  return entry.engine->Validate(definition);
}

}  // namespace epu
