#include "eventlog/lmdb_environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>
#include <lmdb.h>

#include "eventlog/disk_room.h"
#include "eventlog/lmdb_values.h"
#include "eventlog/log_checks.h"

namespace epu {
namespace {

constexpr char kEvents[] = "events";
constexpr char kMeta[] = "meta";
constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kIdKey = "id";
constexpr std::string_view kHeadKey = "head";

constexpr unsigned kReadersMax = 1024;  // Of all processes; LMDB's own 126 are soon used up.
constexpr std::size_t kLockFileBytes = 128 * 1024;  // kReadersMax of 64 bytes, and the head before.
constexpr std::size_t kIdleReadersMax = 64;         // More threads than read at once.
constexpr int kDisturbedReadsMax = 16;  // In a row: each came a record further, or met two commits.

// How much of the file a batch may take: overflow pages are whole, others about four fifths full,
// and the pages on the way to them are copied.
std::size_t EstimateBytes(std::span<const Record> records, std::size_t page_bytes) {
  constexpr std::size_t kNodeBytes = 32;
  constexpr std::size_t kCopiedPages = 16;
  std::size_t bytes = kCopiedPages * page_bytes;
  for (const Record& record : records) {
    const std::size_t node_bytes = record.size() * sizeof(Word) + kNodeBytes;
    bytes += node_bytes > page_bytes / 2 ? (node_bytes / page_bytes + 1) * page_bytes
                                         : node_bytes + node_bytes / 4;
  }
  return bytes;
}

// The next page mostly follows in the file, and the processor does not look ahead across pages by
// itself. Measured in cache with 256-byte records: 4 to 5 million visited a second without this;
// with it 12 to 17 where batches were of 1, 512 or 4,096 records, and 8 where they were of 16.
void FetchNextPage(const MDB_val& value, std::size_t page_bytes) {
  constexpr std::size_t kCacheLineBytes = 64;
  const char* const there = static_cast<const char*>(value.mv_data) + page_bytes;
  for (std::size_t at = 0; at < value.mv_size && at < page_bytes; at += kCacheLineBytes) {
    __builtin_prefetch(there + at);
  }
}

// Whether a reader can enter itself in lock.mdb. One that is not there is not made: who may only
// read changes nothing, and a writer would have made it.
bool MayLock(const std::string& directory) {
  const int file = open((directory + "/lock.mdb").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return errno != ENOENT && errno != EACCES && errno != EPERM && errno != EROFS;
  close(file);
  return true;
}

int FileOf(MDB_env* environment) {
  int file = -1;
  mdb_env_get_fd(environment, &file);
  return file;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LmdbEnvironment>> LmdbEnvironment::Open(LmdbMode mode,
                                                                       const std::string& directory,
                                                                       std::string_view log_id,
                                                                       std::size_t map_bytes) {
  MDB_env* handle = nullptr;
  if (const int code = mdb_env_create(&handle)) return ToStatus("mdb_env_create", code);
  // Owned from here on: LMDB wants it closed even where opening it fails.
  std::unique_ptr<LmdbEnvironment> environment(new LmdbEnvironment(handle));
  mdb_env_set_maxdbs(handle, 2);
  mdb_env_set_maxreaders(handle, kReadersMax);
  mdb_env_set_mapsize(handle, map_bytes);
  environment->locked_ = mode != LmdbMode::kRead || MayLock(directory);
  // LMDB makes lock.mdb sparse and writes it through its map: where a new reader's page cannot be
  // allocated because the disk is full, the process would end with SIGBUS. Only now, because
  // closing a file drops the locks that this process has on it.
  if (environment->locked_) AllocateBlocks(directory + "/lock.mdb", kLockFileBytes);
  const unsigned flags = MDB_NOTLS | (mode == LmdbMode::kRead ? MDB_RDONLY : 0) |
                         (environment->locked_ ? 0 : MDB_NOLOCK);
  if (const int code = mdb_env_open(handle, directory.c_str(), flags, 0600)) {
    return ToStatus("data.mdb or lock.mdb", code);
  }
  MDB_stat shape{};
  mdb_env_stat(handle, &shape);
  environment->page_bytes_ = shape.ms_psize;
  environment->map_bytes_ = map_bytes;
  if (mode != LmdbMode::kCreate) {
    if (absl::Status length = environment->CheckLength(); !length.ok()) return length;
  }
  environment->CheckReaders();
  if (absl::Status opened = environment->OpenDatabases(mode, log_id); !opened.ok()) return opened;
  return environment;
}

LmdbEnvironment::~LmdbEnvironment() {
  for (const Reader& reader : idle_) {
    mdb_cursor_close(reader.cursor);
    mdb_txn_abort(reader.transaction);
  }
  mdb_env_close(environment_);
}

absl::Status LmdbEnvironment::OpenDatabases(LmdbMode mode, std::string_view log_id) {
  const bool create = mode == LmdbMode::kCreate;
  MDB_txn* transaction = nullptr;
  const int code = mdb_txn_begin(environment_, nullptr, create ? 0 : MDB_RDONLY, &transaction);
  if (code != MDB_SUCCESS) return ToStatus("opening", code);
  absl::Cleanup abort = [&] { mdb_txn_abort(transaction); };

  if (create) {
    MDB_dbi names = 0;
    MDB_stat shape{};
    int made = mdb_dbi_open(transaction, nullptr, 0, &names);
    if (made == MDB_SUCCESS) made = mdb_stat(transaction, names, &shape);
    if (made == MDB_SUCCESS && shape.ms_entries > 0) {
      return absl::AlreadyExistsError("there is a log, or another database");
    }
    if (made == MDB_SUCCESS) made = WriteMeta(transaction, log_id);
    if (made != MDB_SUCCESS) return ToStatus("creating", made);
  }
  int opened = mdb_dbi_open(transaction, kMeta, 0, &meta_);
  if (opened == MDB_SUCCESS) opened = mdb_dbi_open(transaction, kEvents, MDB_INTEGERKEY, &events_);
  if (opened == MDB_NOTFOUND || opened == MDB_INCOMPATIBLE) {
    return absl::FailedPreconditionError("an LMDB database, but not a log");
  }
  if (opened != MDB_SUCCESS) return ToStatus("opening", opened);
  if (absl::Status meta = ReadMeta(transaction); !meta.ok()) return meta;

  std::move(abort).Cancel();  // Committing keeps the databases' handles, in a reader too.
  const int committed = mdb_txn_commit(transaction);
  if (committed != MDB_SUCCESS) return ToStatus("opening", committed);
  return absl::OkStatus();
}

int LmdbEnvironment::WriteMeta(MDB_txn* transaction, std::string_view log_id) {
  int code = mdb_dbi_open(transaction, kEvents, MDB_CREATE | MDB_INTEGERKEY, &events_);
  if (code == MDB_SUCCESS) code = mdb_dbi_open(transaction, kMeta, MDB_CREATE, &meta_);
  const Sequence head = 0;
  if (code == MDB_SUCCESS) code = PutNamed(transaction, meta_, kHeadKey, ToValue(head));
  if (code == MDB_SUCCESS) code = PutNamed(transaction, meta_, kIdKey, ToValue(log_id));
  if (code == MDB_SUCCESS)
    code = PutNamed(transaction, meta_, kFormatKey, ToValue(kLogFormatVersion));
  return code;
}

absl::Status LmdbEnvironment::ReadMeta(MDB_txn* transaction) {
  const int format = GetNumber(transaction, meta_, kFormatKey, format_version_);
  if (format != MDB_SUCCESS) return ToStatus("the format version", format);
  if (format_version_ > kLogFormatVersion) {
    return absl::FailedPreconditionError(
        fmt::format("written by a newer version: format {}, and this one reads up to {}",
                    format_version_, kLogFormatVersion));
  }
  MDB_val key = ToValue(kIdKey), id{};
  const int code = mdb_get(transaction, meta_, &key, &id);
  if (code != MDB_SUCCESS) return ToStatus("the log's id", code);
  log_id_.assign(static_cast<const char*>(id.mv_data), id.mv_size);
  return absl::OkStatus();
}

// A map that reaches beyond the file ends the process with SIGBUS where it is read.
absl::Status LmdbEnvironment::CheckLength() const {
  const std::uint64_t used = BytesInUse();
  struct stat facts {};
  if (fstat(FileOf(environment_), &facts) != 0) return ToStatus("data.mdb", errno);
  if (static_cast<std::uint64_t>(facts.st_size) >= used) return absl::OkStatus();
  return absl::DataLossError(fmt::format(
      "data.mdb was cut short: it has {} bytes of {}; `truncate -s {} data.mdb` makes what "
      "is left readable, up to the first damaged record",
      facts.st_size, used, used));
}

// LMDB does not write a last page that it took and freed again in one transaction, and so leaves
// the file shorter than CheckLength wants it.
void LmdbEnvironment::PadFile() const {
  const std::uint64_t used = BytesInUse();
  struct stat facts {};
  const int file = FileOf(environment_);
  if (fstat(file, &facts) != 0 || static_cast<std::uint64_t>(facts.st_size) >= used) return;
  [[maybe_unused]] const int padded = ftruncate(file, static_cast<off_t>(used));
}

std::uint64_t LmdbEnvironment::BytesInUse() const {
  MDB_envinfo facts{};
  mdb_env_info(environment_, &facts);
  return (facts.me_last_pgno + std::uint64_t{1}) * page_bytes_;
}

void LmdbEnvironment::CheckReaders() {
  int dead = 0;
  mdb_reader_check(environment_, &dead);
}

LmdbEnvironment::Appended LmdbEnvironment::Append(Sequence expected,
                                                  std::span<const Record> records,
                                                  std::size_t kept_bytes) {
  const std::size_t batch_bytes = EstimateBytes(records, page_bytes_);
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(environment_, nullptr, 0, &transaction)) {
    if (code == MDB_PANIC) dead_ = true;
    return {ToStatus("nothing was written", code)};
  }
  absl::Cleanup abort = [&] { mdb_txn_abort(transaction); };

  Sequence head = 0;
  int code = GetHead(transaction, head);
  if (code == MDB_SUCCESS && head != expected) {
    return {absl::AbortedError(fmt::format("the head is {}, not {}", head, expected))};
  }
  // Free pages within the file are not counted; an append-only log has few.
  if (code == MDB_SUCCESS && BytesInUse() + batch_bytes + kept_bytes > map_bytes_) {
    code = MDB_MAP_FULL;
  }
  if (code == MDB_SUCCESS) code = Put(transaction, head, records);
  if (code == MDB_SUCCESS) {
    std::move(abort).Cancel();  // A commit ends the transaction also where it fails.
    code = mdb_txn_commit(transaction);
    if (code != MDB_SUCCESS) return AfterFailedCommit(code, batch_bytes);
    PadFile();
    return {head + records.size()};
  }
  if (code == EIO)
    code = WhyWriteWasShort(FileOf(environment_), batch_bytes);  // A batch spilt to the disk.
  return {ToStatus("nothing was written", code), IsDiskFull(code)};
}

// A commit writes and syncs the pages, then writes the meta page that makes them count. LMDB
// survives the failure of the first; after that of the second it refuses everything with MDB_PANIC.
LmdbEnvironment::Appended LmdbEnvironment::AfterFailedCommit(int code, std::size_t batch_bytes) {
  MDB_txn* transaction = nullptr;
  if (mdb_txn_begin(environment_, nullptr, 0, &transaction) == MDB_SUCCESS) {
    mdb_txn_abort(transaction);
    if (code == EIO) code = WhyWriteWasShort(FileOf(environment_), batch_bytes);
    return {ToStatus("nothing was written", code), IsDiskFull(code)};
  }
  dead_ = true;
  return {absl::UnknownError(
      fmt::format("unknown whether the batch was written: {}", mdb_strerror(code)))};
}

int LmdbEnvironment::GetHead(MDB_txn* transaction, Sequence& head) const {
  return GetNumber(transaction, meta_, kHeadKey, head);
}

int LmdbEnvironment::Put(MDB_txn* transaction, Sequence head,
                         std::span<const Record> records) const {
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(transaction, events_, &cursor)) return code;
  absl::Cleanup close = [&] { mdb_cursor_close(cursor); };

  MDB_val key{}, value{};
  const int found = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
  if (found != MDB_SUCCESS && found != MDB_NOTFOUND) return found;
  Sequence last = 0;
  if (found == MDB_SUCCESS) std::memcpy(&last, key.mv_data, sizeof last);
  if (last != head) return MDB_CORRUPTED;  // Never write behind a gap.

  for (const Record& record : records) {
    ++head;
    key = ToValue(head);
    value = ToValue(RecordView(record));
    if (const int code = mdb_cursor_put(cursor, &key, &value, MDB_APPEND)) return code;
  }
  return PutNamed(transaction, meta_, kHeadKey, ToValue(head));
}

absl::StatusOr<LmdbEnvironment::Visited> LmdbEnvironment::Visit(Sequence first, Sequence after,
                                                                ReadLimit limit,
                                                                const Visitor& visit) {
  Visited visited{after};
  const absl::Status status = Read([&](Reader reader) {
    const ReadLimit left{limit.records - (visited.last - after), limit.bytes - visited.bytes};
    return VisitIn(reader, first, left, visit, visited);
  });
  if (!status.ok()) return status;
  return visited;
}

absl::StatusOr<Sequence> LmdbEnvironment::Head() {
  Sequence head = 0;
  const absl::Status status = Read([&](Reader reader) {
    const int code = GetHead(reader.transaction, head);
    return code == MDB_SUCCESS ? absl::OkStatus() : ToStatus("the head", code);
  });
  if (!status.ok()) return status;
  return head;
}

// Does `work` in a read transaction, and again from where it came to while a writer disturbs it.
absl::Status LmdbEnvironment::Read(const std::function<absl::Status(Reader)>& work) {
  for (int attempt = 1;; ++attempt) {
    const absl::StatusOr<Reader> reader = BeginRead();
    if (!reader.ok()) return reader.status();
    const absl::Status status = work(*reader);
    const bool disturbed = !status.ok() && MayBeDisturbed(*reader);
    EndRead(*reader);
    if (!disturbed) return status;
    if (attempt == kDisturbedReadsMax) {
      return absl::UnavailableError(
          "read without a lock, and a server that writes was in the way; read a copy");
    }
  }
}

// Goes on behind visited.last, and leaves there how far it came also where it fails.
absl::Status LmdbEnvironment::VisitIn(Reader reader, Sequence first, ReadLimit limit,
                                      const Visitor& visit, Visited& visited) const {
  const Sequence after = visited.last;
  const std::size_t bytes_before = visited.bytes;
  Sequence next = after + 1;
  MDB_val key = ToValue(next), value{};
  int code = mdb_cursor_get(reader.cursor, &key, &value, MDB_SET_KEY);
  for (; code == MDB_SUCCESS; ++next) {
    Sequence found = 0;
    std::memcpy(&found, key.mv_data, sizeof found);
    if (found != next) break;
    FetchNextPage(value, page_bytes_);
    if (absl::Status whole = CheckValue(first, next, value); !whole.ok()) return whole;

    visited.last = next;
    visited.bytes += value.mv_size;
    const RecordView record(static_cast<const Word*>(value.mv_data), value.mv_size / sizeof(Word));
    visited.ended = !visit(next, record);
    if (visited.ended || next - after >= limit.records ||
        visited.bytes - bytes_before >= limit.bytes) {
      return absl::OkStatus();
    }
    code = mdb_cursor_get(reader.cursor, &key, &value, MDB_NEXT);
  }
  if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
    return ToStatus(fmt::format("reading {}", next), code);
  }
  Sequence head = 0;
  if (const int found = GetHead(reader.transaction, head)) return ToStatus("the head", found);
  if (visited.last < head) return Damaged(first, next, fmt::format("missing, of {}", head));
  visited.ended = true;
  return absl::OkStatus();
}

absl::StatusOr<LmdbEnvironment::Reader> LmdbEnvironment::BeginRead() {
  Reader reader;
  {
    std::lock_guard lock(idle_mutex_);
    if (!idle_.empty()) {
      reader = idle_.back();
      idle_.pop_back();
    }
  }
  int code = MDB_SUCCESS;
  if (reader.transaction != nullptr) {
    code = mdb_txn_renew(reader.transaction);
    if (code == MDB_SUCCESS) code = mdb_cursor_renew(reader.transaction, reader.cursor);
  } else {
    code = mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader.transaction);
    if (code == MDB_SUCCESS) code = mdb_cursor_open(reader.transaction, events_, &reader.cursor);
  }
  if (code == MDB_SUCCESS) return reader;

  if (reader.cursor != nullptr) mdb_cursor_close(reader.cursor);
  if (reader.transaction != nullptr) mdb_txn_abort(reader.transaction);
  if (code == MDB_PANIC) dead_ = true;
  return ToStatus("beginning to read", code);
}

void LmdbEnvironment::EndRead(Reader reader) {
  mdb_txn_reset(reader.transaction);
  {
    std::lock_guard lock(idle_mutex_);
    if (idle_.size() < kIdleReadersMax) {
      idle_.push_back(reader);
      return;
    }
  }
  mdb_cursor_close(reader.cursor);
  mdb_txn_abort(reader.transaction);
}

// What a transaction reads is freed at the earliest by the commit after its own, and reused by a
// batch that begins when the second commit after its own is done.
bool LmdbEnvironment::MayBeDisturbed(Reader reader) const {
  if (locked_) return false;
  MDB_envinfo facts{};
  mdb_env_info(environment_, &facts);
  return facts.me_last_txnid >= mdb_txn_id(reader.transaction) + 2;
}

}  // namespace epu
