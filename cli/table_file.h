#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/names.h"
#include "eventlog/event.h"
#include "eventlog/record.h"

struct sqlite3;
struct sqlite3_stmt;

// Events as tables of an SQLite file, for questions in SQL. docs/audit.md has the columns.

namespace epu {

// The statements that make the tables.
std::string_view TableSchema();

// Used by one thread.
class TableFile {
 public:
  // Makes the tables in a new or empty file. kUnavailable where it cannot be written.
  static absl::StatusOr<std::unique_ptr<TableFile>> Make(const std::string& path);
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;
  ~TableFile();

  // Puts the next event into the tables that it concerns; events in the order of the log.
  absl::Status Take(const Event& event, RecordView record, Names& names);

  // Makes the indices, and all of it durable.
  absl::Status Finish();

 private:
  explicit TableFile(sqlite3* database);

  absl::Status Run(std::string_view sql);
  absl::Status Prepare(std::string_view sql, sqlite3_stmt** statement);
  absl::Status Fault(std::string_view what) const;

  sqlite3* const database_;
  sqlite3_stmt* event_ = nullptr;
  sqlite3_stmt* decision_ = nullptr;
  sqlite3_stmt* input_ = nullptr;
  sqlite3_stmt* reading_ = nullptr;
  sqlite3_stmt* request_ = nullptr;
  sqlite3_stmt* change_ = nullptr;
};

}  // namespace epu
