#include "commands/scenario_model.h"

#include <algorithm>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "commands/pool_model.h"
#include "eventlog/overloaded.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);  // What the site does is looked at so often.

Workload WorkOf(const LaunchScenario& scenario, const ScenarioTrial& trial) {
  Workload work = trial.ways;
  work.jobs.clear();
  work.rate = 0;
  for (const ScenarioStep& step : scenario.steps) {
    const auto* submit = std::get_if<SubmitJobs>(&step.what);
    if (submit == nullptr) continue;
    // Behind what is read and decided at that very moment.
    work.jobs.insert(work.jobs.end(), submit->count,
                     {trial.begin + step.at + Duration(1), submit->runs});
  }
  return work;
}

// The longest that it can take, from its beginning.
Duration LengthOf(const LaunchScenario& scenario) {
  Duration length{};
  for (const ScenarioStep& step : scenario.steps) {
    const auto* expected = std::get_if<PoolExpectation>(&step.what);
    length = std::max(length, step.at + (expected == nullptr ? Duration{} : expected->within));
  }
  return length;
}

// The state at `trial.begin`, with everything that the pool wants at rest.
absl::StatusOr<State> Settle(State fresh, const ScenarioTrial& trial,
                             const EngineCatalog& catalog) {
  const Workload idle = WorkOf({}, trial);
  const Time earliest = trial.begin - kSettleMax;
  PoolModel model(std::move(fresh), trial.epu, idle, earliest, catalog, [](const Event&) {});
  for (Time now = earliest; now < trial.begin; now += kTick) model.RunUntil(now + kTick);
  const Epu& pool = model.state().epus.at(trial.epu);
  if (PoolStateOf(pool) == PoolState::kStable) return model.state();
  return absl::DeadlineExceededError(
      fmt::format("{} is {} after {} of the model without work", pool.definition.name,
                  PoolStateName(PoolStateOf(pool)), FormatDuration(kSettleMax)));
}

}  // namespace

absl::StatusOr<ScenarioOutcome> RunScenarioModel(
    State fresh, const LaunchScenario& scenario, const ScenarioTrial& trial,
    const EngineCatalog& catalog, const std::function<void(Duration, Duration)>& progress) {
  absl::StatusOr<State> settled = Settle(std::move(fresh), trial, catalog);
  if (!settled.ok()) return settled.status();
  const Epu& begun = settled->epus.at(trial.epu);
  ScenarioWatch watch(scenario, begun, QueueOf(begun).value_or(SensorNumber{}), trial.begin);
  const Workload work = WorkOf(scenario, trial);
  const PoolModel* played = nullptr;
  const auto pool = [&]() -> const Epu& { return played->state().epus.at(trial.epu); };
  PoolModel model(*std::move(settled), trial.epu, work, trial.begin, catalog,
                  [&](const Event& event) { watch.Take(event, pool()); });
  played = &model;
  Time now = trial.begin;
  const Duration length = LengthOf(scenario);
  const auto run_until = [&](Time time) {
    for (; now < time; now = std::min(now + kTick, time)) {
      model.RunUntil(std::min(now + kTick, time));
      if (progress) progress(now - trial.begin, length);
    }
  };
  for (std::size_t number = 0; number < scenario.steps.size(); ++number) {
    const ScenarioStep& step = scenario.steps[number];
    run_until(trial.begin + step.at);
    watch.Begin(number, now, pool());
    std::visit(Overloaded{[&](const SubmitJobs&) { watch.End(number, now, ""); },
                          [&](const KillWorkers& kill) {
                            std::vector<std::string> names;
                            for (const WorkerNumber killed : model.KillRunning(kill.count)) {
                              names.push_back(WorkerName(pool(), killed));
                            }
                            watch.EndKill(number, now, names);
                          },
                          [&](const KillController&) {
                            watch.LeaveOut(number, now, "the model has no controller");
                          },
                          [](const PoolExpectation&) {}},
               step.what);
  }
  while (watch.IsWaiting()) {
    run_until(now + kTick);
    watch.PassTo(now);
  }
  return watch.Finish(now);
}

}  // namespace epu
