#include "projections/launch_scenario.h"

#include <algorithm>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::uint32_t kIdleReadings = 2;  // In a row, that prove that the work is done.

std::size_t CountRunning(const Epu& pool) {
  return static_cast<std::size_t>(
      std::count_if(pool.workers.begin(), pool.workers.end(), [&](const auto& entry) {
        return entry.second.state == WorkerState::kRunning && IsHealthy(pool, entry.second);
      }));
}

bool TellsOfNoWork(const Reading& reading) {
  const double* const waiting = std::get_if<double>(&reading.measure);
  return waiting != nullptr && *waiting == 0 && reading.in_progress.value_or(0) == 0;
}

}  // namespace

bool IsExpectation(const ScenarioStep& step) {
  return std::holds_alternative<PoolExpectation>(step.what);
}

bool ScenarioOutcome::Held() const {
  return !breach && std::all_of(steps.begin(), steps.end(), [](const StepOutcome& step) {
    return step.verdict == StepVerdict::kDone || step.verdict == StepVerdict::kHeld ||
           step.verdict == StepVerdict::kLeftOut;
  });
}

ScenarioWatch::ScenarioWatch(const LaunchScenario& scenario, const Epu& pool, SensorNumber queue,
                             Time begin)
    : scenario_(scenario),
      queue_(queue),
      throughout_(scenario.throughout, OutcomeFrom(pool, queue, std::nullopt, begin)),
      now_(begin),
      quiet_since_(begin) {
  outcome_.begin = outcome_.end = begin;
  outcome_.steps.resize(scenario.steps.size());
  outcome_.pool = OutcomeFrom(pool, queue, std::nullopt, begin);
  seen_ = Describe(pool);
}

const Reading* ScenarioWatch::ReadingOf(const Epu& pool) const {
  const auto found = pool.sensors.find(queue_);
  return found == pool.sensors.end() || found->second.latest.sequence == 0 ? nullptr
                                                                           : &found->second.latest;
}

std::string ScenarioWatch::Describe(const Epu& pool) const {
  std::string text = fmt::format("{} running", CountRunning(pool));
  const Reading* const reading = ReadingOf(pool);
  if (reading == nullptr) return text;
  const double* const waiting = std::get_if<double>(&reading->measure);
  text += waiting == nullptr ? ", queue not read" : fmt::format(", queue {}", *waiting);
  if (reading->in_progress) text += fmt::format(", {} in progress", *reading->in_progress);
  return text;
}

void ScenarioWatch::Begin(std::size_t step, Time now, const Epu& pool) {
  StepOutcome& outcome = outcome_.steps[step];
  CHECK(!outcome.began);
  outcome.began = now_ = std::max(now, now_);
  if (!IsExpectation(scenario_.steps[step])) return;
  const auto& expected = std::get<PoolExpectation>(scenario_.steps[step].what);
  open_.push_back({step, quiet_since_, now_ + expected.within});
  Look(pool, now_);
}

void ScenarioWatch::End(std::size_t step, Time now, std::string said) {
  StepOutcome& outcome = outcome_.steps[step];
  CHECK(outcome.began && !outcome.ended);
  outcome.verdict = StepVerdict::kDone;
  outcome.ended = quiet_since_ = now_ = std::max(now, now_);
  outcome.said = std::move(said);
}

void ScenarioWatch::Fail(std::size_t step, Time now, std::string why) {
  End(step, now, std::move(why));
  outcome_.steps[step].verdict = StepVerdict::kFailed;
}

void ScenarioWatch::LeaveOut(std::size_t step, Time now, std::string why) {
  End(step, now, std::move(why));
  outcome_.steps[step].verdict = StepVerdict::kLeftOut;
}

void ScenarioWatch::EndKill(std::size_t step, Time now, const std::vector<std::string>& killed) {
  const std::uint32_t asked = std::get<KillWorkers>(scenario_.steps[step].what).count;
  if (killed.empty()) return Fail(step, now, "no worker runs");
  std::string text = fmt::format("{}", fmt::join(killed, ", "));
  if (killed.size() < asked) text += fmt::format(": all that ran, {} were asked for", asked);
  End(step, now, std::move(text));
}

void ScenarioWatch::Take(const Event& taken, const Epu& pool) {
  Event event = taken;
  event.time = now_ = std::max(taken.time, now_);
  MissBefore(event.time);
  throughout_.Take(event);
  Evolve(outcome_.pool, event);
  seen_ = Describe(pool);
  Look(pool, event.time);
}

bool ScenarioWatch::IsMet(Open& open, const Epu& pool) const {
  const auto& expected = std::get<PoolExpectation>(scenario_.steps[open.step].what);
  const std::size_t running = CountRunning(pool);
  const Reading* reading = ReadingOf(pool);
  if (reading != nullptr && reading->recorded - reading->age <= open.since) reading = nullptr;
  if (reading != nullptr && reading->sequence != open.reading) {
    open.reading = reading->sequence;
    open.idle = TellsOfNoWork(*reading) ? open.idle + 1 : 0;
  }
  if (expected.running_at_least && running < *expected.running_at_least) return false;
  if (expected.running_at_most && running > *expected.running_at_most) return false;
  if (expected.jobs_done && open.idle < kIdleReadings) return false;
  if (!expected.queue_at_most) return true;
  const double* const waiting =
      reading == nullptr ? nullptr : std::get_if<double>(&reading->measure);
  return waiting != nullptr && *waiting <= *expected.queue_at_most;
}

void ScenarioWatch::Look(const Epu& pool, Time now) {
  std::erase_if(open_, [&](Open& open) {
    if (!IsMet(open, pool)) return false;
    StepOutcome& outcome = outcome_.steps[open.step];
    outcome.verdict = StepVerdict::kHeld;
    outcome.ended = now;
    outcome.said = seen_;
    const Reading* const reading = ReadingOf(pool);
    const auto& expected = std::get<PoolExpectation>(scenario_.steps[open.step].what);
    if (expected.jobs_done && !reading->in_progress) outcome.said += ", in progress not told";
    return true;
  });
}

void ScenarioWatch::MissBefore(Time now) {
  std::erase_if(open_, [&](const Open& open) {
    if (open.deadline >= now) return false;
    StepOutcome& outcome = outcome_.steps[open.step];
    outcome.verdict = StepVerdict::kMissed;
    outcome.ended = open.deadline;
    outcome.said = seen_;
    return true;
  });
}

ScenarioOutcome ScenarioWatch::Finish(Time end) const {
  ScenarioWatch ended = *this;
  ended.MissBefore(end);
  ended.throughout_.Finish(end);
  ended.outcome_.breach = ended.throughout_.breach();
  ended.outcome_.end = end;
  GoOnTo(ended.outcome_.pool, end);
  return ended.outcome_;
}

}  // namespace epu
