#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/definition_diff.h"
#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"

// What a change of configuration would do, before it is made: the decision and the review that the
// server would make, made here on a copy of the state. Pure; an estimate, because the state may
// move meanwhile.

namespace epu {

// A value that someone set by `reconfigure`, and that no file has overridden since.
struct SetByHand {
  Sequence sequence = 0;
  Time time{};
  ActorNumber actor{};
  bool operator==(const SetByHand&) const = default;
};

// The state, and who set what by hand: a projection of its own (projections/projection.h).
struct ConfigView {
  State state;
  std::map<std::pair<EpuNumber, std::string>, SetByHand> by_hand;  // By setting.
};
void Evolve(ConfigView& view, const Event& event);

enum class PlanMark {
  kAdd,
  kChange,
  kRemove,   // Drained and removed: it is not in the file.
  kRestart,  // No difference; a pool that development mode stopped is set going again.
  kKept,     // Not in the file, and left alone.
  kUnchanged
};

// Whose value a file is about to override.
struct Override {
  std::string actor;
  Sequence sequence = 0;
  Time time{};
};

struct PlanItem {
  PlanMark mark{};
  std::string kind;  // "epu", "site"; "run" for the limit of the whole run.
  std::string name;
  std::vector<FieldChange> changes = {};           // Of kChange.
  std::map<std::string, Override> overrides = {};  // By key, where it was set by hand.
  std::string text = {};                           // Of the others, but for kUnchanged.
  std::size_t launches = 0;                        // At once.
  std::vector<std::string> ends = {};              // Workers that it ends at once: "crunch/12".
  std::size_t shrinks = 0;  // By how many workers the pool becomes smaller, at once or by and by.
  bool empties = false;     // Of a pool with workers, none is to stay.
};

struct ApplyPlan {
  Sequence basis = 0;  // The last event it was worked out from.
  std::vector<PlanItem> items;
};

// What `apply` would do to what is in `view`, worked out from all of it. Refused like the command
// itself (commands/apply.h): one line a fault.
absl::StatusOr<ApplyPlan> PlanApply(const ConfigView& view, const Apply& apply, Time now,
                                    const EngineCatalog& catalog);

// The same for one EPU's settings.
absl::StatusOr<ApplyPlan> PlanReconfigure(const ConfigView& view, const Reconfigure& change,
                                          Time now, const EngineCatalog& catalog);

// Whether anything is to be recorded.
bool ChangesAnything(const ApplyPlan& plan);

// Whether what is declared is not what is in force.
bool Differs(const ApplyPlan& plan);

// How many workers would end in all.
std::size_t CountEnding(const ApplyPlan& plan);

}  // namespace epu
