#include "eventlog/decision.h"

#include <array>

#include "eventlog/code_name.h"

namespace epu {

std::string_view ConstraintName(ConstraintKind kind) {
  static constexpr std::array<std::string_view, 28> kNames = {
      "preserve_n",       "uniques",         "high_water",   "low_water",
      "first_worker",     "minimum",         "work_remains", "pending",
      "reading_absent",   "reading_broken",  "reading_old",  "max_instances",
      "site_max_workers", "run_max_workers", "back_off",     "disabled",
      "site_disabled",    "unhealthy",       "lost",         "review_max",
      "decided_on",       "scheduled",       "paused",       "needed",
      "above_threshold",  "below_threshold", "cool_down",    "reporting"};
  return NameOf(kNames, kind);
}

std::string_view CauseName(DecisionCause cause) {
  static constexpr std::array<std::string_view, 2> kNames = {"repair", "scaling"};
  return NameOf(kNames, cause);
}

}  // namespace epu
