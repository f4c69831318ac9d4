#include "projections/pool_outcome.h"

#include <algorithm>
#include <variant>

#include "projections/pool.h"

namespace epu {
namespace {

void NoteSize(PoolOutcome& outcome) {
  const std::size_t size = outcome.open.size();
  outcome.most = std::max(outcome.most, size);
  outcome.sizes.push_back({outcome.time, static_cast<double>(size)});
}

void End(PoolOutcome& outcome, WorkerNumber worker) {
  if (outcome.open.erase(worker) == 0) return;
  ++outcome.ends;
  NoteSize(outcome);
}

void TakeReading(PoolOutcome& outcome, const ReadingTaken& fact) {
  if (fact.sensor != outcome.sensor) return;
  const double* const value = std::get_if<double>(&fact.measure);
  outcome.reading = value == nullptr ? std::nullopt : std::optional(*value);
  if (value == nullptr) return;
  outcome.peak = std::max(outcome.peak, *value);
  if (outcome.queue.empty() || outcome.queue.back().value != *value) {
    outcome.queue.push_back({outcome.time, *value});
  }
}

// One change back to the size that the last one left, soon after it.
void NoteChange(PoolOutcome& outcome, std::uint32_t wanted) {
  const std::uint32_t before = outcome.wanted.value_or(0);
  outcome.wanted = wanted;
  outcome.decided.push_back({outcome.time, static_cast<double>(wanted)});
  if (before == wanted) return;
  std::optional<PoolOutcome::Change>& last = outcome.last_change;
  if (last && last->from == wanted && outcome.time - last->time <= kFlapWithin) {
    ++outcome.flaps;
    last.reset();
    return;
  }
  last = {outcome.time, before, wanted};
}

}  // namespace

PoolOutcome OutcomeFrom(const Epu& pool, SensorNumber sensor, std::optional<double> mark,
                        Time from) {
  PoolOutcome outcome;
  outcome.epu = pool.number;
  outcome.sensor = sensor;
  outcome.mark = mark;
  outcome.from = outcome.time = from;
  outcome.wanted = pool.wanted;
  for (const auto& [number, worker] : pool.workers) {
    if (IsAlive(worker) || MayHaveMachine(worker)) outcome.open[number] = MayHaveMachine(worker);
  }
  if (const auto found = pool.sensors.find(sensor); found != pool.sensors.end()) {
    if (const auto* value = std::get_if<double>(&found->second.latest.measure)) {
      outcome.reading = *value;
      outcome.queue.push_back({from, *value});
    }
  }
  NoteSize(outcome);
  return outcome;
}

void GoOnTo(PoolOutcome& outcome, Time time) {
  const Duration passed = time - outcome.time;
  outcome.worker_time += passed * static_cast<std::int64_t>(outcome.open.size());
  if (outcome.mark && outcome.reading && *outcome.reading > *outcome.mark) outcome.above += passed;
  outcome.time = time;
}

void Evolve(PoolOutcome& outcome, const Event& event) {
  if (SubjectOf(event.payload).epu != outcome.epu) return;
  GoOnTo(outcome, event.time);
  if (const auto* reading = std::get_if<ReadingTaken>(&event.payload)) {
    TakeReading(outcome, *reading);
  } else if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
    ++outcome.decisions;
    NoteChange(outcome, decision->wanted);
  } else if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    ++outcome.launches;
    outcome.open[request->worker] = false;
    NoteSize(outcome);
  } else if (const auto* worker = std::get_if<WorkerChanged>(&event.payload)) {
    const auto found = outcome.open.find(worker->worker);
    if (found == outcome.open.end()) return;
    const bool asked =
        worker->to >= WorkerState::kPending && worker->to < WorkerState::kTerminating;
    found->second |= asked;
    if (worker->to >= WorkerState::kTerminated && !found->second) End(outcome, worker->worker);
  } else if (const auto* machine = std::get_if<MachineChanged>(&event.payload)) {
    if (machine->to == Presence::kGone) End(outcome, machine->worker);
  }
}

}  // namespace epu
