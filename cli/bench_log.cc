#include "cli/bench_log.h"

#include <chrono>
#include <functional>

#include <fmt/format.h>

#include "cli/bench_events.h"
#include "cli/bench_raw_log.h"
#include "eventlog/codec.h"
#include "eventlog/lmdb_log.h"
#include "projections/evolve.h"
#include "projections/projection.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

double SecondsSince(Steady::time_point begun) {
  return std::chrono::duration<double>(Steady::now() - begun).count();
}

// Events a second. The log is opened for each round anew, ours as the raw one, because a process
// may have a file open once at a time. A first pass, which is not counted, maps its pages: what
// that costs is the kernel's, and would hide what a pass costs. Counted is the processor time of
// this thread, which a busy machine does not change as it does the wall clock.
absl::StatusOr<double> SpeedOf(const std::function<absl::StatusOr<std::uint64_t>()>& pass) {
  if (const auto mapped = pass(); !mapped.ok()) return mapped.status();
  const double begun = ProcessorSeconds();
  const absl::StatusOr<std::uint64_t> events = pass();
  if (!events.ok()) return events.status();
  return static_cast<double>(*events) / (ProcessorSeconds() - begun);
}

absl::StatusOr<double> Scan(const std::string& directory) {
  const auto log = LmdbLog::OpenToRead(directory, LmdbOptions{});
  if (!log.ok()) return log.status();
  std::uint64_t events = 0;
  absl::Status fault;
  const auto begun = Steady::now();
  const auto seen =
      (*log)->Visit(0, {~std::size_t{0}, ~std::size_t{0}}, [&](Sequence, RecordView record) {
        const absl::StatusOr<Head> head = DecodeHead(record);
        if (!head.ok()) fault = head.status();
        ++events;
        return head.ok();
      });
  const double seconds = SecondsSince(begun);
  if (!seen.ok()) return seen.status();
  if (!fault.ok()) return fault;
  return static_cast<double>(events) / seconds;
}

absl::StatusOr<double> Fold(const std::string& directory) {
  const auto log = LmdbLog::OpenToRead(directory, LmdbOptions{});
  if (!log.ok()) return log.status();
  const auto pass = [&]() -> absl::StatusOr<std::uint64_t> {
    Projection<State> known;
    if (absl::Status folded = CatchUp(**log, known); !folded.ok()) return folded;
    return known.position;
  };
  return SpeedOf(pass);
}

absl::StatusOr<double> ScanRaw(const std::string& directory) {
  const auto scan = RawScan::Open(directory);
  if (!scan.ok()) return scan.status();
  return SpeedOf([&] { return (*scan)->Run(); });
}

}  // namespace

BenchRows MeasureFold(const BenchSetting& setting) {
  const absl::StatusOr<std::string> directory = LongLog(setting);
  if (!directory.ok()) return directory.status();
  setting.progress("scanning and folding");
  std::vector<double> scans, folds, raw;
  for (int round = 0; round < (setting.quick ? 5 : 9); ++round) {
    const struct {
      absl::StatusOr<double> (*run)(const std::string&);
      std::vector<double>* results;
    } loops[] = {{&Scan, &scans}, {&ScanRaw, &raw}, {&Fold, &folds}};
    for (const auto& [run, results] : loops) {
      if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
      const absl::StatusOr<double> result = run(*directory);
      if (!result.ok()) return result.status();
      results->push_back(*result);
    }
  }
  BenchRow scan = CompareRounds("scan", "events/s", scans, raw, {});
  scan.note = fmt::format("{} events; checksum and head of each", LongLogEvents(setting));
  return std::vector{scan,
                     CompareRounds("fold", "events/s", folds, raw, {BarKind::kRatioAtLeast, 0.15})};
}

}  // namespace epu
