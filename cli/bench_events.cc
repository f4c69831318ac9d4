#include "cli/bench_events.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/bench_setting.h"
#include "eventlog/codec.h"
#include "eventlog/event.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

constexpr std::uint64_t kPools = 8;
constexpr std::size_t kBatch = 4096;
constexpr std::uint64_t kReadingsPerWorker = 100;  // A worker comes and goes, then these.
constexpr std::uint64_t kPutEvery = 8;             // Of the readings, one comes from outside.
constexpr std::uint64_t kClients = 16;             // Those that put them.
constexpr std::uint32_t kEpoch = 1;

EpuDefinition Pool(std::uint64_t index, SiteNumber site, SensorNumber sensor) {
  EpuDefinition pool;
  pool.name = fmt::format("pool-{}", index);
  pool.engine = "queuelen";
  pool.settings = {{"sensor", std::string("queue")},
                   {"queuelen_high_water", std::int64_t{100}},
                   {"queuelen_low_water", std::int64_t{10}},
                   {"min_instances", std::int64_t{0}},
                   {"reading_age_max", Duration(std::chrono::seconds(30))},
                   {"max_instances", std::int64_t{64}},
                   {"devmode_no_failure_compensation", false}};
  pool.worker = {site, "local", {"crunch", "--queue", "/srv/spool"}, {}, std::chrono::seconds(5)};
  pool.health = {true, std::chrono::minutes(5), std::chrono::minutes(2), std::chrono::minutes(10)};
  pool.sensors = {{sensor, "queue", SpoolSource{"/srv/spool"}, std::chrono::seconds(5)}};
  return pool;
}

// Makes the events one after the other, with their sequences and times.
class Maker {
 public:
  explicit Maker(std::uint64_t events) : events_(events) { records_.reserve(kBatch); }

  absl::Status Run(LmdbLog& log) {
    Add(ServerStarted{log.LogId(), kEpoch, "host", 4711, "/var/lib/epu/default/log"});
    const SiteNumber site{next_};
    Add(SiteDefined{site, {"local", "process", 64, ""}});
    for (std::uint64_t i = 0; i < kPools; ++i) {
      const SensorNumber sensor{kSensorsMax * next_};
      const EpuNumber epu{next_};
      Add(EpuDefined{epu, Pool(i, site, sensor)});
      pools_.push_back({epu, sensor, site, {}});
    }
    for (std::uint64_t i = 0; next_ <= events_; ++i) {
      if (i % kReadingsPerWorker == 0) AddWorker(pools_[i / kReadingsPerWorker % kPools]);
      AddReading(pools_[i % kPools], i);
      if (absl::Status status = Flush(log, kBatch); !status.ok()) return status;
    }
    return Flush(log, 1);
  }

 private:
  struct PoolNumbers {
    EpuNumber epu{};
    SensorNumber sensor{};
    SiteNumber site{};
    std::uint32_t workers = 0;
  };

  void Add(Payload payload, CommandId command = {}) {
    Event event;
    event.sequence = next_++;
    event.time = Time(std::chrono::hours(24 * 365 * 56) + std::chrono::milliseconds(next_));
    event.command = command;
    event.place = {0, 1};
    event.payload = std::move(payload);
    records_.push_back(Encode(event));
  }

  void AddReading(const PoolNumbers& pool, std::uint64_t i) {
    const Measure queue = static_cast<double>(i * 7919 % 200);
    if (i % kPutEvery == 0) {
      Add(ReadingTaken{pool.epu, pool.sensor, queue, std::nullopt, {}, ""},
          {1 + i / kPutEvery % kClients, i + 1});
    } else {
      Add(ReadingTaken{pool.epu, pool.sensor, queue, 3.0, {}, "spool /srv/spool"});
    }
  }

  void AddWorker(PoolNumbers& pool) {
    const WorkerNumber number{++pool.workers};
    const auto change = [&](WorkerState from, WorkerState to, Reason reason, std::string machine) {
      Add(WorkerChanged{pool.epu, number, from, to, reason, "", std::move(machine)});
    };
    Add(DecisionMade{pool.epu,
                     DecisionCause::kScaling,
                     "queuelen",
                     1,
                     0,
                     1,
                     1,
                     {},
                     {{ConstraintKind::kHighWater, 132, 100, std::nullopt}},
                     {next_ - 1},
                     ToInteger(pool.epu)});
    Add(WorkerRequested{
        pool.epu, number, pool.site, {kEpoch, ++requests_}, "", ToInteger(pool.epu)});
    change(WorkerState::kRequested, WorkerState::kPending, Reason::kNone, "");
    change(WorkerState::kPending, WorkerState::kStarted, Reason::kNone, "pid 40177");
    Add(MachineChanged{pool.epu, number, Presence::kListed, "pid 40177"});
    change(WorkerState::kStarted, WorkerState::kRunning, Reason::kNone, "");
    Add(HealthChanged{pool.epu, number, Health::kOk, {}, ""});
    change(WorkerState::kRunning, WorkerState::kTerminating, Reason::kRetired, "");
    Add(MachineChanged{pool.epu, number, Presence::kGone, ""});
    change(WorkerState::kTerminating, WorkerState::kTerminated, Reason::kRetired, "");
  }

  // Appends what was made where it is at least `least` records.
  absl::Status Flush(LmdbLog& log, std::size_t least) {
    if (records_.size() < least) return absl::OkStatus();
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    records_.resize(std::min<std::size_t>(records_.size(), events_ - head_));
    const absl::StatusOr<Sequence> head = log.Append(head_, records_, Reserve::kKeep);
    if (!head.ok()) return head.status();
    head_ = *head;
    records_.clear();
    return absl::OkStatus();
  }

  const std::uint64_t events_;
  Sequence next_ = 1;
  Sequence head_ = 0;
  std::uint64_t requests_ = 0;
  std::vector<PoolNumbers> pools_;
  std::vector<Record> records_;
};

}  // namespace

absl::Status MakeLongLog(const std::string& directory, std::uint64_t events) {
  const auto log = LmdbLog::Create(directory, "long", LmdbOptions{});
  if (!log.ok()) return log.status();
  return Maker(events).Run(**log);
}

}  // namespace epu
