#include "cli/bench_events.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/bench_setting.h"
#include "eventlog/codec.h"
#include "eventlog/event.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

constexpr std::uint64_t kFewPools = 8;
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

struct LogShape {
  std::uint64_t events = 0;
  std::uint64_t pools = kFewPools;
  std::uint32_t workers = 0;  // Of each pool, from the beginning and for good.
};

// Makes the events one after the other, with their sequences and times.
class Maker {
 public:
  explicit Maker(const LogShape& shape) : shape_(shape) { records_.reserve(kBatch); }

  absl::Status Run(LmdbLog& log) {
    Add(ServerStarted{log.LogId(), kEpoch, "host", 4711, "/var/lib/epu/default/log"});
    const SiteNumber site{next_};
    Add(SiteDefined{site, {"local", "process", 64, ""}});
    for (std::uint64_t i = 0; i < shape_.pools; ++i) {
      const SensorNumber sensor{kSensorsMax * next_};
      const EpuNumber epu{next_};
      Add(EpuDefined{epu, Pool(i, site, sensor)});
      pools_.push_back({epu, sensor, site, {}});
    }
    for (PoolNumbers& pool : pools_) {
      for (std::uint32_t i = 0; i < shape_.workers; ++i) StartWorker(pool);
      if (absl::Status status = Flush(log, kBatch); !status.ok()) return status;
    }
    for (std::uint64_t i = 0; next_ <= shape_.events; ++i) {
      PoolNumbers& turn = pools_[i / kReadingsPerWorker % pools_.size()];
      if (i % kReadingsPerWorker == 0) EndWorker(turn, StartWorker(turn));
      AddReading(pools_[i % pools_.size()], i);
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

  void Change(const PoolNumbers& pool, WorkerNumber worker, WorkerState from, WorkerState to,
              Reason reason = Reason::kNone, std::string machine = "") {
    Add(WorkerChanged{pool.epu, worker, from, to, reason, "", std::move(machine)});
  }

  WorkerNumber StartWorker(PoolNumbers& pool) {
    const WorkerNumber number{++pool.workers};
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
    Change(pool, number, WorkerState::kRequested, WorkerState::kPending);
    Change(pool, number, WorkerState::kPending, WorkerState::kStarted, Reason::kNone, "pid 40177");
    Add(MachineChanged{pool.epu, number, Presence::kListed, "pid 40177"});
    Change(pool, number, WorkerState::kStarted, WorkerState::kRunning);
    Add(HealthChanged{pool.epu, number, Health::kOk, {}, ""});
    return number;
  }

  void EndWorker(const PoolNumbers& pool, WorkerNumber number) {
    Change(pool, number, WorkerState::kRunning, WorkerState::kTerminating, Reason::kRetired);
    Add(MachineChanged{pool.epu, number, Presence::kGone, ""});
    Change(pool, number, WorkerState::kTerminating, WorkerState::kTerminated, Reason::kRetired);
  }

  // Appends what was made where it is at least `least` records.
  absl::Status Flush(LmdbLog& log, std::size_t least) {
    if (records_.size() < least) return absl::OkStatus();
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    records_.resize(std::min<std::size_t>(records_.size(), shape_.events - head_));
    const absl::StatusOr<Sequence> head = log.Append(head_, records_, Reserve::kKeep);
    if (!head.ok()) return head.status();
    head_ = *head;
    records_.clear();
    return absl::OkStatus();
  }

  const LogShape shape_;
  Sequence next_ = 1;
  Sequence head_ = 0;
  std::uint64_t requests_ = 0;
  std::vector<PoolNumbers> pools_;
  std::vector<Record> records_;
};

absl::StatusOr<std::string> LogOf(const BenchSetting& setting, std::string_view name,
                                  const LogShape& shape) {
  std::string directory = fmt::format("{}/{}", setting.directory, name);
  if (std::filesystem::exists(directory)) return directory;
  setting.progress(fmt::format("writing {} events", shape.events));
  const auto log = LmdbLog::Create(directory, "long", LmdbOptions{});
  if (!log.ok()) return log.status();
  if (absl::Status made = Maker(shape).Run(**log); !made.ok()) return made;
  return directory;
}

}  // namespace

std::uint64_t LongLogEvents(const BenchSetting& setting) {
  return setting.quick ? 200'000 : 1'000'000;
}

absl::StatusOr<std::string> LongLog(const BenchSetting& setting) {
  return LogOf(setting, "long", {LongLogEvents(setting), kFewPools, 0});
}

absl::StatusOr<std::string> CrowdedLog(const BenchSetting& setting) {
  return LogOf(setting, "crowded", {LongLogEvents(setting), kCrowdedPools, kCrowdedWorkers});
}

}  // namespace epu
