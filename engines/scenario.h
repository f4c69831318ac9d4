#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/engine.h"
#include "engines/keys.h"

// Tests of an engine, given / when / then, with a clock of their own. It ships with the engines:
// who writes one of their own links //engines:scenario into any test framework.
//
//   given  Pool("crunch")
//              .With(QueueLenKeys(), "sensor=queue queuelen_high_water=100 queuelen_low_water=10")
//              .Sensor("queue").Running(3).Pending(1).Reading(132, 2s).Later(10s)
//   when   OutcomeOf(engine, pool)
//   then   "4: pending 1"

namespace epu {

// When a scenario begins: a Sunday.
inline constexpr Time kScenarioNow{std::chrono::sys_days{std::chrono::November / 22 / 2026} +
                                   std::chrono::hours(9)};

// Builds one pool as an engine sees it. Things happen in the order of the calls, at the time of
// the scenario's clock: each takes the next sequence, so that a Reading before Decided() is older
// than that decision. A mistake in a scenario ends the process (CHECK).
class Pool {
 public:
  explicit Pool(std::string_view name);

  // The settings, "key=value key=value", of an engine whose whole table is `keys`; defaults are
  // filled in. A second call replaces the settings.
  Pool& With(std::span<const Key> keys, std::string_view settings);
  // A setting that has no text, or one beside the others; the key must be in the table.
  Pool& With(std::string_view key, Value value);

  // The clock stands still but for these.
  Pool& Later(Duration passed);
  Pool& At(Time now);

  // Workers that count.
  Pool& Running(std::uint32_t count);  // RUNNING and healthy.
  Pool& Pending(std::uint32_t count);  // Requested; the site has not been asked.
  Pool& Unique(std::string_view key);  // One RUNNING worker under a key of its own.
  // Workers that no longer count.
  Pool& Ending(std::uint32_t count);  // TERMINATING.

  // Declares a sensor, which has said nothing so far, or names one again. What follows is what it
  // says.
  Pool& Sensor(std::string_view name);
  Pool& Reading(double value, Duration age);
  Pool& InProgress(double value);  // Goes with the reading before it.
  Pool& Absent();
  Pool& Broken(std::string_view error);

  // What workers say of themselves: every worker that counts and runs, or one.
  Pool& Metric(std::string_view name, double value, Duration age);
  Pool& MetricOf(std::uint32_t worker, std::string_view name, double value, Duration age);

  // The size last wanted; without a call, as many as there are workers that count.
  Pool& Wanted(std::uint32_t size);
  Pool& Undecided();  // No decision was ever made.
  Pool& Decided();    // The last decision was made after all that was said so far.

  // `decision` is carried out: recorded, at most `launches` of the missing workers requested
  // (limits may cut them), what is too much retired in the order of VictimOrder. One that changes
  // nothing is not recorded.
  Pool& CarryOut(const Decision& decision, std::size_t launches);
  // What is under way is over: pending workers run, those being ended are gone.
  Pool& Arrive();

  Epu Build() const;
  Time now() const { return now_; }

 private:
  Pool& Add(std::uint32_t count, WorkerState state, std::string_view unique_key);
  Pool& Say(Measure measure, Duration age);

  Epu epu_;
  SensorNumber speaking_{};  // The sensor named last.
  Time now_ = kScenarioNow;
  Sequence last_ = 0;
  std::optional<std::uint32_t> wanted_;
  bool undecided_ = false;
};

// `decision` on a line, for tables: the size, and what drove or held it with its value and, where
// there is one, its limit and until when: "5: high_water 132/100, max_instances 6/5".
std::string FormatDecision(const Decision& decision);

// The decision of `engine` for `pool` as FormatDecision writes it, or "error: …".
std::string OutcomeOf(const DecisionEngine& engine, const Pool& pool);

// The same, and the decision is carried out whole: for stories of several decisions.
std::string Play(const DecisionEngine& engine, Pool& pool);

// The problems `engine` finds in the definition of `pool`, "key text" each, separated by "; ".
std::string ProblemsOf(const DecisionEngine& engine, const Pool& pool);

// Whether deciding again at once, after the decision was carried out, wants no other size, however
// many of its launches a limit cut: what every engine promises.
bool Settles(const DecisionEngine& engine, const Pool& pool);

}  // namespace epu
