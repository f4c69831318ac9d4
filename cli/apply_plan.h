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

enum class PlanMark { kAdd, kChange, kKept, kUnchanged };

struct PlanItem {
  PlanMark mark{};
  std::string kind;  // "epu", "site"; "run" for the limit of the whole run.
  std::string name;
  std::vector<FieldChange> changes = {};  // Of kChange.
  std::map<std::string, std::string> overrides =
      {};                              // By key: whose value it was, where set by hand.
  std::string text = {};               // Of kAdd and kKept.
  std::size_t launches = 0;            // At once.
  std::vector<std::string> ends = {};  // Workers that it ends at once: "crunch/12".
  std::size_t shrinks = 0;  // By how many workers the pool becomes smaller, at once or by and by.
  bool empties = false;     // Of a pool with workers, none is to stay.
};

struct ApplyPlan {
  std::vector<PlanItem> items;
  bool changes_anything = false;
};

// What `apply` would do to what is in `view`. Refused like the command itself (commands/apply.h):
// one line a fault.
absl::StatusOr<ApplyPlan> PlanApply(const ConfigView& view, const Apply& apply, Time now,
                                    const EngineCatalog& catalog);

// The same for one EPU's settings.
absl::StatusOr<ApplyPlan> PlanReconfigure(const ConfigView& view, const Reconfigure& change,
                                          Time now, const EngineCatalog& catalog);

// The lines of the difference and, for apply, their sum: "1 to add, 1 to change, 0 to remove; ends
// no worker".
std::string FormatPlan(const ApplyPlan& plan);
std::string FormatSum(const ApplyPlan& plan);

// "web/2, web/3 and 4 more"
std::string FormatWorkers(const std::vector<std::string>& workers);

// Pools that would be emptied, by name, and how many workers would end in all.
std::vector<std::string> EmptiedPools(const ApplyPlan& plan);
std::size_t CountEnding(const ApplyPlan& plan);

}  // namespace epu
