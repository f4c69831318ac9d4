#include "cli/owned_run.h"

#include <unistd.h>

#include <random>
#include <string_view>
#include <utility>

#include "cli/snapshot_files.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

constexpr int kEpochDraws = 16;  // A repeated draw among 2^32 is chance; sixteen are a fault.

std::string HostName() {
  char name[256] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

std::string DrawLogId() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) id += kLetters[random() % kLetters.size()];
  return id;
}

// Who was killed while it created a log may have left a database with nothing in it, which is no
// log yet and may become one.
absl::StatusOr<std::unique_ptr<LmdbLog>> OpenOrCreate(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<LmdbLog>> log = LmdbLog::Open(directory, LmdbOptions{});
  if (!absl::IsNotFound(log.status()) && !absl::IsFailedPrecondition(log.status())) return log;
  absl::StatusOr<std::unique_ptr<LmdbLog>> created =
      LmdbLog::Create(directory, DrawLogId(), LmdbOptions{});
  return absl::IsAlreadyExists(created.status()) ? std::move(log) : std::move(created);
}

absl::StatusOr<Time> TimeOfLastRecord(const EventLog& log) {
  const absl::StatusOr<Sequence> head = log.Head();
  if (!head.ok()) return head.status();
  Time last{};
  if (*head == 0) return last;
  absl::Status decoded;
  const auto seen = log.Visit(*head - 1, {1, 1 << 20}, [&](Sequence, RecordView record) {
    const absl::StatusOr<Head> fields = DecodeHead(record);
    decoded = fields.status();
    if (fields.ok()) last = fields->time;
    return false;
  });
  if (!seen.ok()) return seen.status();
  if (!decoded.ok()) return decoded;
  return last;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OwnedRun>> OwnedRun::Open(const OwnedRunOptions& options) {
  const Holder self{::getpid(), WallClock(), options.log_directory};
  absl::StatusOr<EndpointLock> lock = EndpointLock::Take(options.run_directory, options.run, self);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<EndpointLock> log_lock =
      EndpointLock::Take(options.log_directory, options.run, self);
  if (!log_lock.ok()) return log_lock.status();
  absl::StatusOr<std::unique_ptr<LmdbLog>> log = OpenOrCreate(options.log_directory);
  if (!log.ok()) return log.status();
  const absl::StatusOr<Time> last = TimeOfLastRecord(**log);
  if (!last.ok()) return last.status();
  std::unique_ptr<OwnedRun> run(
      new OwnedRun(options, *std::move(lock), *std::move(log_lock), *std::move(log), *last));
  run->writer_.Resume(SnapshotFiles(options.log_directory).Nearest(*run->log_, ~Sequence{0}));
  return run;
}

OwnedRun::OwnedRun(const OwnedRunOptions& options, EndpointLock lock, EndpointLock log_lock,
                   std::unique_ptr<LmdbLog> log, Time last_record)
    : options_(options),
      lock_(std::move(lock)),
      log_lock_(std::move(log_lock)),
      log_(std::move(log)),
      clock_(last_record),
      catalog_(BuiltInEngines()),
      writer_(*log_, clock_, catalog_) {}

Holder OwnedRun::Self() const { return {::getpid(), WallClock(), options_.log_directory}; }

absl::Status OwnedRun::Begin() {
  if (absl::Status status = writer_.Load(); !status.ok()) return status;
  const bool renames = options_.succession == Succession::kNewIdentity;
  const std::string known = writer_.state().log_id;
  std::random_device random;
  for (int draw = 0; draw < kEpochDraws; ++draw) {
    const std::string log_id = known.empty() ? log_->LogId() : renames ? DrawLogId() : known;
    const ServerStarted fact{log_id, random(), HostName(), ::getpid(), options_.log_directory};
    absl::Status status = writer_.Start({fact, options_.succession});
    if (!absl::IsAlreadyExists(status)) return status;
  }
  return absl::InternalError("no fresh epoch could be drawn");
}

}  // namespace epu
