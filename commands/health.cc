#include "commands/health.h"

#include <algorithm>
#include <optional>

#include "projections/pool.h"

namespace epu {
namespace {

const Heard* FindHeard(const Liveness& liveness, WorkerId id) {
  const auto found = liveness.find(id);
  return found == liveness.end() ? nullptr : &found->second;
}

// How long a running worker has been silent beyond its window; none while it is within.
std::optional<Duration> Overdue(const State& state, const Epu& epu, const Worker& worker,
                                const Heard* heard, Time now) {
  const HealthDefinition& health = epu.definition.health;
  if (heard != nullptr) {
    const Duration silence = now - heard->time;
    return silence > health.missing_timeout ? std::optional(silence) : std::nullopt;
  }
  if (!worker.running_since) return std::nullopt;
  const Duration silence = now - std::max(*worker.running_since, state.server_started);
  const Duration window =
      worker.health == Health::kUnknown ? health.boot_timeout : health.missing_timeout;
  return silence > window ? std::optional(silence) : std::nullopt;
}

void ReportAtWork(const State& state, const Epu& epu, const Worker& worker, const Heard* heard,
                  Time now, std::vector<Order>& reports) {
  const WorkerId id{epu.number, worker.number};
  const bool first_heard = worker.state == WorkerState::kStarted && heard != nullptr;
  if (first_heard) {
    reports.push_back(ReportWorker{id, WorkerState::kRunning, Reason::kNone, "", ""});
  }
  if (!epu.definition.health.monitor) return;
  const bool running = worker.state == WorkerState::kRunning || first_heard;
  if (const auto silence = Overdue(state, epu, worker, heard, now); silence && running) {
    if (worker.health != Health::kMissing)
      reports.push_back(ReportHealth{id, Health::kMissing, *silence, ""});
  } else if (heard != nullptr && worker.state >= WorkerState::kStarted) {
    const bool news = heard->health != worker.health ||
                      (!heard->detail.empty() && heard->detail != worker.health_detail);
    if (news) reports.push_back(ReportHealth{id, heard->health, Duration::zero(), heard->detail});
  }
}

void ReportAfterEnd(const State& state, const Epu& epu, const Worker& worker, const Heard* heard,
                    Time now, std::vector<Order>& reports) {
  if (!epu.definition.health.monitor) return;
  const WorkerId id{epu.number, worker.number};
  const Duration window = epu.definition.health.zombie_timeout;
  const Time last =
      heard != nullptr ? heard->time : std::max(worker.health_since, state.server_started);
  const bool silent = now - last > window;
  if (worker.health == Health::kZombie) {
    if (silent) reports.push_back(ReportHealth{id, Health::kUnknown, now - last, ""});
  } else if (heard != nullptr && !silent && heard->time - worker.state_since > window) {
    reports.push_back(ReportHealth{id, Health::kZombie, Duration::zero(), ""});
  }
}

// Within what `now` is told of a report's age, which wavers with the clocks it was measured by.
constexpr Duration kAgeWavers = std::chrono::seconds(1);

// Whether `said` is another thing than what is recorded, but for when it was said.
bool SaysOther(const WorkReport& said, const WorkReport& recorded) {
  return said.doing != recorded.doing || said.metrics != recorded.metrics ||
         said.error != recorded.error;
}

void ReportWorkOf(const Epu& epu, const Worker& worker, const Heard* heard, Time now,
                  std::vector<Order>& reports) {
  if (heard == nullptr || !heard->report) return;
  WorkReport said = *heard->report;
  const Time taken = heard->time - said.age;
  said.age = now - taken;
  const bool turns = said.activity != worker.report.activity;
  if (worker.reported != 0 && !(turns && IsDraining(worker))) {
    const bool anew = taken > worker.reported_at - worker.report.age + kAgeWavers;
    if (!turns && !anew && !SaysOther(said, worker.report)) return;
    if (now - worker.reported_at < (turns ? kActivityEvery : kReportEvery)) return;
  }
  reports.push_back(ReportWork{{epu.number, worker.number}, std::move(said)});
}

// As State takes it from the border.
WorkReport Trimmed(WorkReport report) {
  report.doing = CutText(report.doing);
  report.error = CutText(report.error);
  report.age = std::max(report.age, Duration::zero());
  std::map<std::string, double> metrics;
  for (Metric& metric : report.metrics) {
    const bool finite = metric.value - metric.value == 0;
    if (!finite || metric.name.empty() || metric.name.size() > kMetricNameMax) continue;
    if (metrics.size() < kMetricsMax) metrics.try_emplace(std::move(metric.name), metric.value);
  }
  report.metrics.clear();
  for (auto& [name, value] : metrics) report.metrics.push_back({name, value});
  return report;
}

}  // namespace

bool Hear(const State& state, const Heartbeat& heartbeat, Time now, Liveness& liveness) {
  const Worker* worker = FindWorker(state, heartbeat.worker);
  if (worker == nullptr || worker->launch != heartbeat.launch) return false;
  const bool of_agent = heartbeat.health == Health::kOk ||
                        heartbeat.health == Health::kMonitorError ||
                        heartbeat.health == Health::kProcessError;
  if (!of_agent) return false;
  liveness[heartbeat.worker] = {now, heartbeat.health, CutText(heartbeat.detail), std::nullopt};
  if (heartbeat.report) liveness[heartbeat.worker].report = Trimmed(*heartbeat.report);
  return true;
}

void Forget(const State& state, Liveness& liveness) {
  std::erase_if(liveness,
                [&](const auto& entry) { return FindWorker(state, entry.first) == nullptr; });
}

std::vector<Order> HealthReports(const State& state, const Liveness& liveness, Time now) {
  std::vector<Order> reports;
  for (const auto& [number, epu] : state.epus) {
    for (const auto& [worker_number, worker] : epu.workers) {
      const Heard* heard = FindHeard(liveness, {number, worker_number});
      if (IsAlive(worker)) {
        ReportAtWork(state, epu, worker, heard, now, reports);
        ReportWorkOf(epu, worker, heard, now, reports);
      } else {
        ReportAfterEnd(state, epu, worker, heard, now, reports);
      }
    }
  }
  return reports;
}

}  // namespace epu
