#include "commands/what_if.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "projections/pool.h"

namespace epu {
namespace {

std::optional<SensorNumber> QueueIn(const State& state, EpuNumber epu) {
  return QueueOf(state.epus.at(epu));
}

std::uint64_t Whole(double value) {
  return value > 0 ? static_cast<std::uint64_t>(value + 0.5) : 0;
}

// Goes on in the model from `state` at `now` until `end`, and adds it to `result`.
void GoOnInModel(State state, EpuNumber epu, const Workload& work, Time now, Time end,
                 const EngineCatalog& catalog, const std::function<void(const Event&)>& observe,
                 WhatIfOutcome& result) {
  const Epu& pool = state.epus.at(epu);
  std::uint64_t waiting = 0;
  std::uint64_t in_progress = 0;
  if (const std::optional<SensorNumber> queue = QueueOf(pool)) {
    const Reading& latest = pool.sensors.at(*queue).latest;
    if (const auto* value = std::get_if<double>(&latest.measure)) waiting = Whole(*value);
    in_progress = Whole(latest.in_progress.value_or(0));
  }
  PoolModel model(std::move(state), epu, work, now, catalog, [&](const Event& event) {
    Evolve(result.outcome, event);
    if (observe) observe(event);
  });
  model.BeginWith(waiting, in_progress);
  model.RunUntil(end);
  GoOnTo(result.outcome, end);
  result.modelled_from = now;
  result.done += model.done();
  result.waited.insert(result.waited.end(), model.waited().begin(), model.waited().end());
}

}  // namespace

WhatIf::WhatIf(Projection<State> known, const Trial& trial, const Workload& work,
               const EngineCatalog& catalog)
    : trial_(trial),
      work_(work),
      catalog_(catalog),
      begun_(trial.forced ? known.state : State()),
      replay_(catalog, known,
              {known.position + 1, trial.epu,
               IsRecordedPolicy(trial.candidate) ? std::nullopt : std::optional(trial.candidate)}),
      outcome_(OutcomeFrom(known.state.epus.at(trial.epu),
                           QueueIn(known.state, trial.epu).value_or(SensorNumber{}), trial.mark,
                           trial.from)) {
  if (!trial_.forced) return;
  Epu& pool = begun_.epus.at(trial_.epu);
  absl::StatusOr<EpuDefinition> under = UnderCandidate(pool.definition, trial_.candidate, catalog_);
  if (under.ok()) pool.definition = *std::move(under);
}

void WhatIf::Take(const Event& event) {
  if (HasLeftRecord()) return;
  replay_.Take(event);
  if (replay_.stopped()) return;
  command_.push_back(event);
  if (command_.size() < event.place.count) return;
  for (const Event& whole : command_) {
    Evolve(outcome_, whole);
    if (trial_.observe) trial_.observe(whole);
  }
  command_.clear();
}

WhatIfOutcome WhatIf::Finish() {
  WhatIfOutcome result;
  result.outcome = std::move(outcome_);
  if (trial_.forced) {
    result.modelled_after = begun_.head;
    GoOnInModel(std::move(begun_), trial_.epu, work_, trial_.from, trial_.end, catalog_,
                trial_.observe, result);
    return result;
  }
  replay_.Finish();
  result.difference = replay_.first_difference();
  if (!replay_.stopped()) {
    GoOnTo(result.outcome, trial_.end);
    NoteJobs(result, trial_.end);
    return result;
  }
  NoteJobs(result, result.difference->time);
  GoOnTo(result.outcome, result.difference->time);
  result.modelled_after = result.difference->after;
  GoOnInModel(replay_.state(), trial_.epu, work_, result.difference->time, trial_.end, catalog_,
              trial_.observe, result);
  return result;
}

// What the record tells of the jobs until then.
void WhatIf::NoteJobs(WhatIfOutcome& result, Time until) const {
  for (const Job& job : work_.jobs) {
    if (!job.begins || *job.begins > until) continue;
    result.waited.push_back(*job.begins - job.arrives);
    if (job.done && *job.begins + job.runs <= until) ++result.done;
  }
}

WhatIfOutcome RunModel(State known, EpuNumber epu, const CandidatePolicy& candidate,
                       const Workload& work, Time from, Time end, std::optional<double> mark,
                       const EngineCatalog& catalog) {
  Epu& pool = known.epus.at(epu);
  absl::StatusOr<EpuDefinition> under = UnderCandidate(pool.definition, candidate, catalog);
  if (under.ok()) pool.definition = *std::move(under);
  WhatIfOutcome result;
  result.outcome = OutcomeFrom(pool, QueueOf(pool).value_or(SensorNumber{}), mark, from);
  GoOnInModel(std::move(known), epu, work, from, end, catalog, nullptr, result);
  return result;
}

}  // namespace epu
