#pragma once

#include <memory>
#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/context.h"
#include "cli/log_search.h"
#include "cli/status_facts.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// What the reading verbs begin with: the log, the moment that is asked for, the state then, and
// what the server knows beside its log.

namespace epu {

inline Zone ZoneOf(const Options& options) { return options.local ? Zone::kLocal : Zone::kUtc; }

// A log at one moment. Made by Look or LookAndFold; what it refers to belongs to the context.
struct View {
  const EventLog* log = nullptr;
  std::unique_ptr<Names> names;
  Position position;       // Of the last event that counts, and the moment shown.
  bool past = false;       // --at was given.
  Projection<State> fold;  // Empty after Look.
  std::optional<HeardAges> heard;
  std::string server_note;     // Why the server said nothing; empty where it did, or is not asked.
  bool unprovisioned = false;  // The run is served here, and no process keeps its sites.
  std::string run;             // Its name, or what --log named.
};

// `at` is --at, or empty for the present, whose moment is the server's recorded time, where one
// answers.
absl::StatusOr<View> Look(Context& context, const std::string& at);

// The same with the state folded up to there.
absl::StatusOr<View> LookAndFold(Context& context, const std::string& at);

// A fold of `log`, the context's own, up to `until` or an earlier moment: what the nearest snapshot
// holds. Empty where there is none, and for a log elsewhere, whose snapshots its server has.
Projection<State> NearestFold(Context& context, const EventLog& log, Sequence until);

// The present as the log alone tells it: no server is asked, nothing is said on stderr but what
// opening the log does.
absl::StatusOr<View> LookIntoLog(Context& context);

// Brings a view of the present up to now: its position, its fold and what the server says.
absl::Status BringToPresent(Context& context, View& view);

// The events from `from` (included) to `to` (excluded), each a time, a sequence or empty, of a
// view. Empty where nothing lies between them. Errors as ParseMoment.
absl::StatusOr<SequenceRange> ParseRange(const View& view, const std::string& from,
                                         const std::string& to, Time now, Zone zone);

// The same, and kInvalidArgument where nothing lies between them.
absl::StatusOr<SequenceRange> RequireRange(const View& view, const std::string& from,
                                           const std::string& to, Time now, Zone zone);

// For the views of status. `view` outlives it.
StatusFacts FactsOf(const View& view, Zone zone);

// "at 18098, 2026-11-22 09:12:00Z\n" where --at was given: an answer about the past begins with its
// moment. Empty without.
std::string MomentLine(const View& view, Zone zone);

// The same line, of any view.
std::string MomentText(const View& view, Zone zone);

// The EPU of that name, of all that the log ever defined; kNotFound as RequireEpu. Looks at every
// event.
absl::StatusOr<EpuNumber> RequireEpuOfLog(const EventLog& log, const std::string& name);

// The EPU of that name; kNotFound, with the nearest, where there is none.
absl::StatusOr<const Epu*> RequireEpu(const State& state, const std::string& name);

}  // namespace epu
