#pragma once

#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/look.h"
#include "cli/progress_bar.h"
#include "cli/what_if_view.h"
#include "commands/what_if.h"

// What-if over a range of a log: read twice, first for what the model is made from, then for every
// policy at once.

namespace epu {

struct NamedCandidate {
  std::string name;
  CandidatePolicy candidate;
};

struct WhatIfRequest {
  EpuNumber epu{};
  std::vector<NamedCandidate> candidates;  // Each taken by UnderCandidate.
  std::optional<double> mark;              // The reading not to be above.
  bool forced = false;                     // The candidates are modelled from the beginning.
};

struct WhatIfAnswer {
  std::vector<NamedOutcome> outcomes;  // What is recorded first.
  Workload work;
  Time end{};
};

// The workload that the events of `range` tell of, up to `end`; shown on `bar`.
absl::StatusOr<Workload> FitWorkload(const EventLog& log, SequenceRange range, const Epu& epu,
                                     Time end, ProgressBar& bar);

// The mark that a reading of the pool is not to be above, where its engine has one.
std::optional<double> HighWaterOf(const EpuDefinition& definition);

// The fold before `range`, whose beginning is moved behind the definition of the pool where that is
// later. kInvalidArgument where nothing is left of it.
absl::StatusOr<Projection<State>> BeginRange(Context& context, const View& view, EpuNumber epu,
                                             SequenceRange& range);

// Shows a progress bar. `known` is the fold before `range`.
absl::StatusOr<WhatIfAnswer> RunCandidates(Context& context, const View& view, SequenceRange range,
                                           Projection<State> known, WhatIfRequest request);

}  // namespace epu
