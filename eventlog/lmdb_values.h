#pragma once

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <absl/status/status.h>

#include "eventlog/ids.h"
#include "eventlog/record.h"

// LMDB's values and error codes, and ours. Used by lmdb_environment.cc alone.

namespace epu {

// What LMDB is handed. It points at the bytes, which outlive it.
MDB_val ToValue(std::string_view text);
MDB_val ToValue(const std::uint64_t& number);
MDB_val ToValue(RecordView record);

// An error code of LMDB's or the system's as a status: "reading 7: Permission denied".
absl::Status ToStatus(std::string_view what, int code);

// Whether a code means that there is no room, on the disk or in the map.
bool IsNoRoom(int code);

// Looks up a number under `name`. MDB_CORRUPTED for a value that is none.
int GetNumber(MDB_txn* transaction, MDB_dbi database, std::string_view name, std::uint64_t& number);

// Puts `value` under `name`.
int PutNamed(MDB_txn* transaction, MDB_dbi database, std::string_view name, MDB_val value);

// Whether `value`, found under `sequence`, is a whole record; `first` is where the visit began.
absl::Status CheckValue(Sequence first, Sequence sequence, const MDB_val& value);

}  // namespace epu
