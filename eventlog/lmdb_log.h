#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "eventlog/ids.h"
#include "eventlog/lmdb_environment.h"
#include "eventlog/log.h"
#include "eventlog/record.h"
#include "eventlog/reserve_file.h"

// The durable log: one LMDB environment in a directory of its own (data.mdb, lock.mdb) and a
// reserve for the day the disk is full (reserve). Every batch is one transaction with LMDB's
// default sync.
//
// Threads:   all methods but the destructor may be called by many threads at once.
// Processes: any number may have the log open, and read while one of them writes; when two of them
//            write, the fence (`expected`) lets one win. A process has one LmdbLog for a directory;
//            its threads share it. It does not cross fork().
// Sizes:     the map is address space, not memory or disk, and is never resized. When it is full,
// that
//            is treated as a full disk.
// Signals:   where a limit on file sizes is set, SIGXFSZ must be ignored; the limit is then a full
// disk.

namespace epu {

struct LmdbOptions {
  // The address space reserved for the data: the same in every process. 1 TiB fails under TSan.
  std::size_t map_bytes = std::size_t{256} << 30;
  // What is kept on the disk, and in the map, for batches with Reserve::kSpend: some thousand of
  // them.
  std::size_t reserve_bytes = std::size_t{4} << 20;
};

class LmdbLog final : public EventLog {
 public:
  // Makes an empty log, and its directory where that is missing, and opens it for writing. `log_id`
  // is four characters of [a-z0-9], drawn by the caller.
  //   kAlreadyExists    the directory holds a log, or something else by the name of data.mdb.
  //   kInvalidArgument  the id is not of that form.
  // and the errors of Open. A Create that was interrupted is repeated by another.
  static absl::StatusOr<std::unique_ptr<LmdbLog>> Create(const std::string& directory,
                                                         std::string_view log_id,
                                                         const LmdbOptions& options);

  // Opens a log for reading and writing.
  //   kNotFound            no such directory, or there is no log in it.
  //   kFailedPrecondition  not a log of ours, written by a newer version, or open in this process.
  //   kPermissionDenied    the files may not be read or written.
  //   kDataLoss            data.mdb is damaged or was cut short.
  //   kResourceExhausted   no room for lock.mdb.
  static absl::StatusOr<std::unique_ptr<LmdbLog>> Open(const std::string& directory,
                                                       const LmdbOptions& options);

  // The same for reading alone, beside a server that writes: what it appends is seen. Append
  // answers kPermissionDenied. Readers enter themselves in lock.mdb; where it is missing or may not
  // be written, the log is read without it (see IsLocked).
  static absl::StatusOr<std::unique_ptr<LmdbLog>> OpenToRead(const std::string& directory,
                                                             const LmdbOptions& options);

  ~LmdbLog() override;

  // While the reserve is spent, batches with Reserve::kKeep are refused with kResourceExhausted,
  // lest they use up the room that was made for the others, until there is room for it again.
  absl::StatusOr<Sequence> Append(Sequence expected, std::span<const Record> records,
                                  Reserve reserve) override;

  // One read transaction at a time is open during a visit, none for longer than 64 MiB of records.
  absl::StatusOr<Sequence> Visit(Sequence after, ReadLimit limit,
                                 const Visitor& visit) const override;

  absl::StatusOr<Sequence> Head() const override;

  // Whether readers are known to a server that writes. False for a log opened to read in a
  // directory that may only be read, on a read-only disk, or as a copy without lock.mdb: a visit
  // can then end with kUnavailable, because a server at work was in its way again and again.
  bool IsLocked() const { return locked_; }

  // The id given at creation.
  const std::string& LogId() const { return log_id_; }

  // The version of the format in which this log was created.
  std::uint64_t FormatVersion() const { return format_version_; }

 private:
  class Claim;

  static absl::StatusOr<std::unique_ptr<LmdbLog>> OpenAs(LmdbMode mode,
                                                         const std::string& directory,
                                                         std::string_view log_id,
                                                         const LmdbOptions& options);
  LmdbLog(LmdbMode mode, const std::string& directory, const LmdbOptions& options,
          std::unique_ptr<Claim> claim, std::unique_ptr<LmdbEnvironment> environment);

  // Does `work`, which begins one read, in an environment that LMDB has not given up. Where LMDB
  // refuses to begin it because of a failed append meanwhile, the next environment is taken.
  template <typename Result>
  absl::StatusOr<Result> Read(
      const std::function<absl::StatusOr<Result>(LmdbEnvironment&)>& work) const;
  absl::StatusOr<std::shared_lock<std::shared_mutex>> Enter() const;
  LmdbEnvironment::Appended AppendOnce(Sequence expected, std::span<const Record> records,
                                       Reserve reserve);

  const LmdbMode mode_;  // kWrite or kRead.
  const std::string directory_;
  const LmdbOptions options_;
  const std::string log_id_;
  const std::uint64_t format_version_;
  const bool locked_;
  const std::unique_ptr<Claim> claim_;  // Outlives environment_.

  std::mutex append_mutex_;    // Taken before environment_mutex_.
  const ReserveFile reserve_;  // Guarded by append_mutex_, as is the next.
  std::uint64_t appends_ = 0;

  // Held shared by whoever uses the environment, exclusively by whoever replaces it because LMDB
  // has given it up. The environment is null where it could not be opened again; the next call
  // tries.
  mutable std::shared_mutex environment_mutex_;
  mutable std::unique_ptr<LmdbEnvironment> environment_;
};

}  // namespace epu
