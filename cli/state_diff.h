#pragma once

#include <string>
#include <vector>

#include "cli/json_view.h"
#include "cli/status_facts.h"

// What changed in what was believed, between two moments: thing by thing (the run, sites, EPUs,
// workers, sensors) and field by field. Pure, but for names.

namespace epu {

struct FieldChange {
  std::string key;
  Json before;  // Null where there was none.
  Json after;
  bool operator==(const FieldChange&) const = default;
};

enum class ThingChange { kAdded, kRemoved, kChanged };

struct Difference {
  ThingChange change{};
  std::string kind;                 // "run", "site", "epu", "worker", "sensor".
  std::string name;                 // Empty for the run.
  std::vector<FieldChange> fields;  // Of one that was added or removed: all that it has or had.
  bool operator==(const Difference&) const = default;
};

// In the order of kinds above, each by name. Ages and what only counts (the moment itself) are
// left out.
std::vector<Difference> CompareStates(const StatusFacts& before, const StatusFacts& after);

// "~ epu crunch  wanted  4 → 5", a line a field; of what was added or removed one line.
std::string FormatDifferences(const std::vector<Difference>& differences);

Json DifferencesJson(const std::vector<Difference>& differences);

}  // namespace epu
