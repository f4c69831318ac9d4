#include "tests/history/history.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "commands/given.h"
#include "commands/writer.h"
#include "engines/catalog.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr int kPools = 5;
constexpr Duration kTick = std::chrono::seconds(40);
constexpr Duration kBoot = std::chrono::seconds(60);
constexpr Duration kPolicyHolds = std::chrono::days(7);
constexpr std::uint64_t kFailsOnceIn = 50;  // Ticks of one running worker: spot machines.

std::string PoolName(int pool) { return fmt::format("pool-{}", pool); }

// The jobs of one pool: those that wait, and those that workers are at.
struct Work {
  std::deque<Job> to_come;
  std::deque<Duration> waiting;  // How long each runs.
  struct Running {
    Time until{};
    Duration runs{};
  };
  std::map<WorkerNumber, Running> running;
};

class HistoryMaker {
 public:
  HistoryMaker(const Trace& trace, EventLog& log) : begun_(trace.start), log_(log) {
    for (std::size_t i = 0; i < trace.jobs.size(); ++i) {
      work_[i % kPools].to_come.push_back(trace.jobs[i]);
    }
  }

  HistoryCounts Make(Duration length) {
    Restart();
    Declare();
    Duration restart = length / 3;
    Duration policy = kPolicyHolds;
    for (Duration passed{}; passed < length; passed += kTick) {
      clock_.now = kGivenStart + passed + kTick;
      if (passed >= restart) {
        Restart();
        ++counts_.restarts;
        restart += length / 3;
      }
      if (passed >= policy) {
        Reconfigure();
        policy += kPolicyHolds;
      }
      Tick();
    }
    CountEvents();
    return counts_;
  }

 private:
  void Restart() {
    writer_ = std::make_unique<Writer>(log_, clock_, catalog_);
    CHECK(writer_->Start({{"hist", ++epoch_, "host", 77, "/srv/log"}}).ok());
  }

  void Declare() {
    Apply apply{1'000, {{"here", "process", 1'000, ""}}, {}};
    for (int pool = 0; pool < kPools; ++pool) {
      EpuDefinition definition =
          DefinitionOf(catalog_, PoolName(pool), "queuelen",
                       "sensor=queue queuelen_high_water=1 queuelen_low_water=1 min_instances=1 "
                       "max_instances=40 reading_age_max=2m");
      definition.health.monitor = false;
      apply.epus.push_back(std::move(definition));
    }
    ByPeople(std::move(apply));
  }

  void Reconfigure() {
    const int pool = static_cast<int>(counts_.reconfigurations % kPools);
    const auto water = static_cast<std::int64_t>(1 + counts_.reconfigurations % 3);
    ByPeople(epu::Reconfigure{PoolName(pool), {{"queuelen_high_water", water}}});
    ++counts_.reconfigurations;
  }

  void ByPeople(Order order) {
    Do({{{7, ++number_}, Author{1000, "olga"}, "as planned", std::move(order)}});
  }

  void Do(const std::vector<Command>& commands) {
    for (const Answer& answer : writer_->Process(commands)) CHECK(answer.status.ok());
  }

  // What happens within one round of the sensors, as one batch.
  void Tick() {
    std::vector<Command> commands;
    const auto report = [&](Order order) {
      commands.push_back({{}, std::nullopt, "", std::move(order)});
    };
    for (int pool = 0; pool < kPools; ++pool) {
      const Epu& epu = *FindEpu(writer_->state(), PoolName(pool));
      Work& work = work_[pool];
      ArriveAndEnd(work);
      for (const auto& [number, worker] : epu.workers) Live(epu, worker, work, report);
      Begin(epu, work);
      const auto waiting = static_cast<double>(work.waiting.size());
      const auto in_progress = static_cast<double>(work.running.size());
      report(PutReading{PoolName(pool), "queue", waiting, in_progress, {}, "the trace"});
      ++counts_.readings;
    }
    for (const Answer& answer : writer_->Process(commands)) CHECK(answer.status.ok());
  }

  void ArriveAndEnd(Work& work) {
    while (!work.to_come.empty() &&
           kGivenStart + (work.to_come.front().arrives - begun_) <= clock_.now) {
      work.waiting.push_back(work.to_come.front().runs);
      work.to_come.pop_front();
    }
    counts_.jobs_done += std::erase_if(
        work.running, [&](const auto& entry) { return entry.second.until <= clock_.now; });
  }

  // What site and machine do with a worker until the next tick.
  template <typename Report>
  void Live(const Epu& epu, const Worker& worker, Work& work, const Report& report) {
    const WorkerId id{epu.number, worker.number};
    const auto becomes = [&](WorkerState state, Reason reason = Reason::kNone) {
      report(ReportWorker{id, state, reason, "", ""});
    };
    if (worker.state == WorkerState::kRequested) {
      becomes(WorkerState::kPending);
      report(ReportWorker{id, WorkerState::kStarted, Reason::kNone, "",
                          fmt::format("vm {}", worker.launch.request)});
      report(ReportMachine{id, Presence::kListed, ""});
    } else if (worker.state == WorkerState::kStarted) {
      if (clock_.now - worker.state_since >= kBoot) becomes(WorkerState::kRunning);
    } else if (worker.state == WorkerState::kTerminating) {
      GiveBack(worker.number, work);
      report(ReportMachine{id, Presence::kGone, ""});
      becomes(WorkerState::kTerminated);
    } else if (worker.state == WorkerState::kRunning && Draw() % kFailsOnceIn == 0) {
      GiveBack(worker.number, work);
      becomes(WorkerState::kFailed, Reason::kNodeDisappeared);
      report(ReportMachine{id, Presence::kGone, ""});
      ++counts_.failures;
    }
  }

  // The work of a worker that has ended waits again.
  static void GiveBack(WorkerNumber worker, Work& work) {
    const auto found = work.running.find(worker);
    if (found == work.running.end()) return;
    work.waiting.push_front(found->second.runs);
    work.running.erase(found);
  }

  // Idle workers take what waits.
  void Begin(const Epu& epu, Work& work) {
    for (const auto& [number, worker] : epu.workers) {
      if (work.waiting.empty()) return;
      if (worker.state != WorkerState::kRunning || work.running.contains(number)) continue;
      work.running[number] = {clock_.now + work.waiting.front(), work.waiting.front()};
      work.waiting.pop_front();
    }
  }

  // A linear congruential generator: the same numbers everywhere (Knuth's MMIX).
  std::uint64_t Draw() {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return random_ >> 33;
  }

  void CountEvents() {
    Sequence after = 0;
    for (bool more = true; more;) {
      const Sequence before = after;
      const auto seen = log_.Visit(after, ReadLimit{}, [&](Sequence sequence, RecordView record) {
        ++counts_.events;
        counts_.decisions += IsKindOf<DecisionMade>(DecodeHead(record)->kind) ? 1 : 0;
        after = sequence;
        return true;
      });
      CHECK(seen.ok());
      more = after > before;
    }
  }

  const EngineCatalog catalog_ = BuiltInEngines();
  const Time begun_;  // The trace.
  EventLog& log_;
  StillClock clock_;
  std::unique_ptr<Writer> writer_;
  Work work_[kPools];
  std::uint32_t epoch_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t random_ = 20'261'127;
  HistoryCounts counts_;
};

}  // namespace

HistoryCounts MakeHistory(const Trace& trace, Duration length, EventLog& log) {
  return HistoryMaker(trace, log).Make(length);
}

}  // namespace epu
