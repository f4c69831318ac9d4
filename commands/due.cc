#include "commands/due.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace epu {
namespace {

bool ConcernsAll(const Payload& payload) {
  return std::holds_alternative<ServerStarted>(payload) ||
         std::holds_alternative<RunLimited>(payload) ||
         std::holds_alternative<SiteDefined>(payload) ||
         std::holds_alternative<LaunchingSwitched>(payload) ||
         std::holds_alternative<DiskFilled>(payload);
}

Duration PulseOf(const Epu& epu, Time now) {
  if (epu.engine_error.empty()) return kPulse;
  return std::clamp(now - epu.engine_error_since, kPulse, kPulseMax);
}

// Whether something that held the pool has let go between `last` and `now`.
bool HasLetGo(const Epu& epu, Time last, Time now) {
  const auto is_past = [&](Time until) { return last < until && until <= now; };
  const auto has_ended = [&](const std::optional<Hold>& hold) {
    return hold && hold->until && is_past(*hold->until);
  };
  return is_past(epu.back_off.until) || has_ended(epu.paused_out) || has_ended(epu.paused_in);
}

}  // namespace

void Touch(const State& state, const Event& event, std::set<EpuNumber>& touched) {
  if (ConcernsAll(event.payload)) {
    for (const auto& [number, epu] : state.epus) {
      if (!epu.removed) touched.insert(number);
    }
  } else if (std::holds_alternative<ShadowDecided>(event.payload)) {
    // A shadow changes nothing for the pool.
  } else if (const EpuNumber number = SubjectOf(event.payload).epu; number != EpuNumber{}) {
    touched.insert(number);
  }
}

bool ConcernsSites(const Payload& payload) {
  return ConcernsAll(payload) || std::holds_alternative<EpuDefined>(payload) ||
         std::holds_alternative<WorkerRequested>(payload) ||
         std::holds_alternative<WorkerChanged>(payload) ||
         std::holds_alternative<MachineChanged>(payload);
}

std::set<EpuNumber> Due(const State& state, const Reviewed& reviewed, Time now) {
  std::set<EpuNumber> due;
  for (const auto& [number, epu] : state.epus) {
    if (epu.removed) continue;
    const auto last = reviewed.find(number);
    const bool pulse = last == reviewed.end() || now - last->second >= PulseOf(epu, now);
    if (pulse || HasLetGo(epu, last->second, now)) due.insert(number);
  }
  return due;
}

}  // namespace epu
