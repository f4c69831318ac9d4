#include "commands/pool_model.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "commands/decide.h"
#include "eventlog/check.h"
#include "projections/evolve.h"
#include "projections/pool.h"

namespace epu {
namespace {

// At most a century: one that never ends.
Duration FromSeconds(double seconds) {
  constexpr double kMost = 3.2e9;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(seconds, kMost)));
}

constexpr Duration kEveryDefault = std::chrono::seconds(30);  // Where nothing was ever read.

}  // namespace

absl::StatusOr<State> FreshPool(const State& state, const Epu& epu, Time now,
                                const EngineCatalog& catalog) {
  const Site& site = state.sites.at(epu.definition.worker.site);
  State fresh;
  const auto put = [&](Order order) -> absl::Status {
    const Command command{{}, std::nullopt, "", std::move(order)};
    absl::StatusOr<std::vector<Payload>> payloads = Decide(fresh, command, now, catalog);
    if (!payloads.ok()) return payloads.status();
    for (const Event& event : ToEvents(fresh, command, *std::move(payloads), now)) {
      Evolve(fresh, event);
    }
    return absl::OkStatus();
  };
  absl::Status status = put(StartServer{{state.log_id, 1, state.host, 1, state.path}});
  if (status.ok()) status = put(Apply{state.max_workers, {site.definition}, {epu.definition}});
  if (!status.ok()) return status;
  return fresh;
}

std::optional<SensorNumber> QueueOf(const Epu& epu) {
  if (HasKey(epu.definition, "sensor")) {
    const Sensor* const named = FindSensor(epu, TextOf(epu.definition, "sensor"));
    if (named != nullptr) return named->definition.number;
  }
  if (epu.sensors.empty()) return std::nullopt;
  return epu.sensors.begin()->first;
}

PoolModel::PoolModel(State known, EpuNumber epu, const Workload& work, Time now,
                     const EngineCatalog& catalog, Sink sink)
    : state_(std::move(known)),
      epu_(epu),
      work_(work),
      catalog_(catalog),
      sink_(std::move(sink)),
      every_(work.every > Duration::zero() ? work.every : kEveryDefault),
      now_(now),
      next_reading_(now + every_) {
  if (const std::optional<SensorNumber> queue = QueueOf(Pool())) {
    sensor_ = Pool().sensors.at(*queue).definition.name;
  }
  const auto later = std::upper_bound(work_.jobs.begin(), work_.jobs.end(), now,
                                      [](Time time, const Job& job) { return time < job.arrives; });
  next_job_ = static_cast<std::size_t>(later - work_.jobs.begin());
}

// The last of the jobs that had come: those that came first are done.
void PoolModel::BeginWith(std::uint64_t waiting, std::uint64_t in_progress) {
  const std::size_t open = std::min<std::size_t>(next_job_, waiting + in_progress);
  std::size_t job = next_job_ - open;
  for (const auto& [number, worker] : Pool().workers) {
    if (job == next_job_ || running_.size() == in_progress) break;
    if (worker.state != WorkerState::kRunning) continue;
    // How long it has been at it is not known: half of it is the best guess.
    running_[number] = {job, now_ + work_.jobs[job].runs / 2};
    ++job;
  }
  for (; job < next_job_; ++job) waiting_.push_back(job);
}

void PoolModel::Do(Order order) {
  const Command command{{}, std::nullopt, "", std::move(order)};
  absl::StatusOr<std::vector<Payload>> payloads = Decide(state_, command, now_, catalog_);
  if (!payloads.ok()) return;  // Nothing to report of it.
  for (const Event& event : ToEvents(state_, command, *std::move(payloads), now_)) {
    Evolve(state_, event);
    sink_(event);
  }
}

void PoolModel::RunUntil(Time end) {
  Do(Review{epu_});
  while (now_ < end) Step(std::min(next_reading_, end));
}

std::vector<WorkerNumber> PoolModel::KillRunning(std::size_t most) {
  std::vector<WorkerNumber> victims = FirstRunning(Pool(), most);
  Kill kill;
  for (const WorkerNumber victim : victims) {
    kill.workers.push_back({Pool().definition.name, ToInteger(victim)});
  }
  if (!victims.empty()) Do(std::move(kill));
  return victims;
}

void PoolModel::Step(Time until) {
  FailSome(until);
  WorkUntil(until);
  now_ = until;
  LiveWorkers(until);
  TakeWaiting(until);
  if (until == next_reading_) PutNextReading();
  Do(Review{epu_});
}

void PoolModel::PutNextReading() {
  next_reading_ += every_;
  if (sensor_.empty()) return;
  Do(PutReading{Pool().definition.name, sensor_, static_cast<double>(waiting_.size()),
                static_cast<double>(running_.size()), Duration::zero(), "the model"});
}

