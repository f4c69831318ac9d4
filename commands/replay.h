#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commands/candidate.h"
#include "engines/catalog.h"
#include "eventlog/event.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// Makes every recorded decision again, from the log alone, and compares it with the record byte for
// byte. Pure: time is the recorded one.
//
// What was appended together has one time, and nothing else has it; last in such a batch stand the
// reviews of the pools that it touched, in the order of their numbers (due.h). So the log tells
// which pools were reviewed in which state: those that left a review, and, by what follows, those
// whose review found nothing. Each is decided again where it stood, before its record is looked at.
// A decision that is wrong, one that should not be there and one that is missing are all found.
//
// Not judged are decisions by a version of an engine that this build does not have, and what the
// writer had reasons of its own not to review: a full disk (DiskFilled), a batch without room for
// another review, the batch of a start.

namespace epu {

// A review that comes out otherwise than it is recorded.
struct ReplayDifference {
  EpuNumber epu{};
  Sequence after = 0;           // It was decided in the state up to here,
  Time time{};                  // at this time.
  std::vector<Event> recorded;  // Empty: there is none in the log.
  std::vector<Event> decided;   // Empty: this build finds nothing to do.
  bool operator==(const ReplayDifference&) const = default;
};

struct ReplayTally {
  std::uint64_t events = 0;     // Looked at.
  std::uint64_t decisions = 0;  // Commands that led to one, and were decided again.
  std::uint64_t agreed = 0;     // Of these.
  std::uint64_t missing = 0;    // This build decides something where nothing is recorded.
  std::uint64_t extra = 0;      // Nothing, where a review is recorded.
  std::uint64_t differing = 0;  // Something else.
  // Commands decided by engines, and versions of them, that this build does not have.
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> skipped;

  std::uint64_t differences() const { return missing + extra + differing; }
};

struct ReplayScope {
  Sequence from = 1;             // What is before is folded, and not judged.
  std::optional<EpuNumber> epu;  // None: every EPU.
  // Where given, `epu` is decided under this policy instead of its own, and what is compared is
  // what a decision does: the size wanted, who is launched, who is ended. The replay then stops at
  // the first difference, in the state that it was decided in: what follows it in the log would not
  // have happened. Where a later policy has settings that the candidate's do not go with, the
  // candidate stays what it was under the one before. REQUIRES: `epu` is given, and UnderCandidate
  // took it for what is in force at the beginning.
  std::optional<CandidatePolicy> candidate = std::nullopt;
};

class Replay {
 public:
  // Goes on from `known`, a fold of the log up to anywhere before `scope.from`. `catalog` outlives
  // this.
  Replay(const EngineCatalog& catalog, Projection<State> known, const ReplayScope& scope);

  // Takes the next event of the log.
  void Take(Event event);

  // There is no further event, and the batch of the last one is whole.
  void Finish();

  const ReplayTally& tally() const { return tally_; }
  const std::optional<ReplayDifference>& first_difference() const { return first_difference_; }
  const State& state() const { return state_; }  // Up to the last whole command.
  bool stopped() const { return scope_.candidate && first_difference_; }

 private:
  void BeginBatch(Time time);
  void EndBatch();
  void TakeCommand();
  void TakeReview(EpuNumber epu);
  void Fold(const Event& event);
  void PutCandidate();
  void ExpectNothingBefore(EpuNumber epu);
  void ExpectNothingOf(EpuNumber epu);
  bool IsJudged(EpuNumber epu) const;
  std::vector<Event> DecideAgain(EpuNumber epu) const;
  void Differ(EpuNumber epu, std::vector<Event> recorded, std::vector<Event> decided);

  const EngineCatalog& catalog_;
  const ReplayScope scope_;
  State state_;
  EpuDefinition in_force_;      // Of the EPU whose policy is a candidate's,
  EpuDefinition under_;         // and as the candidate has it.
  std::vector<Event> command_;  // The events of the command under way.

  // Of the batch under way.
  Time time_{};
  bool whole_ = false;           // It was seen from its first event.
  bool started_ = false;         // A server's start is in it: that is all there is.
  std::size_t size_ = 0;         // Its events so far.
  bool full_ = false;            // It had no room for another review.
  bool reviewing_ = false;       // Its reviews have begun.
  std::set<EpuNumber> touched_;  // And not reviewed yet.

  std::set<EpuNumber> foreign_;  // Whose last decision was made by a version that is not here.
  ReplayTally tally_;
  std::optional<ReplayDifference> first_difference_;
};

}  // namespace epu
