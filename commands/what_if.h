#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/candidate.h"
#include "commands/pool_model.h"
#include "commands/replay.h"
#include "engines/catalog.h"
#include "projections/pool_outcome.h"
#include "projections/workload.h"

// What a pool would have come to under another policy. Up to the first decision that differs from
// the record everything is fact: the recorded events, decided again. From there on the record tells
// nothing of what would have happened, and a model of the queue, fitted to the record, goes on. The
// policy in force never reaches the model. Pure.

namespace epu {

// How one policy did.
struct WhatIfOutcome {
  PoolOutcome outcome;
  Sequence modelled_after = 0;  // The last event that is fact; 0: everything is.
  std::optional<Time> modelled_from;
  std::optional<ReplayDifference> difference;  // Where it left the record; empty if it was forced.
  std::uint64_t done = 0;                      // Jobs.
  std::vector<Duration> waited;                // Of those that began: from arrival to start.
};

// One candidate over a range of a log.
class WhatIf {
 public:
  struct Trial {
    EpuNumber epu{};
    CandidatePolicy candidate;
    Time from{};
    Time end{};
    std::optional<double> mark;  // See PoolOutcome.
    bool forced = false;         // The model is used from the beginning.
    // Is told every event that counts, of the record and of the model.
    std::function<void(const Event&)> observe = nullptr;
  };

  // `known` is the fold of the log before the range. `work` is fitted to the range; it and
  // `catalog` outlive this. REQUIRES: the pool is in `known`, and UnderCandidate takes it.
  WhatIf(Projection<State> known, const Trial& trial, const Workload& work,
         const EngineCatalog& catalog);

  // Takes the next event of the range.
  void Take(const Event& event);

  // Whether further events change nothing.
  bool HasLeftRecord() const { return trial_.forced || replay_.stopped(); }

  // The range is over; the model, where one is needed, runs to its end.
  WhatIfOutcome Finish();

 private:
  void NoteJobs(WhatIfOutcome& result, Time until) const;

  const Trial trial_;
  const Workload& work_;
  const EngineCatalog& catalog_;
  State begun_;  // Where the model begins if it is forced.
  Replay replay_;
  PoolOutcome outcome_;
  std::vector<Event> command_;  // Under way: it counts when it is whole, and did not differ.
};

// The outcome of a policy on a workload that is no record: the pool of `known` begins at the first
// job and is looked at until `end`.
WhatIfOutcome RunModel(State known, EpuNumber epu, const CandidatePolicy& candidate,
                       const Workload& work, Time from, Time end, std::optional<double> mark,
                       const EngineCatalog& catalog);

}  // namespace epu
