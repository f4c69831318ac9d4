#pragma once

#include <functional>
#include <stop_token>

#include <absl/status/status.h>

#include "cli/journal.h"
#include "commands/clock.h"
#include "commands/command.h"
#include "engines/catalog.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// Follows a log and asks the shadows of its pools (commands/shadow.h), beside the writer and never
// in its way: it has a fold and a thread of its own, and what the shadows say is reported like a
// reading. A shadow that takes long delays the other shadows alone.

namespace epu {

// Used by one thread. The log and the catalog outlive it.
class ShadowKeeper {
 public:
  // What is to be recorded; one that is lost is found again. Called from this thread.
  using Report = std::function<void(Order)>;

  // `known` is a fold of `log`: where it goes on from.
  ShadowKeeper(const EventLog& log, const EngineCatalog& catalog, Projection<State> known,
               Report report);
  ShadowKeeper(const ShadowKeeper&) = delete;
  ShadowKeeper& operator=(const ShadowKeeper&) = delete;

  // Comes as far as the log does and asks every shadow at `now`. Where no pool has one, only the
  // definitions are folded.
  absl::Status Pass(Time now);

  // Does so over and over, whenever something happened and at each pulse, until `stop`.
  void Run(const std::stop_token& stop, Clock& clock, const Journal& journal);

 private:
  bool HasShadows() const;

  const EventLog& log_;
  const EngineCatalog& catalog_;
  Projection<State> definitions_;
  Projection<State> known_;  // Behind while there are no shadows.
  const Report report_;
};

}  // namespace epu
