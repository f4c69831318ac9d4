#include "commands/bisect.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "commands/review.h"
#include "eventlog/overloaded.h"
#include "projections/evolve.h"

namespace epu {
namespace {

// Ends that reviews led to are decisions, and so no inputs; an operator's are.
bool IsEndByReview(const Event& event, const WorkerChanged& change) {
  return change.to == WorkerState::kTerminating && event.actor == kServer;
}

// What cannot matter to another pool's review, and is the bulk of a log.
bool IsPrivate(const Payload& payload) {
  return std::holds_alternative<ReadingTaken>(payload) ||
         std::holds_alternative<HealthChanged>(payload) ||
         std::holds_alternative<WorkReported>(payload) ||
         std::holds_alternative<DecisionMade>(payload);
}

using Indices = std::vector<std::size_t>;  // Of events, ascending.

class Bisector {
 public:
  Bisector(const State& before, std::span<const Event> events, const Event& decision,
           const EngineCatalog& catalog)
      : before_(before),
        sequence_(decision.sequence),
        time_(decision.time),
        recorded_(std::get<DecisionMade>(decision.payload)),
        catalog_(catalog) {
    before_.clients.clear();  // No review asks for them, and they are large.
    for (const Event& event : events) {
      const EpuNumber subject = SubjectOf(event.payload).epu;
      if (subject == recorded_.epu || !IsPrivate(event.payload)) events_.push_back(&event);
    }
  }

  absl::StatusOr<Bisection> Find() {
    if (Flips({})) {
      return absl::FailedPreconditionError(
          fmt::format("this build decides otherwise than {} is recorded, with every input in place",
                      sequence_));
    }
    Indices inputs;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (IsInput(*events_[i], recorded_.epu)) inputs.push_back(i);
    }
    Bisection found;
    found.inputs_seen = inputs.size();
    const Indices alone = Alone(inputs);
    found.alone = SequencesOf(alone);
    const Indices least = alone.empty() ? Least(inputs) : Indices{alone.back()};
    found.inputs = SequencesOf(least);
    if (!least.empty()) found.otherwise = Decide(least).decision;
    found.asked = asked_;
    return found;
  }

 private:
  struct Outcome {
    bool answered = false;  // There is an answer: the engine gave one, and might be asked so.
    std::optional<DecisionMade> decision;
  };

  Indices Alone(const Indices& inputs) {
    Indices alone;
    const std::size_t first = inputs.size() - std::min(inputs.size(), kAloneMax);
    for (std::size_t i = first; i < inputs.size(); ++i) {
      if (Flips({inputs[i]})) alone.push_back(inputs[i]);
    }
    return alone;
  }

  // Where no input does it alone. Inputs may undo each other, so that without all of them nothing
  // changes: then those of one kind are tried.
  Indices Least(const Indices& inputs) {
    if (Flips(inputs)) return Reduced(inputs);
    for (std::size_t kind = 0; kind < std::variant_size_v<Payload>; ++kind) {
      Indices some;
      std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(some),
                   [&](std::size_t i) { return events_[i]->payload.index() == kind; });
      if (some.size() > 1 && some.size() < inputs.size() && Flips(some)) return Reduced(some);
    }
    return {};
  }

  // A part of `left_out` that still flips, and does so no more with any one put back. Puts back
  // ever smaller pieces, the oldest first, for as long as the rest still flips. The last round goes
  // through single inputs and can put back none: that is the check that nothing is too many.
  Indices Reduced(Indices left_out) {
    std::size_t size = left_out.size();
    for (bool changed = true; changed || size > 1;) {
      if (!changed || size > left_out.size()) size = std::max<std::size_t>(size / 2, 1);
      changed = false;
      for (std::size_t at = 0; at < left_out.size();) {
        Indices rest = left_out;
        const std::size_t end = std::min(at + size, left_out.size());
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at),
                   rest.begin() + static_cast<std::ptrdiff_t>(end));
        if (!rest.empty() && Flips(rest)) {
          left_out = std::move(rest);
          changed = true;
        } else {
          at = end;
        }
      }
    }
    return left_out;
  }

  bool Flips(const Indices& left_out) {
    const Outcome outcome = Decide(left_out);
    if (!outcome.answered) return false;
    return !outcome.decision || !IsSameDecision(*outcome.decision, recorded_);
  }

  // Decides the review again as if these events had not happened.
  Outcome Decide(const Indices& left_out) {
    ++asked_;
    State state = before_;
    auto next = left_out.begin();
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (next != left_out.end() && *next == i) {
        ++next;
      } else {
        Evolve(state, *events_[i]);
      }
    }
    const Epu* const epu = FindEpu(state, recorded_.epu);
    if (epu == nullptr || epu->removed) return {epu != nullptr, std::nullopt};
    // A reconfiguration may not be acceptable without what was configured before it.
    const EngineEntry* const engine = FindEngine(catalog_, epu->definition.engine);
    if (engine == nullptr || !CheckDefinition(*engine, epu->definition).empty()) return {};
    Outcome outcome{true, std::nullopt};
    for (Payload& payload : DecideReview(state, *epu, time_, catalog_)) {
      if (const auto* error = std::get_if<EngineErrorChanged>(&payload)) {
        outcome.answered &= error->error.empty();
      }
      auto* const decision = std::get_if<DecisionMade>(&payload);
      if (decision != nullptr && decision->cause == recorded_.cause) {
        outcome.decision = std::move(*decision);
      }
    }
    return outcome;
  }

  std::vector<Sequence> SequencesOf(const Indices& indices) const {
    std::vector<Sequence> sequences;
    for (const std::size_t i : indices) sequences.push_back(events_[i]->sequence);
    return sequences;
  }

  State before_;
  const Sequence sequence_;
  const Time time_;
  const DecisionMade& recorded_;
  const EngineCatalog& catalog_;
  std::vector<const Event*> events_;
  std::size_t asked_ = 0;
};

}  // namespace

bool IsInput(const Event& event, EpuNumber epu) {
  const auto is_introduced = [&](auto number) { return ToInteger(number) == event.sequence; };
  return std::visit(
      Overloaded{
          [&](const ReadingTaken& fact) { return fact.epu == epu; },
          [&](const HealthChanged& fact) { return fact.epu == epu; },
          [&](const WorkReported& fact) { return fact.epu == epu; },
          [&](const WorkerChanged& fact) { return !IsEndByReview(event, fact); },
          [&](const MachineChanged&) { return true; },
          [&](const EpuDefined& fact) { return fact.epu == epu && !is_introduced(fact.epu); },
          [&](const EpuReconfigured& fact) { return fact.epu == epu; },
          [&](const RemovalBegun& fact) { return fact.epu == epu; },
          [&](const ScalingPaused& fact) { return fact.epu == epu; },
          [&](const ScalingResumed& fact) { return fact.epu == epu; },
          [&](const RunLimited&) { return true; },
          [&](const LaunchingSwitched&) { return true; },
          [&](const SiteDefined& fact) { return !is_introduced(fact.site); },
          [](const auto&) { return false; },
      },
      event.payload);
}

bool IsSameDecision(const DecisionMade& left, const DecisionMade& right) {
  return left.cause == right.cause && left.wanted == right.wanted &&
         left.launches == right.launches && left.retirements == right.retirements;
}

absl::StatusOr<Bisection> Bisect(const State& before, std::span<const Event> events,
                                 const Event& decision, const EngineCatalog& catalog) {
  return Bisector(before, events, decision, catalog).Find();
}

}  // namespace epu
