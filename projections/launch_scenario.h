#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "projections/expectations.h"
#include "projections/pool_outcome.h"
#include "projections/state.h"

// A system test by script: what is done to a pool and the servers around it, at which times, and
// what is expected of the pool meanwhile. The original's workload tests, with expectations. Whether
// these were met is told by the pool's events alone, so that a test in real time and one on a model
// are judged by the same rule. Pure.

namespace epu {

// ---- What is done ----

struct SubmitJobs {
  std::uint32_t count = 0;
  Duration runs{};    // Each, on one worker.
  std::string batch;  // Their name, for who submits them; may be empty.
  bool operator==(const SubmitJobs&) const = default;
};

// Ends the first of the workers that were started or run, as an operator does.
struct KillWorkers {
  std::uint32_t count = 0;
  bool operator==(const KillWorkers&) const = default;
};

// Ends the machine of a service behind the launcher's back, as its site ends one, and has the
// launch repaired.
struct KillController {
  std::string service;
  bool operator==(const KillController&) const = default;
};

// ---- What is expected ----

// Opens at its time, when everything before it in the script was done. All that it says has to be
// so at one moment, at the latest `within` from then. A reading counts if it was taken after all
// that; the work is done when two readings in a row tell of none, waiting or in progress, since a
// broker may tell what it knew a moment ago. A sensor that tells nothing of work in progress proves
// by that that none waits.
struct PoolExpectation {
  std::optional<std::uint32_t> running_at_least = std::nullopt;  // Workers that run.
  std::optional<std::uint32_t> running_at_most = std::nullopt;
  std::optional<double> queue_at_most = std::nullopt;
  bool jobs_done = false;
  Duration within{};
  bool operator==(const PoolExpectation&) const = default;
};

struct ScenarioStep {
  Duration at{};  // From the beginning. Steps stand by time, and are made one after another.
  std::variant<SubmitJobs, KillWorkers, KillController, PoolExpectation> what;
  bool operator==(const ScenarioStep&) const = default;
};

struct LaunchScenario {
  std::string pool;                 // An EPU's name.
  std::vector<std::string> submit;  // The program that submits; empty where nothing is submitted.
  Expectations throughout;
  std::vector<ScenarioStep> steps;
  bool operator==(const LaunchScenario&) const = default;
};

bool IsExpectation(const ScenarioStep& step);

// ---- What happened ----

enum class StepVerdict {
  kNotReached,  // Not begun, or not decided.
  kDone,
  kLeftOut,  // There is nothing like it where the scenario is played.
  kFailed,   // It was not done, or nobody knows.
  kHeld,
  kMissed,
};

struct StepOutcome {
  StepVerdict verdict = StepVerdict::kNotReached;
  std::optional<Time> began;  // Or opened.
  std::optional<Time> ended;  // Or decided.
  std::string said;           // What became of it: "crunch/2", "2 running, queue 12".
};

struct ScenarioOutcome {
  Time begin{};
  Time end{};
  std::vector<StepOutcome> steps;  // As the scenario has them.
  std::optional<Breach> breach;    // Of what is expected throughout.
  PoolOutcome pool;                // As it went, for plots.

  // Whether everything was done, and everything expected came about.
  bool Held() const;
};

// ---- Watching ----

// Follows a scenario over the pool's events, each of which the caller has folded into the pool that
// it hands over. An event that is taken late counts as if it came now.
class ScenarioWatch {
 public:
  // `pool` as it stands at `begin`; its queue is what `queue` reads. `scenario` outlives this.
  ScenarioWatch(const LaunchScenario& scenario, const Epu& pool, SensorNumber queue, Time begin);

  // What a step does is begun, or what it expects is open from now on. REQUIRES: the steps before
  // it were begun, and what they do is at its end.
  void Begin(std::size_t step, Time now, const Epu& pool);

  // The action is at its end.
  void End(std::size_t step, Time now, std::string said);
  void Fail(std::size_t step, Time now, std::string why);
  void LeaveOut(std::size_t step, Time now, std::string why);
  // The same of a step that kills workers, which were these: fewer than asked for are all that ran,
  // and none is a failure.
  void EndKill(std::size_t step, Time now, const std::vector<std::string>& killed);

  void Take(const Event& event, const Epu& pool);

  // Everything that happened before `now` was taken.
  void PassTo(Time now) { MissBefore(now); }

  // Whether an expectation is open.
  bool IsWaiting() const { return !open_.empty(); }

  const std::vector<StepOutcome>& steps() const { return outcome_.steps; }

  // What is still open is missed where its time is over by `end`, else undecided.
  ScenarioOutcome Finish(Time end) const;

 private:
  struct Open {
    std::size_t step = 0;
    Time since{};  // Readings count from then on.
    Time deadline{};
    Sequence reading = 0;    // The last that was counted,
    std::uint32_t idle = 0;  // and how many in a row up to it tell of no work.
  };

  const Reading* ReadingOf(const Epu& pool) const;
  std::string Describe(const Epu& pool) const;
  bool IsMet(Open& open, const Epu& pool) const;
  void Look(const Epu& pool, Time now);
  void MissBefore(Time now);

  const LaunchScenario& scenario_;
  const SensorNumber queue_;
  ExpectationCheck throughout_;
  ScenarioOutcome outcome_;
  std::vector<Open> open_;
  Time now_{};          // The latest time that was told.
  Time quiet_since_{};  // When all that was done so far was at its end.
  std::string seen_;    // The pool, as the last event left it.
};

}  // namespace epu
