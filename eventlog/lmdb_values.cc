#include "eventlog/lmdb_values.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "eventlog/disk_room.h"
#include "eventlog/log_checks.h"

namespace epu {
namespace {

MDB_val FromBytes(const void* bytes, std::size_t size) { return {size, const_cast<void*>(bytes)}; }

}  // namespace

MDB_val ToValue(std::string_view text) { return FromBytes(text.data(), text.size()); }
MDB_val ToValue(const std::uint64_t& number) { return FromBytes(&number, sizeof number); }
MDB_val ToValue(RecordView record) { return FromBytes(record.data(), record.size_bytes()); }

bool IsNoRoom(int code) {
  return IsDiskFull(code) || code == EFBIG || code == MDB_MAP_FULL || code == MDB_TXN_FULL;
}

absl::Status ToStatus(std::string_view what, int code) {
  const std::string message = fmt::format("{}: {}", what, mdb_strerror(code));
  if (IsNoRoom(code)) return absl::ResourceExhaustedError(message);
  switch (code) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
      return absl::DataLossError(message);
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
      return absl::FailedPreconditionError(message);
    case MDB_PANIC:
    case MDB_READERS_FULL:
    case ENOMEM:
    case EMFILE:
      return absl::UnavailableError(message);
    default:
      return absl::UnknownError(message);
  }
}

int GetNumber(MDB_txn* transaction, MDB_dbi database, std::string_view name,
              std::uint64_t& number) {
  MDB_val key = ToValue(name), value{};
  if (const int code = mdb_get(transaction, database, &key, &value)) return code;
  if (value.mv_size != sizeof number) return MDB_CORRUPTED;
  std::memcpy(&number, value.mv_data, sizeof number);
  return MDB_SUCCESS;
}

int PutNamed(MDB_txn* transaction, MDB_dbi database, std::string_view name, MDB_val value) {
  MDB_val key = ToValue(name);
  return mdb_put(transaction, database, &key, &value, 0);
}

// Sizes first, because nothing else guards against a damaged one before the checksum is computed.
absl::Status CheckValue(Sequence first, Sequence sequence, const MDB_val& value) {
  constexpr std::size_t kBytesMax = kRecordWordsMax * sizeof(Word);
  if (value.mv_size > kBytesMax || value.mv_size % sizeof(Word) != 0) {
    return Damaged(first, sequence, fmt::format("{} bytes long", value.mv_size));
  }
  if (reinterpret_cast<std::uintptr_t>(value.mv_data) % alignof(Word) != 0) {
    return Damaged(first, sequence, "not aligned");
  }
  const RecordView record(static_cast<const Word*>(value.mv_data), value.mv_size / sizeof(Word));
  return CheckWhole(first, sequence, record);
}

}  // namespace epu