// What a site does with the pool's workers.
void PoolModel::LiveWorkers(Time now) {
  const std::map<WorkerNumber, Worker> workers = Pool().workers;
  for (const auto& [number, worker] : workers) {
    const WorkerId id{epu_, number};
    const auto becomes = [&](WorkerState to) { Do(ReportWorker{id, to, Reason::kNone, "", ""}); };
    if (worker.state >= WorkerState::kRunningFailed) GiveBack(number);
    if (worker.state < WorkerState::kRunning && now - worker.requested >= work_.boots) {
      becomes(WorkerState::kPending);
      becomes(WorkerState::kStarted);
      Do(ReportMachine{id, Presence::kListed, ""});
      becomes(WorkerState::kRunning);
      Do(ReportHealth{id, Health::kOk, {}, ""});
    } else if (worker.state < WorkerState::kStarted) {
      becomes(WorkerState::kPending);
      becomes(WorkerState::kStarted);
      Do(ReportMachine{id, Presence::kListed, ""});
    } else if (worker.state >= WorkerState::kTerminating &&
               now - worker.state_since >= work_.ends) {
      Do(ReportMachine{id, Presence::kGone, ""});
      becomes(WorkerState::kTerminated);
    }
  }
}

// Failures come as often as they did, one running worker after another.
void PoolModel::FailSome(Time now) {
  std::vector<WorkerNumber> running;
  for (const auto& [number, worker] : Pool().workers) {
    if (worker.state == WorkerState::kRunning) running.push_back(number);
  }
  const double hours = std::chrono::duration<double, std::ratio<3600>>(now - now_).count();
  wear_ += hours * work_.failures_per_hour * static_cast<double>(running.size());
  for (; wear_ >= 1 && !running.empty(); wear_ -= 1) {
    const auto victim = running.begin() + static_cast<std::ptrdiff_t>(failed_++ % running.size());
    GiveBack(*victim);
    Do(ReportWorker{{epu_, *victim}, WorkerState::kFailed, Reason::kNodeDisappeared, "", ""});
    Do(ReportMachine{{epu_, *victim}, Presence::kGone, ""});
    running.erase(victim);
  }
}

void PoolModel::GiveBack(WorkerNumber worker) {
  const auto found = running_.find(worker);
  if (found == running_.end()) return;
  waiting_.push_front(found->second.job);
  running_.erase(found);
}

// When the next job is done, if nothing else happens; none where nobody is at work.
std::optional<Time> PoolModel::NextEnd(Time now) const {
  if (running_.empty()) return std::nullopt;
  if (work_.rate > 0) {
    const double rate = work_.rate * static_cast<double>(running_.size());
    return now + FromSeconds((1 - work_done_) / rate);
  }
  Time next = Time::max();
  for (const auto& [worker, run] : running_) next = std::min(next, run.until);
  return next;
}

void PoolModel::EndOne() {
  running_.erase(std::min_element(
      running_.begin(), running_.end(),
      [](const auto& left, const auto& right) { return left.second.until < right.second.until; }));
  work_done_ = 0;
  ++done_;
}

void PoolModel::Pass(Duration passed) {
  if (work_.rate == 0) return;
  const double seconds = std::chrono::duration<double>(passed).count();
  work_done_ =
      std::min(1.0, work_done_ + seconds * work_.rate * static_cast<double>(running_.size()));
}

// Jobs arrive and are done until then, each at its own time.
void PoolModel::WorkUntil(Time until) {
  for (Time at = now_;;) {
    TakeWaiting(at);
    const Time arrival =
        next_job_ < work_.jobs.size() ? work_.jobs[next_job_].arrives : Time::max();
    const Time end = NextEnd(at).value_or(Time::max());
    const Time next = std::max(at, std::min(arrival, end));
    if (next > until) return Pass(until - at);
    Pass(next - at);
    at = next;
    if (arrival <= end) {
      waiting_.push_back(next_job_++);
    } else {
      EndOne();
    }
  }
}

// Idle workers take what waits, the oldest first.
void PoolModel::TakeWaiting(Time now) {
  if (waiting_.empty()) return;
  for (const auto& [number, worker] : Pool().workers) {
    if (waiting_.empty()) return;
    if (worker.state != WorkerState::kRunning || IsDraining(worker) || running_.contains(number)) {
      continue;
    }
    const Job& job = work_.jobs[waiting_.front()];
    waited_.push_back(std::max(now - job.arrives, Duration::zero()));
    running_[number] = {waiting_.front(), now + job.runs};
    waiting_.pop_front();
  }
}

}  // namespace epu
