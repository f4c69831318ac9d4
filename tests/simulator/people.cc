#include "tests/simulator/people.h"

#include <algorithm>
#include <limits>

#include "engines/schedule.h"
#include "projections/pool.h"

namespace epu::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kLowWater = 10;
constexpr std::int64_t kHighWater = 100;
constexpr std::uint32_t kPlenty = 200;  // Machines; no pool comes near it.

const std::string kQueuePool = "crunch";
const std::string kScheduledPool = "office";
const std::string kLoadPool = "fleet";
const std::string kSensorName = "queue";

SiteDefinition DrawSite(const std::string& name, Random& random) {
  return {name, "process", static_cast<std::uint32_t>(random.Between(1, 16)), ""};
}

std::vector<UniqueInstance> DrawUniques(std::int64_t most, Random& random) {
  static const std::vector<std::string> kKeys = {"leader", "second", "third"};
  std::vector<UniqueInstance> uniques;
  for (const std::string& key : kKeys) {
    if (static_cast<std::int64_t>(uniques.size()) < most && random.OneIn(3)) {
      uniques.push_back({key, {{"ROLE", key}}});
    }
  }
  return uniques;
}

std::vector<Setting> DrawPreserving(const std::string& pool, Random& random) {
  const auto preserve_n = static_cast<std::int64_t>(random.Below(7));
  const auto max_instances = preserve_n + static_cast<std::int64_t>(random.Below(4));
  std::vector<Setting> settings = {{"preserve_n", preserve_n}, {"max_instances", max_instances}};
  if (pool == "web") settings.push_back({"unique_instances", DrawUniques(preserve_n, random)});
  if (pool == "trial") settings.push_back({"devmode_no_failure_compensation", random.OneIn(2)});
  return settings;
}

std::vector<Setting> DrawQueueLen(Random& random) {
  const auto least = static_cast<std::int64_t>(random.Below(3));
  const auto most = least + static_cast<std::int64_t>(random.Between(1, 5));
  return {{"sensor", kSensorName},
          {"queuelen_high_water", kHighWater},
          {"queuelen_low_water", kLowWater},
          {"min_instances", least},
          {"max_instances", most},
          {"reading_age_max", Duration(seconds(random.Between(8, 30)))}};
}

