#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "eventlog/event.h"
#include "projections/pool_outcome.h"

// What a policy is expected to keep to on an incident, and the first moment at which it did not.

namespace epu {

struct Expectations {
  std::optional<std::uint32_t> never_above =
      std::nullopt;                                  // Workers at once, as PoolOutcome counts them.
  std::optional<double> queue_under = std::nullopt;  // The reading is below this,
  Duration within{};                                 // or is again so long after it no longer was.
  bool no_flap = false;                              // See kFlapWithin.
  bool operator==(const Expectations&) const = default;
};

struct Breach {
  enum class Kind { kAbove, kQueue, kFlap };
  Kind kind{};
  Time time{};
  double value = 0;                      // Workers, or the reading.
  std::optional<DecisionMade> decision;  // The last before it.
  bool operator==(const Breach&) const = default;
};

// Watches a pool; the events are those of PoolOutcome.
class ExpectationCheck {
 public:
  ExpectationCheck(const Expectations& expected, PoolOutcome outcome)
      : expected_(expected), outcome_(std::move(outcome)) {
    Look();
  }

  void Take(const Event& event);
  void Finish(Time end);

  const std::optional<Breach>& breach() const { return breach_; }

 private:
  void Look();
  void Note(Breach::Kind kind, Time time, double value);

  const Expectations expected_;
  PoolOutcome outcome_;
  std::optional<Time> over_since_;  // The reading is not below `queue_under`.
  std::optional<DecisionMade> decision_;
  std::optional<Breach> breach_;
};

}  // namespace epu
