#include "cli/bench_audit.h"

#include <string>

#include <fmt/format.h>

#include "cli/bench_program.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

// The bars of a log of a million events.
constexpr double kReplayEventsPerSecond = 300'000;
constexpr double kVerifyRecordsPerSecond = 1'000'000;
constexpr double kWhyMs = 500;
constexpr double kStatusAtMs = 700;
constexpr double kWhatIfMs = 5'000;

int RoundsOf(const BenchSetting& setting) { return setting.quick ? 3 : 7; }

class Audit {
 public:
  Audit(const BenchSetting& setting, Sequence head) : setting_(setting), head_(head) {}

  BenchRows Measure() {
    const auto last = TimeProgram(
        setting_, {"--log", setting_.audited, "history", "--kind", "decision", "-n", "1", "-q"});
    if (!last.ok()) return last.status();
    const std::string decision = last->output.substr(0, last->output.find('\n'));
    const std::string middle = std::to_string(head_ / 2);
    absl::Status status = Speed("replay", "events/s", kReplayEventsPerSecond);
    if (status.ok()) status = Speed("verify", "records/s", kVerifyRecordsPerSecond);
    if (status.ok() && !decision.empty()) {
      status = Wait("why of the last decision", {"why", decision}, kWhyMs);
    }
    if (status.ok())
      status = Wait("status --at the middle", {"status", "--at", middle}, kStatusAtMs);
    if (status.ok()) status = MeasureWhatIf();
    if (!status.ok()) return status;
    return std::move(rows_);
  }

 private:
  // All of the first pool's history, in the record and in the model.
  absl::Status MeasureWhatIf() {
    const auto pools = TimeProgram(setting_, {"--log", setting_.audited, "get", "epus", "-q"});
    if (!pools.ok()) return pools.status();
    const std::string pool = pools->output.substr(0, pools->output.find('\n'));
    if (pool.empty()) return absl::OkStatus();
    return Wait("whatif, all of it", {"whatif", pool, "--model"}, kWhatIfMs);
  }

  absl::StatusOr<std::vector<double>> Times(const std::vector<std::string>& words) {
    setting_.progress(words.front());
    return TimePrograms(setting_, RoundsOf(setting_), [&](int) {
      std::vector<std::string> all = {"--log", setting_.audited};
      all.insert(all.end(), words.begin(), words.end());
      return all;
    });
  }

  // The whole log in a second, by a verb that goes through all of it.
  absl::Status Speed(const std::string& verb, std::string_view unit, double at_least) {
    const auto times = Times({verb});
    if (!times.ok()) return times.status();
    const Spread spread = SpreadOf(*times);
    BenchRow row;
    row.name = verb;
    row.unit = unit;
    row.ours = static_cast<double>(head_) * 1000 / spread.median;
    row.bar = {BarKind::kAtLeast, at_least};
    row.note = fmt::format("the program from its start to its end, {} events; {:.0f} to {:.0f} ms",
                           head_, spread.least, spread.most);
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::Status Wait(std::string name, const std::vector<std::string>& words, double below) {
    const auto times = Times(words);
    if (!times.ok()) return times.status();
    rows_.push_back(ProgramRow(std::move(name), *times, Figure::kSlowest, below,
                               fmt::format("the slowest, {} events", head_)));
    return absl::OkStatus();
  }

  const BenchSetting& setting_;
  const Sequence head_;
  std::vector<BenchRow> rows_;
};

}  // namespace

BenchRows MeasureAudit(const BenchSetting& setting) {
  if (setting.audited.empty()) return std::vector<BenchRow>{};
  const auto log = LmdbLog::OpenToRead(setting.audited, LmdbOptions{});
  if (!log.ok()) return log.status();
  const absl::StatusOr<Sequence> head = (*log)->Head();
  if (!head.ok()) return head.status();
  if (*head == 0) return absl::InvalidArgumentError(setting.audited + " has no events");
  return Audit(setting, *head).Measure();
}

}  // namespace epu
