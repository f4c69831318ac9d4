#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/ids.h"
#include "eventlog/log.h"
#include "eventlog/record.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

// One opened LMDB environment that holds a log: what LmdbLog is made of, and all that is known
// about LMDB. Database "events" has a record under each sequence, by native 8-byte integer keys;
// "meta" has the format version, the log's id and the head. The head is kept apart from the events,
// so that it is noticed when some are missing.

namespace epu {

// What this build writes, and the newest that it reads.
inline constexpr std::uint64_t kLogFormatVersion = 1;

enum class LmdbMode { kCreate, kWrite, kRead };

// Readers enter themselves in lock.mdb, so that no writer reuses a page which they still read.
// Where that cannot be (a directory that one may only read, a read-only disk, a copy without
// lock.mdb), an environment opened with kRead reads without the lock. A record is still right or
// not returned at all, because its checksum is verified and what is in a log never changes; but a
// writer at work can make a read fail, which is then begun again, a few times.

// Safe for many threads at once. Dead once LMDB has given it up after a failed write of a meta
// page: nothing works any more then, and another must take its place.
class LmdbEnvironment {
 public:
  // What an append came to. With `disk_full`, room on the disk (and not in the map) would have
  // helped.
  struct Appended {
    absl::StatusOr<Sequence> head;
    bool disk_full = false;
  };
  // How far a visit came. `ended` by the visitor, or because nothing follows.
  struct Visited {
    Sequence last = 0;
    std::size_t bytes = 0;
    bool ended = false;
  };

  // See LmdbLog. With kCreate, `log_id` is written; else it is not looked at. With kRead, nothing
  // is made or changed but one's own entry in lock.mdb.
  static absl::StatusOr<std::unique_ptr<LmdbEnvironment>> Open(LmdbMode mode,
                                                               const std::string& directory,
                                                               std::string_view log_id,
                                                               std::size_t map_bytes);
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;
  // REQUIRES: no call is under way.
  ~LmdbEnvironment();

  // As EventLog::Append, while `kept_bytes` of the map stay free.
  Appended Append(Sequence expected, std::span<const Record> records, std::size_t kept_bytes);

  // As EventLog::Visit, in one read transaction. `first` is where the whole visit began.
  absl::StatusOr<Visited> Visit(Sequence first, Sequence after, ReadLimit limit,
                                const Visitor& visit);

  absl::StatusOr<Sequence> Head();

  // Frees the pages that readers in dead processes still pin.
  void CheckReaders();

  bool IsDead() const { return dead_; }
  bool IsLocked() const { return locked_; }  // Whether readers enter themselves in lock.mdb.
  const std::string& log_id() const { return log_id_; }
  std::uint64_t format_version() const { return format_version_; }

 private:
  struct Reader {
    MDB_txn* transaction = nullptr;
    MDB_cursor* cursor = nullptr;
  };

  explicit LmdbEnvironment(MDB_env* environment) : environment_(environment) {}

  absl::Status OpenDatabases(LmdbMode mode, std::string_view log_id);
  int WriteMeta(MDB_txn* transaction, std::string_view log_id);
  absl::Status ReadMeta(MDB_txn* transaction);
  absl::Status CheckLength() const;
  void PadFile() const;
  std::uint64_t BytesInUse() const;

  int GetHead(MDB_txn* transaction, Sequence& head) const;
  int Put(MDB_txn* transaction, Sequence head, std::span<const Record> records) const;
  Appended AfterFailedCommit(int code, std::size_t batch_bytes);
  absl::Status Read(const std::function<absl::Status(Reader)>& work);
  absl::Status VisitIn(Reader reader, Sequence first, ReadLimit limit, const Visitor& visit,
                       Visited& visited) const;
  absl::StatusOr<Reader> BeginRead();
  void EndRead(Reader reader);
  bool MayBeDisturbed(Reader reader) const;

  MDB_env* const environment_;
  bool locked_ = true;  // Constant once opened, as are the next six.
  std::size_t map_bytes_ = 0;
  std::size_t page_bytes_ = 0;
  unsigned events_ = 0;  // The databases' handles.
  unsigned meta_ = 0;
  std::string log_id_;
  std::uint64_t format_version_ = 0;
  std::atomic<bool> dead_ = false;

  std::mutex idle_mutex_;
  std::vector<Reader> idle_;  // Guarded by idle_mutex_: reset, and cheaper to renew than to begin.
};

}  // namespace epu
