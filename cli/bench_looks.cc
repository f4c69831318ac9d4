#include "cli/bench_looks.h"

#include <algorithm>
#include <chrono>
#include <stop_token>

#include <fmt/format.h>

#include "cli/bench_events.h"
#include "cli/run_program.h"
#include "cli/snapshot_keeper.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kPastEvents = 100'000;  // That far back a status is asked for.

int RoundsOf(const BenchSetting& setting) { return setting.quick ? 5 : 15; }

// How long `epumgmt` takes with these words, in milliseconds.
absl::StatusOr<double> TimeOf(const BenchSetting& setting, std::vector<std::string> words) {
  if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
  words.insert(words.begin(), setting.programs + "/epumgmt");
  const auto begun = Steady::now();
  const ProgramOutcome outcome = RunProgram(words, std::chrono::seconds(20));
  const std::chrono::duration<double, std::milli> took = Steady::now() - begun;
  if (outcome.end != ProgramEnd::kExit || outcome.code != 0) {
    return absl::InternalError(fmt::format("{} failed: {}", fmt::join(words, " "), outcome.errors));
  }
  return took.count();
}

// The row of one program; its figure is the median, or the slowest where each is to be below.
enum class Figure { kMedian, kSlowest };
BenchRow RowOf(std::string name, const std::vector<double>& times, Figure figure, double below,
               std::string_view note) {
  const Spread spread = SpreadOf(times);
  BenchRow row;
  row.name = std::move(name);
  row.unit = "ms";
  row.ours = figure == Figure::kMedian ? spread.median : spread.most;
  row.bar = {BarKind::kBelow, below};
  row.note = fmt::format("the program from its start to its end, {}; {:.1f} to {:.1f}", note,
                         spread.least, spread.most);
  return row;
}

absl::StatusOr<std::vector<double>> TimesOf(
    const BenchSetting& setting, const std::function<std::vector<std::string>(int)>& words) {
  std::vector<double> times;
  for (int round = 0; round < RoundsOf(setting); ++round) {
    const absl::StatusOr<double> time = TimeOf(setting, words(round));
    if (!time.ok()) return time.status();
    times.push_back(*time);
  }
  return times;
}

absl::Status SaveSnapshots(const BenchSetting& setting, const std::string& directory) {
  setting.progress("saving snapshots");
  const auto log = LmdbLog::OpenToRead(directory, LmdbOptions{});
  if (!log.ok()) return log.status();
  SnapshotKeeper keeper(**log, SnapshotFiles(directory), {});
  return keeper.CatchUpAndSave(std::stop_token());
}

}  // namespace

BenchRows MeasureHistory(const BenchSetting& setting) {
  const absl::StatusOr<std::string> directory = LongLog(setting);
  if (!directory.ok()) return directory.status();
  setting.progress("history");
  const auto times = TimesOf(setting, [&](int) -> std::vector<std::string> {
    return {"--log", *directory, "history", "-n", "40"};
  });
  if (!times.ok()) return times.status();
  return std::vector{RowOf("history of 40 lines", *times, Figure::kMedian, 50,
                           fmt::format("from {} events", LongLogEvents(setting)))};
}

BenchRows MeasureStatus(const BenchSetting& setting) {
  const absl::StatusOr<std::string> directory = CrowdedLog(setting);
  if (!directory.ok()) return directory.status();
  if (absl::Status saved = SaveSnapshots(setting, *directory); !saved.ok()) return saved;
  setting.progress("status");
  const std::uint64_t head = LongLogEvents(setting);
  const auto present = TimesOf(setting, [&](int) -> std::vector<std::string> {
    return {"--log", *directory, "status"};
  });
  if (!present.ok()) return present.status();
  // Some are next to a snapshot, others as far from one as can be.
  const auto past = TimesOf(setting, [&](int round) -> std::vector<std::string> {
    const std::uint64_t back = static_cast<std::uint64_t>(round) * 7919 * 13 % kPastEvents + 1;
    return {"--log", *directory, "status", "--at", std::to_string(head - back)};
  });
  if (!past.ok()) return past.status();
  const auto completion = TimesOf(setting, [&](int) -> std::vector<std::string> {
    return {"--log", *directory, "__complete", "--", "status", "pool-99"};
  });
  if (!completion.ok()) return completion.status();
  const std::string crowd = fmt::format("{} pools, {} workers, {} events", kCrowdedPools,
                                        kCrowdedPools * kCrowdedWorkers, head);
  return std::vector{RowOf("status", *present, Figure::kMedian, 100, crowd),
                     RowOf("status --at", *past, Figure::kSlowest, 200,
                           crowd + ", the slowest of the last 100,000"),
                     RowOf("completion", *completion, Figure::kMedian, 50, crowd)};
}

}  // namespace epu
