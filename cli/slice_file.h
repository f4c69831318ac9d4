#pragma once

#include <cstdint>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/log_search.h"
#include "cli/look.h"
#include "eventlog/event.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// A slice: one EPU over some time, cut out of a log into a small file that stands alone, for tests
// of policies. CloudEvents, one a line as `export` has them: first an "epu.slice" that says of what
// it is, then what makes the pool as it stood at the beginning, then what happened. Sequences are
// those of the log, with gaps.

namespace epu {

struct Slice {
  std::string epu;
  EpuNumber number{};
  Projection<State> known;  // The pool as it stood at the beginning.
  // What happened then to it and to all pools; what a command did to other pools is left out, and
  // its events are counted without that.
  std::vector<Event> events;
  Time end{};
};

// Writes the slice of `epu` over `range`, and returns how many events are in it. The pool that it
// makes is compared with the pool of `known`, the fold before the range.
absl::StatusOr<std::uint64_t> WriteSlice(const View& view, EpuNumber epu, SequenceRange range,
                                         const State& known, std::ostream& out);

// kInvalidArgument: "line 12: …".
absl::StatusOr<Slice> ReadSlice(std::istream& in);

}  // namespace epu
