#include "cli/bench_looks.h"

#include <stop_token>

#include <fmt/format.h>

#include "cli/bench_events.h"
#include "cli/bench_program.h"
#include "cli/snapshot_keeper.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

constexpr std::uint64_t kPastEvents = 100'000;  // That far back a status is asked for.

int RoundsOf(const BenchSetting& setting) { return setting.quick ? 5 : 15; }

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
  const auto times = TimePrograms(setting, RoundsOf(setting), [&](int) -> std::vector<std::string> {
    return {"--log", *directory, "history", "-n", "40"};
  });
  if (!times.ok()) return times.status();
  return std::vector{ProgramRow("history of 40 lines", *times, Figure::kMedian, 50,
                                fmt::format("from {} events", LongLogEvents(setting)))};
}

BenchRows MeasureStatus(const BenchSetting& setting) {
  const absl::StatusOr<std::string> directory = CrowdedLog(setting);
  if (!directory.ok()) return directory.status();
  if (absl::Status saved = SaveSnapshots(setting, *directory); !saved.ok()) return saved;
  setting.progress("status");
  const std::uint64_t head = LongLogEvents(setting);
  const auto present =
      TimePrograms(setting, RoundsOf(setting), [&](int) -> std::vector<std::string> {
        return {"--log", *directory, "status"};
      });
  if (!present.ok()) return present.status();
  // Some are next to a snapshot, others as far from one as can be.
  const auto past =
      TimePrograms(setting, RoundsOf(setting), [&](int round) -> std::vector<std::string> {
        const std::uint64_t back = static_cast<std::uint64_t>(round) * 7919 * 13 % kPastEvents + 1;
        return {"--log", *directory, "status", "--at", std::to_string(head - back)};
      });
  if (!past.ok()) return past.status();
  const auto completion =
      TimePrograms(setting, RoundsOf(setting), [&](int) -> std::vector<std::string> {
        return {"--log", *directory, "__complete", "--", "status", "pool-99"};
      });
  if (!completion.ok()) return completion.status();
  const std::string crowd = fmt::format("{} pools, {} workers, {} events", kCrowdedPools,
                                        kCrowdedPools * kCrowdedWorkers, head);
  return std::vector{ProgramRow("status", *present, Figure::kMedian, 100, crowd),
                     ProgramRow("status --at", *past, Figure::kSlowest, 200,
                                crowd + ", the slowest of the last 100,000"),
                     ProgramRow("completion", *completion, Figure::kMedian, 50, crowd)};
}

}  // namespace epu
