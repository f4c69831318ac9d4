#include "commands/candidate.h"

#include <algorithm>
#include <string>
#include <utility>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace epu {

absl::StatusOr<EpuDefinition> UnderCandidate(const EpuDefinition& in_force,
                                             const CandidatePolicy& candidate,
                                             const EngineCatalog& catalog) {
  EpuDefinition definition = in_force;
  if (!candidate.engine.empty()) definition.engine = candidate.engine;
  const EngineEntry* const engine = FindEngine(catalog, definition.engine);
  if (engine == nullptr) {
    return absl::NotFoundError(
        fmt::format("this build has no engine \"{}\"; see: epumgmt engines", definition.engine));
  }
  std::erase_if(definition.settings, [&](const Setting& setting) {
    return std::none_of(engine->keys.begin(), engine->keys.end(), [&](const Key& key) {
      return key.name == setting.key && key.type == TypeOf(setting.value);
    });
  });
  definition.settings = Merge(std::move(definition.settings), candidate.settings);
  std::vector<std::string> faults;
  for (const auto& problem : CheckDefinition(*engine, definition)) {
    faults.push_back(problem.key + problem.text);
  }
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  definition.settings = Complete(engine->keys, definition.settings);
  return definition;
}

}  // namespace epu
