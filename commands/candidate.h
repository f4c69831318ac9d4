#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "engines/catalog.h"
#include "eventlog/definition.h"

namespace epu {

// Another policy for a pool, to be tried on what happened or may happen. Never acted on.
struct CandidatePolicy {
  std::string engine;             // Empty: the one in force.
  std::vector<Setting> settings;  // What it has otherwise than the policy in force.
  bool operator==(const CandidatePolicy&) const = default;
};

// Whether it is the policy in force itself.
inline bool IsRecordedPolicy(const CandidatePolicy& candidate) {
  return candidate.engine.empty() && candidate.settings.empty();
}

// `in_force` as the candidate has it: keys that it does not name keep their values where its engine
// has them too, else their defaults.
//   kNotFound         this build has no such engine
//   kInvalidArgument  its settings are wrong, a line for each fault: "queuelen_low_water is 120, …"
absl::StatusOr<EpuDefinition> UnderCandidate(const EpuDefinition& in_force,
                                             const CandidatePolicy& candidate,
                                             const EngineCatalog& catalog);

}  // namespace epu
