#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// The least that a durable log can do, on LMDB alone: no checksum, no fence, no head of its own.
// What our log is measured against.

struct MDB_env;

namespace epu {

// Records under 1, 2, 3, …; as LmdbLog with LMDB's default sync. Used by one thread.
class RawLog {
 public:
  // Makes it in `directory`, which is made too.
  static absl::StatusOr<std::unique_ptr<RawLog>> Create(const std::string& directory);
  RawLog(const RawLog&) = delete;
  RawLog& operator=(const RawLog&) = delete;
  ~RawLog();

  // Stores `count` copies of `record` in one transaction, and syncs.
  absl::Status Append(std::string_view record, std::size_t count);

 private:
  explicit RawLog(MDB_env* environment) : environment_(environment) {}

  MDB_env* const environment_;
  unsigned events_ = 0;  // The database.
  std::uint64_t head_ = 0;
};

// A cursor over all records of the log of ours in a directory. The file must not be open in this
// process: LMDB would drop the other's locks.
class RawScan {
 public:
  static absl::StatusOr<std::unique_ptr<RawScan>> Open(const std::string& directory);
  RawScan(const RawScan&) = delete;
  RawScan& operator=(const RawScan&) = delete;
  ~RawScan();

  // Touches the first word of each record; how many there were.
  absl::StatusOr<std::uint64_t> Run();

 private:
  explicit RawScan(MDB_env* environment) : environment_(environment) {}

  MDB_env* const environment_;
  std::uint64_t sum_ = 0;  // Of what was touched, so that the compiler leaves it in.
};

}  // namespace epu
