#include "tests/simulator/verdict.h"

#include <fmt/format.h>

namespace epu::sim {

std::string_view CheckName(Check check) {
  static constexpr std::array<std::string_view, kCheckCount> kNames = {
      "one machine for one intent",
      "intent before machine",
      "limit of a pool",
      "limit of a site",
      "limit of the run",
      "no state goes back",
      "the busy may finish",
      "no launch while disabled",
      "only the ended are ended",
      "strangers are left alone",
      "acknowledged is there",
      "repeats get the first outcome",
      "executed once",
      "the fold is the writer's",
      "reviews decided again",
      "commands decided again",
      "a replay agrees",
      "the ledger agrees",
      "reviews settle",
      "a snapshot gives the fold",
      "refolding gives the fold",
      "converges",
      "unique instances in place",
      "removed pools have nothing",
      "no machine leaks",
      "same seed, same log"};
  return kNames[static_cast<std::size_t>(check)];
}

void Count(const Event& event, Reached& reached) {
  ++reached.kinds[event.payload.index()];
  if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    ++reached.reasons[static_cast<std::size_t>(change->reason)];
  } else if (const auto* health = std::get_if<HealthChanged>(&event.payload)) {
    ++reached.healths[static_cast<std::size_t>(health->to)];
  } else if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
    for (const Constraint& constraint : decision->constraints) {
      ++reached.constraints[static_cast<std::size_t>(constraint.kind)];
    }
  }
}

void Verdict::Fail(Check check, std::string_view what) {
  if (failure_.empty()) failure_ = fmt::format("{}: {}", CheckName(check), what);
}

}  // namespace epu::sim
