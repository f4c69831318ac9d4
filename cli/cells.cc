#include "cli/cells.h"

#include <fmt/format.h>

#include "cli/pause_view.h"
#include "projections/pool.h"

namespace epu {
namespace {

// On the way down nothing is wrong, unless it failed.
Color ColorOf(const Worker& worker) {
  switch (worker.state) {
    case WorkerState::kRunning:
      return Color::kGood;
    case WorkerState::kErrorRetrying:
      return Color::kWarning;
    case WorkerState::kRunningFailed:
    case WorkerState::kFailed:
    case WorkerState::kRejected:
      return Color::kBad;
    case WorkerState::kTerminating:
    case WorkerState::kTerminated:
      return Color::kFaint;
    default:
      return Color::kNone;
  }
}

}  // namespace

std::string PoolStateCell(const Epu& epu, Time now, const Terminal& terminal) {
  const std::string state = PoolStateText(epu);
  const Color color = state == "STABLE"     ? Color::kGood
                      : state == "PENDING"  ? Color::kWarning
                      : state == "REMOVING" ? Color::kFaint
                                            : Color::kBad;
  const std::string_view paused = PauseWord(epu, now);
  const std::string colored = Colored(state, color, terminal);
  if (paused.empty()) return colored;
  return fmt::format("{}, {}", colored, Colored(paused, Color::kWarning, terminal));
}

std::string WorkerStateCell(const Worker& worker, const Terminal& terminal) {
  const std::string state = Colored(StateName(worker.state), ColorOf(worker), terminal);
  if (IsDraining(worker)) return state + " draining";
  const bool speaks = IsAlive(worker) && worker.report.activity != Activity::kUnknown;
  return speaks ? fmt::format("{} {}", state, ActivityName(worker.report.activity)) : state;
}

std::string HealthCell(const Epu& epu, const Worker& worker, const Terminal& terminal) {
  const Color color = worker.health == Health::kOk       ? Color::kGood
                      : IsUnhealthy(epu, worker)         ? Color::kBad
                      : worker.health == Health::kZombie ? Color::kWarning
                                                         : Color::kNone;
  return Colored(HealthName(worker.health), color, terminal);
}

std::string SensorCell(const Epu& epu, const Sensor& sensor, Time now, const Terminal& terminal) {
  const Color color = IsUsable(epu, sensor, now) ? Color::kNone : Color::kWarning;
  return Colored(SensorText(epu, sensor, now), color, terminal);
}

std::string AnsweringCell(const Site& site, const Terminal& terminal) {
  if (!site.answering) return Colored("not listed yet", Color::kWarning, terminal);
  return *site.answering ? Colored("answering", Color::kGood, terminal)
                         : Colored("not answering", Color::kBad, terminal);
}

std::string EnabledCell(bool enabled, const Terminal& terminal) {
  return enabled ? "enabled" : Colored("disabled", Color::kWarning, terminal);
}

}  // namespace epu
