#include "cli/bench_program.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Duration kTooLong = std::chrono::seconds(120);  // Something hangs.

}  // namespace

absl::StatusOr<ProgramTime> TimeProgram(const BenchSetting& setting,
                                        std::vector<std::string> words) {
  if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
  words.insert(words.begin(), setting.programs + "/epumgmt");
  const auto begun = Steady::now();
  ProgramOutcome outcome = RunProgram(words, {kTooLong});
  const std::chrono::duration<double, std::milli> took = Steady::now() - begun;
  if (outcome.end != ProgramEnd::kExit || outcome.code != 0) {
    return absl::InternalError(fmt::format("{} failed: {}", fmt::join(words, " "), outcome.errors));
  }
  return ProgramTime{took.count(), std::move(outcome.output)};
}

absl::StatusOr<std::vector<double>> TimePrograms(
    const BenchSetting& setting, int rounds,
    const std::function<std::vector<std::string>(int)>& words) {
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    const absl::StatusOr<ProgramTime> time = TimeProgram(setting, words(round));
    if (!time.ok()) return time.status();
    times.push_back(time->ms);
  }
  return times;
}

BenchRow ProgramRow(std::string name, const std::vector<double>& times, Figure figure, double below,
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

}  // namespace epu
