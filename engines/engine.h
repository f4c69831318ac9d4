#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/event.h"
#include "projections/state.h"

// A scaling policy: a function of what is known of one pool and the time, and nothing else. It
// keeps nothing between calls, reads no clock and draws no random number, so that any decision can
// be made again years later, bit for bit.
//
// An engine says how large the pool is to be and why. It does not repair, does not pick victims and
// does not know the limits of sites: what is the same for every engine is done once, in
// commands/review.h.

namespace epu {

struct Decision {
  std::uint32_t wanted = 0;  // The size the pool is to have. Equal to `epu.wanted`: no change.
  std::vector<Constraint>
      constraints;               // First what drove it or held it, then what else bore on it.
  std::vector<Sequence> inputs;  // The readings it was made from.
  bool operator==(const Decision&) const = default;
};

// A constraint that does not let go by itself at a known time.
inline Constraint Because(ConstraintKind kind, double value, double limit) {
  return {.kind = kind, .value = value, .limit = limit, .until = std::nullopt};
}

class DecisionEngine {
 public:
  DecisionEngine() = default;
  DecisionEngine(const DecisionEngine&) = delete;
  DecisionEngine& operator=(const DecisionEngine&) = delete;
  virtual ~DecisionEngine() = default;

  // The size that `epu` is to have at `now`. `epu` is as it stands after repair: workers found
  // unhealthy no longer count, their replacements are there as requested. Once a decision is
  // recorded and its workers are requested or retired, deciding again at the same time wants the
  // same size. An error holds this EPU, shows as UNKNOWN, and stops nothing else.
  // REQUIRES: the settings are complete and were accepted by CheckSettings (keys.h) and Validate.
  virtual absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const = 0;

  // One thing wrong with a configuration, at `key`. The text follows the key directly, with its
  // blank or colon: {"queuelen_low_water", " is 120, above queuelen_high_water 100"}.
  struct Problem {
    std::string key;
    std::string text;
    bool operator==(const Problem&) const = default;
  };

  // The rules that span several keys, or a key and the rest of the definition. Empty where all is
  // well.
  // REQUIRES: the settings are complete and were accepted by CheckSettings.
  virtual std::vector<Problem> Validate(const EpuDefinition& definition) const = 0;
};

}  // namespace epu
