#include "projections/back_off.h"

#include <algorithm>

#include "projections/pool.h"

namespace epu {
namespace {

bool HasSettled(const Worker& worker, Time time) {
  return worker.settled || (worker.running_since && time - *worker.running_since >= kSettled);
}

}  // namespace

void CountFailure(Epu& epu, const Worker& failed, const Event& event) {
  const Time time = event.time;
  BackOff& back_off = epu.back_off;
  epu.failure = failed.number;
  if (HasSettled(failed, time)) return;
  if (back_off.failures > 0 && failed.request < back_off.event) return;
  if (back_off.failures == 0) {  // Those that run already are no sign that launches work again.
    for (auto& [number, worker] : epu.workers) worker.settled = HasSettled(worker, time);
  }
  ++back_off.failures;
  back_off.event = event.sequence;
  back_off.since = time;
  Duration delay{};
  if (back_off.failures > 1) {
    const std::uint32_t doublings = std::min<std::uint32_t>(back_off.failures - 2, 20);
    delay = std::min(kBackOffFirst * (1 << doublings), kBackOffMax);
  }
  back_off.until = time + delay;
}

void SettleSuccesses(Epu& epu, Time time) {
  if (epu.back_off.failures == 0) return;
  for (auto& [number, worker] : epu.workers) {
    const bool runs = worker.state == WorkerState::kRunning && !IsUnhealthy(epu, worker);
    if (worker.settled || !runs || !HasSettled(worker, time)) continue;
    worker.settled = true;
    epu.back_off.failures /= 2;
  }
  if (epu.back_off.failures == 0) epu.back_off = {};
}

}  // namespace epu