// Another count every few minutes: a world lasts for minutes.
std::vector<Setting> DrawScheduled(Random& random) {
  static const std::vector<TimeZone> kZones = {
      {"UTC", "UTC0"},
      {"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
      {"Asia/Kathmandu", "<+0545>-5:45"},
  };
  Schedule schedule;
  const std::uint64_t every = random.Between(5, 20);
  for (std::uint64_t minute = random.Below(5); minute < kMinutesOfDay; minute += every) {
    if (schedule.size() == kScheduleEntriesMax) break;
    schedule.push_back({kEveryDay, static_cast<std::uint16_t>(minute),
                        static_cast<std::uint32_t>(random.Below(6))});
  }
  const auto least = static_cast<std::int64_t>(random.Below(2));
  return {{"schedule", schedule},
          {"zone", random.Pick(kZones)},
          {"min_instances", least},
          {"max_instances", least + static_cast<std::int64_t>(random.Between(2, 5))}};
}

// By the load that the workers of simulated_site.cc report.
std::vector<Setting> DrawSensor(Random& random) {
  const auto least = static_cast<std::int64_t>(random.Between(1, 2));
  return {{"metric", std::string("load")},
          {"scale_up_threshold", 60.0},
          {"scale_up_n", static_cast<std::int64_t>(random.Between(1, 3))},
          {"scale_down_threshold", 40.0},
          {"scale_down_n", static_cast<std::int64_t>(random.Between(1, 3))},
          {"cooldown_period", random.Between(Duration::zero(), Duration(seconds(20)))},
          {"min_instances", least},
          {"max_instances", least + static_cast<std::int64_t>(random.Between(1, 5))},
          {"reading_age_max", Duration(seconds(random.Between(8, 30)))}};
}

std::vector<Setting> DrawSettings(const std::string& pool, Random& random) {
  if (pool == kQueuePool) return DrawQueueLen(random);
  if (pool == kScheduledPool) return DrawScheduled(random);
  if (pool == kLoadPool) return DrawSensor(random);
  return DrawPreserving(pool, random);
}

std::string EngineOf(const std::string& pool) {
  if (pool == kQueuePool) return "queuelen";
  if (pool == kScheduledPool) return "scheduled";
  return pool == kLoadPool ? "sensor" : "npreserving";
}

EpuDefinition DrawPool(const Cast& cast, const std::string& name, Random& random) {
  EpuDefinition pool;
  pool.name = name;
  pool.engine = EngineOf(name);
  pool.settings = DrawSettings(name, random);
  pool.worker.site_name = random.Pick(cast.sites);
  pool.worker.command = {"/bin/work", name};
  pool.worker.environment = {{"POOL", name}};
  const auto window = [&](std::uint64_t least_ms, std::uint64_t most_ms) {
    return Duration(milliseconds(random.Between(least_ms, most_ms)));
  };
  pool.worker.drain_timeout = window(1'000, 20'000);
  pool.worker.stop_grace = window(100, 8'000);
  pool.health.monitor = name != "quiet";
  pool.health.boot_timeout = window(12'000, 40'000);
  pool.health.missing_timeout = window(8'000, 25'000);
  pool.health.zombie_timeout = window(4'000, 15'000);
  if (name == kQueuePool) {
    pool.sensors.push_back({SensorNumber{}, kSensorName, PutSource{}, Duration::zero()});
  }
  return pool;
}

Order DrawKill(const Cast& cast, const State& known, Random& random) {
  std::vector<WorkerReference> workers;
  for (const auto& [number, epu] : known.epus) {
    for (const auto& [worker_number, worker] : epu.workers) {
      if (random.OneIn(4)) workers.push_back({epu.definition.name, ToInteger(worker_number)});
    }
  }
  if (workers.empty() || random.OneIn(8)) workers.push_back({random.Pick(cast.pools), 1});
  if (workers.size() > 2) workers.resize(2);
  return Kill{std::move(workers)};
}

Order DrawReconfigure(const Cast& cast, Random& random) {
  const std::string& pool = random.Pick(cast.pools);
  std::vector<Setting> settings = DrawSettings(pool, random);
  if (random.OneIn(2)) settings.erase(settings.begin());
  if (random.OneIn(10)) settings.push_back({"preserve_m", std::int64_t{3}});  // No such key.
  return Reconfigure{pool, std::move(settings)};
}

// Everything anew, a part of it, or only limits.
Order DrawApply(const Cast& cast, Random& random) {
  Apply apply;
  if (random.OneIn(2)) apply.max_workers = static_cast<std::uint32_t>(random.Between(1, 24));
  if (random.OneIn(2)) apply.sites.push_back(DrawSite(random.Pick(cast.sites), random));
  if (random.OneIn(2)) apply.epus.push_back(DrawPool(cast, random.Pick(cast.pools), random));
  if (random.OneIn(12)) {
    apply.epus.push_back(DrawPool(cast, "wrong", random));
    apply.epus.back().engine = "crystal-ball";
  }
  return apply;
}

Order DrawSwitch(const Cast& cast, const State& known, Random& random) {
  SwitchLaunching launching;
  if (random.OneIn(2)) launching.site = random.Pick(cast.sites);
  const Site* site = FindSite(known, launching.site);
  const bool enabled = site != nullptr ? site->enabled : known.enabled;
  launching.enabled = !enabled || random.OneIn(3);
  return launching;
}

// What is paused is soon resumed, and what is not is paused in some way.
Order DrawPause(const Cast& cast, const State& known, Random& random) {
  const std::string& pool = random.Pick(cast.pools);
  const bool out = random.OneIn(2);
  const bool in = !out || random.OneIn(2);
  const Epu* epu = FindEpu(known, pool);
  const bool paused = epu != nullptr && (epu->paused_out || epu->paused_in);
  if (paused && !random.OneIn(3)) return ResumeScaling{pool, out, in};
  PauseScaling pause{pool, out, in, std::nullopt};
  if (random.OneIn(2)) {
    pause.length = random.Between(Duration(seconds(0)), Duration(seconds(90)));
  }
  return pause;
}

}  // namespace

Cast DrawCast(Random& random) {
  Cast cast;
  cast.sites = {"east"};
  if (random.OneIn(2)) cast.sites.push_back("west");
  cast.pools = {"web", kQueuePool};
  if (random.OneIn(2)) cast.pools.push_back("quiet");
  if (random.OneIn(2)) cast.pools.push_back("trial");
  if (random.OneIn(2)) cast.pools.push_back(kScheduledPool);
  if (random.OneIn(2)) cast.pools.push_back(kLoadPool);
  return cast;
}

Apply DeclareAll(const Cast& cast, Random& random) {
  Apply apply;
  apply.max_workers = static_cast<std::uint32_t>(random.Between(4, 24));
  for (const std::string& site : cast.sites) apply.sites.push_back(DrawSite(site, random));
  for (const std::string& pool : cast.pools) apply.epus.push_back(DrawPool(cast, pool, random));
  return apply;
}

Order DrawOrder(const Cast& cast, const State& known, Random& random) {
  // What holds everything up is soon put right.
  if (!known.enabled && random.OneIn(3)) return SwitchLaunching{"", true};
  if (known.epus.empty()) return DeclareAll(cast, random);
  switch (random.Below(18)) {
    case 16:
    case 17:
      return DrawPause(cast, known, random);
    case 0:
    case 1:
    case 2:
      return DrawKill(cast, known, random);
    case 3:
    case 4:
      return KillSome{random.Pick(cast.pools), static_cast<std::uint32_t>(random.Between(0, 3))};
    case 5:
    case 6:
    case 7:
    case 8:
      return DrawReconfigure(cast, random);
    case 9:
    case 10:
    case 11:
    case 12:
      return DrawApply(cast, random);
    case 13:
      return Remove{random.Pick(cast.pools)};
    case 14:
      return DrawSwitch(cast, known, random);
    default:
      if (random.OneIn(4)) return EndRun{};
      return DeclareAll(cast, random);
  }
}

PutReading DrawReading(Random& random) {
  PutReading reading{kQueuePool, kSensorName, 0.0, std::nullopt, Duration::zero(), "spool /srv"};
  switch (random.Below(12)) {
    case 0:
      reading.measure = Absent{};
      break;
    case 1:
      reading.measure = Broken{"the program ended with 3"};
      break;
    case 2:
      reading.measure = std::numeric_limits<double>::quiet_NaN();
      break;
    case 3:
      reading.measure = static_cast<double>(kHighWater + 1);
      reading.age = random.Between(Duration(seconds(-7)), Duration(seconds(60)));
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      reading.measure = static_cast<double>(random.Between(101, 200));
      break;
    default:
      reading.measure = static_cast<double>(random.Below(60));
      if (random.OneIn(2)) reading.in_progress = static_cast<double>(random.Below(3));
  }
  return reading;
}

std::vector<Order> FinalOrders(const Cast& cast) {
  Apply apply;
  apply.max_workers = kPlenty;
  std::vector<Order> orders;
  for (const std::string& site : cast.sites) {
    apply.sites.push_back({site, "process", kPlenty, ""});
    orders.push_back(SwitchLaunching{site, true});
  }
  orders.insert(orders.begin(), std::move(apply));
  orders.push_back(SwitchLaunching{"", true});
  for (const std::string& pool : cast.pools) orders.push_back(ResumeScaling{pool, true, true});
  return orders;
}

PutReading FinalReading(std::uint64_t work) {
  static const std::vector<double> kQueues = {0, 50, 150};
  return {kQueuePool,   kSensorName,      kQueues[work % kQueues.size()],
          std::nullopt, Duration::zero(), "spool /srv"};
}

}  // namespace epu::sim
