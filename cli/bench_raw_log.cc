#include "cli/bench_raw_log.h"

#include <sys/stat.h>

#include <cstring>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>
#include <lmdb.h>

namespace epu {
namespace {

constexpr std::size_t kMapBytes = std::size_t{16} << 30;  // Address space alone.
constexpr char kEvents[] = "events";                      // As LmdbLog names it.

absl::Status Fault(const char* what, int code) {
  return absl::InternalError(fmt::format("raw LMDB: {}: {}", what, mdb_strerror(code)));
}

absl::StatusOr<MDB_env*> OpenEnvironment(const std::string& directory, unsigned flags) {
  MDB_env* environment = nullptr;
  if (const int code = mdb_env_create(&environment)) return Fault("create", code);
  mdb_env_set_maxdbs(environment, 2);
  mdb_env_set_mapsize(environment, kMapBytes);
  if (const int code = mdb_env_open(environment, directory.c_str(), flags | MDB_NOTLS, 0600)) {
    mdb_env_close(environment);
    return Fault("open", code);
  }
  return environment;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RawLog>> RawLog::Create(const std::string& directory) {
  ::mkdir(directory.c_str(), 0700);
  const absl::StatusOr<MDB_env*> environment = OpenEnvironment(directory, 0);
  if (!environment.ok()) return environment.status();
  std::unique_ptr<RawLog> log(new RawLog(*environment));
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(*environment, nullptr, 0, &transaction)) {
    return Fault("begin", code);
  }
  if (const int code =
          mdb_dbi_open(transaction, kEvents, MDB_CREATE | MDB_INTEGERKEY, &log->events_)) {
    mdb_txn_abort(transaction);
    return Fault("open the database", code);
  }
  if (const int code = mdb_txn_commit(transaction)) return Fault("commit", code);
  return log;
}

RawLog::~RawLog() { mdb_env_close(environment_); }

absl::Status RawLog::Append(std::string_view record, std::size_t count) {
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(environment_, nullptr, 0, &transaction)) {
    return Fault("begin", code);
  }
  for (std::size_t i = 0; i < count; ++i) {
    ++head_;
    MDB_val key{sizeof(head_), &head_};
    MDB_val value{record.size(), const_cast<char*>(record.data())};
    if (const int code = mdb_put(transaction, events_, &key, &value, MDB_APPEND)) {
      mdb_txn_abort(transaction);
      return Fault("put", code);
    }
  }
  if (const int code = mdb_txn_commit(transaction)) return Fault("commit", code);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RawScan>> RawScan::Open(const std::string& directory) {
  const absl::StatusOr<MDB_env*> environment = OpenEnvironment(directory, MDB_RDONLY);
  if (!environment.ok()) return environment.status();
  return std::unique_ptr<RawScan>(new RawScan(*environment));
}

RawScan::~RawScan() { mdb_env_close(environment_); }

absl::StatusOr<std::uint64_t> RawScan::Run() {
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &transaction)) {
    return Fault("begin", code);
  }
  const absl::Cleanup abort = [&] { mdb_txn_abort(transaction); };
  MDB_dbi events = 0;
  if (const int code = mdb_dbi_open(transaction, kEvents, MDB_INTEGERKEY, &events)) {
    return Fault("open the database", code);
  }
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(transaction, events, &cursor)) return Fault("cursor", code);
  const absl::Cleanup close = [&] { mdb_cursor_close(cursor); };
  std::uint64_t records = 0;
  MDB_val key{};
  MDB_val value{};
  int code = MDB_SUCCESS;
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
    std::uint64_t word = 0;
    std::memcpy(&word, value.mv_data, sizeof(word));
    sum_ += word;
    ++records;
  }
  if (code != MDB_NOTFOUND) return Fault("next", code);
  return records;
}

}  // namespace epu
