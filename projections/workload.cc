#include "projections/workload.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <variant>

namespace epu {
namespace {

// Readings beyond this are no queue of jobs; they are taken as this many.
constexpr double kQueueMax = 1e6;

std::uint64_t Whole(double value) {
  return value > 0 ? static_cast<std::uint64_t>(std::min(value, kQueueMax) + 0.5) : 0;
}

std::uint64_t Less(std::uint64_t from, std::uint64_t what) { return from > what ? from - what : 0; }

void Arrive(WorkloadFit& fit, std::uint64_t count, Time time) {
  for (; count > 0; --count) {
    fit.waiting.push_back(fit.jobs.size());
    fit.jobs.push_back({.arrives = time});
  }
}

void Begin(WorkloadFit& fit, std::uint64_t count, Time time) {
  for (; count > 0 && !fit.waiting.empty(); --count) {
    fit.jobs[fit.waiting.front()].begins = time;
    fit.in_progress.push_back(fit.waiting.front());
    fit.waiting.pop_front();
  }
}

void Finish(WorkloadFit& fit, std::uint64_t count, Time time) {
  for (; count > 0 && !fit.in_progress.empty(); --count) {
    Job& job = fit.jobs[fit.in_progress.front()];
    job.runs = time - *job.begins;
    job.done = true;
    fit.in_progress.pop_front();
  }
}

// Work of workers that stopped waits again.
void GiveBack(WorkloadFit& fit, std::uint64_t count) {
  for (; count > 0 && !fit.in_progress.empty(); --count) {
    fit.jobs[fit.in_progress.back()].begins.reset();
    fit.waiting.push_front(fit.in_progress.back());
    fit.in_progress.pop_back();
  }
}

void TakeReading(WorkloadFit& fit, WorkloadFit::Reading now) {
  if (!fit.last) {
    Arrive(fit, now.waiting + now.in_progress, now.time);
    Begin(fit, now.in_progress, now.time);
    fit.last = now;
    fit.given_back = 0;
    return;
  }
  WorkloadFit::Reading last = *fit.last;
  fit.gaps.push_back(now.time - last.time);
  fit.busy += (now.time - last.time) * static_cast<std::int64_t>(last.in_progress);
  // What was given back shows as less in progress and more that waits.
  const std::uint64_t back =
      std::min({std::exchange(fit.given_back, 0), Less(last.in_progress, now.in_progress),
                Less(now.waiting, last.waiting)});
  GiveBack(fit, back);
  last.waiting += back;
  last.in_progress -= back;
  const std::uint64_t begun =
      std::max(Less(last.waiting, now.waiting), Less(now.in_progress, last.in_progress));
  const std::uint64_t ended = last.in_progress + begun - now.in_progress;
  const std::uint64_t came = now.waiting + begun - last.waiting;
  Finish(fit, std::min(ended, last.in_progress), now.time);
  Arrive(fit, came, now.time);
  Begin(fit, begun, now.time);
  Finish(fit, Less(ended, last.in_progress), now.time);
  fit.last = now;
}

void Apply(WorkloadFit& fit, const Event& event, const ReadingTaken& fact) {
  const double* const value = std::get_if<double>(&fact.measure);
  if (fact.sensor != fit.sensor || value == nullptr) return;
  WorkloadFit::Reading now{event.time, Whole(*value), 0};
  if (fact.in_progress) {
    now.in_progress = Whole(*fact.in_progress);
  } else {
    fit.tells_in_progress = false;
    now.in_progress = now.waiting > 0 ? fit.running.size() : 0;
  }
  TakeReading(fit, now);
}

void Stop(WorkloadFit& fit, WorkerNumber worker, Time time) {
  const auto found = fit.running.find(worker);
  if (found == fit.running.end()) return;
  fit.ran += time - found->second;
  fit.running.erase(found);
  ++fit.given_back;
}

void Apply(WorkloadFit& fit, const Event& event, const WorkerChanged& fact) {
  if (fact.to == WorkerState::kRunning) {
    fit.running.try_emplace(fact.worker, event.time);
    if (const auto asked = fit.requested.find(fact.worker); asked != fit.requested.end()) {
      fit.boots.push_back(event.time - asked->second);
    }
  }
  if (fact.to >= WorkerState::kRunningFailed) {
    const bool fails = fact.to == WorkerState::kRunningFailed || fact.to == WorkerState::kFailed;
    if (fails && fit.running.contains(fact.worker)) ++fit.failures;
    Stop(fit, fact.worker, event.time);
    fit.requested.erase(fact.worker);
  }
  if (fact.to == WorkerState::kTerminating) fit.ending.try_emplace(fact.worker, event.time);
}

void Apply(WorkloadFit& fit, const Event& event, const MachineChanged& fact) {
  if (fact.to != Presence::kGone) return;
  const auto found = fit.ending.find(fact.worker);
  if (found == fit.ending.end()) return;
  fit.ends.push_back(event.time - found->second);
  fit.ending.erase(found);
}

Duration Middle(std::vector<Duration> values) {
  if (values.empty()) return {};
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Duration MeanRun(const WorkloadFit& fit) {
  Duration sum{};
  std::int64_t count = 0;
  for (const Job& job : fit.jobs) {
    if (!job.done) continue;
    sum += job.runs;
    ++count;
  }
  return count == 0 ? Duration::zero() : sum / count;
}

}  // namespace

void Evolve(WorkloadFit& fit, const Event& event) {
  if (SubjectOf(event.payload).epu != fit.epu) return;
  if (const auto* reading = std::get_if<ReadingTaken>(&event.payload)) {
    Apply(fit, event, *reading);
  } else if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    fit.requested[request->worker] = event.time;
  } else if (const auto* worker = std::get_if<WorkerChanged>(&event.payload)) {
    Apply(fit, event, *worker);
  } else if (const auto* machine = std::get_if<MachineChanged>(&event.payload)) {
    Apply(fit, event, *machine);
  }
}

Workload WorkloadOf(const WorkloadFit& fit, Time end) {
  Workload work;
  const Duration mean = MeanRun(fit);
  work.jobs = fit.jobs;
  for (Job& job : work.jobs) {
    if (!job.done) job.runs = job.begins ? std::max(mean, end - *job.begins) : mean;
  }
  const auto done =
      std::count_if(work.jobs.begin(), work.jobs.end(), [](const Job& job) { return job.done; });
  const double busy = std::chrono::duration<double>(fit.busy).count();
  if (busy > 0) work.rate = static_cast<double>(done) / busy;
  work.every = Middle(fit.gaps);
  work.boots = Middle(fit.boots);
  work.ends = Middle(fit.ends);
  Duration ran = fit.ran;
  for (const auto& [worker, since] : fit.running) ran += end - since;
  const double hours = std::chrono::duration<double, std::ratio<3600>>(ran).count();
  if (hours > 0) work.failures_per_hour = static_cast<double>(fit.failures) / hours;
  work.tells_in_progress = fit.tells_in_progress;
  return work;
}

}  // namespace epu
