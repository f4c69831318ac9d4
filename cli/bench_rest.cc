#include "cli/bench_rest.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "cli/bench_server.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kPools = 10;
constexpr double kMebibyte = 1 << 20;

// A signal ends it early.
absl::Status Sleep(Duration duration) {
  const auto end = Steady::now() + duration;
  while (Steady::now() < end) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return absl::OkStatus();
}

}  // namespace

BenchRows MeasureIdle(const BenchSetting& setting) {
  setting.progress("at rest");
  const auto server = BenchServer::Start(setting, "idle");
  if (!server.ok()) return server.status();
  {
    const auto client = ConnectTo(**server);
    if (!client.ok()) return client.status();
    absl::Status declared = DeclarePools(**client, kPools, BenchSensors::kSpool, setting);
    if (!declared.ok()) return declared;
  }
  if (absl::Status stop = Sleep(std::chrono::seconds(2)); !stop.ok()) return stop;
  const Duration length = std::chrono::seconds(setting.quick ? 5 : 15);
  const Duration used_before = (*server)->CpuTime();
  const auto begun = Steady::now();
  if (absl::Status stop = Sleep(length); !stop.ok()) return stop;
  const std::chrono::duration<double> used = (*server)->CpuTime() - used_before;
  const std::chrono::duration<double> passed = Steady::now() - begun;

  BenchRow processor;
  processor.name = "epud at rest, processor";
  processor.unit = "% of a core";
  processor.ours = 100 * (used / passed);
  processor.bar = {BarKind::kBelow, 1};
  processor.note = fmt::format("{} pools, each with a sensor read every 5s", kPools);
  BenchRow memory;
  memory.name = "epud at rest, RssAnon";
  memory.unit = "MiB";
  memory.ours = static_cast<double>((*server)->RssAnonBytes()) / kMebibyte;
  memory.bar = {BarKind::kBelow, 64};
  return std::vector{processor, memory};
}

BenchRows MeasureReady(const BenchSetting& setting) {
  setting.progress("ready");
  std::vector<double> times;
  std::string says;
  for (int round = 0; round < (setting.quick ? 3 : 9); ++round) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    const auto server = BenchServer::Start(setting, fmt::format("ready-{}", round));
    if (!server.ok()) return server.status();
    times.push_back(std::chrono::duration<double, std::milli>((*server)->ready_after()).count());
    says = (*server)->says_ready_in();
  }
  BenchRow row;
  row.name = "ready on an empty log";
  row.unit = "ms";
  row.ours = SpreadOf(times).median;
  row.bar = {BarKind::kBelow, 200};
  row.note = fmt::format("from its start as a process; it says {} itself", says);
  return std::vector{row};
}

}  // namespace epu
