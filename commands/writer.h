#pragma once

#include <set>
#include <span>
#include <utility>
#include <vector>

#include <absl/status/status.h>

#include "commands/clock.h"
#include "commands/command.h"
#include "commands/due.h"
#include "commands/liveness.h"
#include "engines/catalog.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// The one writer of a log: decides a batch of commands in order, reviews the pools they touched and
// those whose pulse is due, appends once, and only then answers. Used by one thread.
//
// Deciding runs on a draft; what is known durably is folded from what was written. After a failed
// append the draft is thrown away and, where it is unknown what was written, the log is read again.

namespace epu {

class Writer {
 public:
  // All three outlive the writer.
  Writer(EventLog& log, Clock& clock, const EngineCatalog& catalog);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Goes on from `known`, a fold of the log, instead of the log's start. REQUIRES: before Load.
  void Resume(Projection<State> known) { durable_ = std::move(known); }

  // Folds the log: what is known before a server starts.
  absl::Status Load();

  // Folds what is new in the log, and begins an epoch.
  //   kAlreadyExists       the epoch was used before, or the id of a copy is the log's: draw
  //   another kFailedPrecondition  the log was last written elsewhere (see Succession)
  absl::Status Start(const StartServer& start);

  // Decides and records `commands`, what the doctor finds, and the reviews that follow; one answer
  // a command, in order. Called with none, it does what time has made due.
  std::vector<Answer> Process(std::span<const Command> commands);

  // Takes a heartbeat; what it changes is recorded by the next Process.
  void Hear(const Heartbeat& heartbeat);

  // What is durably known.
  const State& state() const { return durable_.state; }
  const Liveness& liveness() const { return liveness_; }

  // Whether the last Process recorded anything that a provisioner acts on: more than readings,
  // health and decisions.
  bool concerns_sites() const { return concerns_sites_; }

  // Not OK once this writer must not go on: another server writes the log, or the log cannot be
  // read. Final.
  const absl::Status& fault() const { return fault_; }

 private:
  struct Batch {
    Time time{};
    std::vector<Event> events;
    std::vector<Answer> answers;
    std::set<EpuNumber> touched;
    std::set<EpuNumber> reviewed;
  };
  enum class Scope { kAll, kUrgent };  // Urgent: only what ends workers is recorded; no review.

  Batch DecideBatch(std::span<const Command> commands, Time now, Scope scope);
  void NoteDiskFor(std::span<const Command> commands, Scope scope, Batch& batch);
  Answer DecideOne(const Command& command, Scope scope, Batch& batch);
  std::vector<Answer> AnswerUnwritten(std::span<const Command> commands,
                                      const absl::Status& status) const;
  absl::Status AppendBatch(const Batch& batch, Reserve reserve);
  void TakeDurable(const Batch& batch);
  void NoteBatch(const Batch& batch);
  absl::Status ReadAgain();

  EventLog& log_;
  Clock& clock_;
  const EngineCatalog& catalog_;
  Projection<State> durable_;
  State draft_;  // Equal to the durable state between calls.
  Liveness liveness_;
  Reviewed reviewed_;
  std::uint32_t epoch_ = 0;
  bool concerns_sites_ = false;
  absl::Status fault_;
};

// Events of a batch after which no further command is taken into it: the latency of those that wait
// behind it.
inline constexpr std::size_t kBatchEventsSoft = 16'384;

}  // namespace epu
