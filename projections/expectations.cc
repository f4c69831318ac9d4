#include "projections/expectations.h"

#include <variant>

namespace epu {

void ExpectationCheck::Take(const Event& event) {
  if (SubjectOf(event.payload).epu != outcome_.epu) return;
  // What stood until now may have stood too long.
  if (over_since_ && event.time - *over_since_ > expected_.within) {
    Note(Breach::Kind::kQueue, *over_since_ + expected_.within, *outcome_.reading);
  }
  if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) decision_ = *decision;
  Evolve(outcome_, event);
  Look();
}

void ExpectationCheck::Finish(Time end) {
  if (over_since_ && end - *over_since_ > expected_.within) {
    Note(Breach::Kind::kQueue, *over_since_ + expected_.within, *outcome_.reading);
  }
}

void ExpectationCheck::Look() {
  const std::size_t size = outcome_.open.size();
  if (expected_.never_above && size > *expected_.never_above) {
    Note(Breach::Kind::kAbove, outcome_.time, static_cast<double>(size));
  }
  if (expected_.no_flap && outcome_.flaps > 0) {
    Note(Breach::Kind::kFlap, outcome_.time, static_cast<double>(size));
  }
  const bool over =
      expected_.queue_under && outcome_.reading && *outcome_.reading >= *expected_.queue_under;
  if (!over) {
    over_since_.reset();
  } else if (!over_since_) {
    over_since_ = outcome_.time;
  }
}

void ExpectationCheck::Note(Breach::Kind kind, Time time, double value) {
  if (!breach_) breach_ = Breach{kind, time, value, decision_};
}

}  // namespace epu
