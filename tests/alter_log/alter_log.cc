// alter_log DIR SEQ…: gives each of these records of the log in DIR another note, and the checksum
//                     that fits it.
// alter_log DIR --cut SEQ: takes away what follows SEQ, as if it had never been.
//
// What somebody could do who owns the machine. It knows the log's LMDB by itself, because the log
// only appends.

#include <lmdb.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

struct Opened {
  MDB_env* environment = nullptr;
  MDB_txn* transaction = nullptr;
  MDB_dbi events = 0;
  MDB_dbi meta = 0;
};

void Require(int code, std::string_view what) {
  if (code == MDB_SUCCESS) return;
  std::cerr << fmt::format("alter_log: {}: {}\n", what, mdb_strerror(code));
  std::exit(1);
}

Opened Open(const char* directory) {
  Opened opened;
  Require(mdb_env_create(&opened.environment), "LMDB");
  Require(mdb_env_set_maxdbs(opened.environment, 2), "LMDB");
  Require(mdb_env_set_mapsize(opened.environment, std::size_t{1} << 30), "LMDB");
  Require(mdb_env_open(opened.environment, directory, 0, 0600), directory);
  Require(mdb_txn_begin(opened.environment, nullptr, 0, &opened.transaction), directory);
  Require(mdb_dbi_open(opened.transaction, "events", MDB_INTEGERKEY, &opened.events), "events");
  Require(mdb_dbi_open(opened.transaction, "meta", 0, &opened.meta), "meta");
  return opened;
}

MDB_val ValueOf(std::uint64_t& number) { return {sizeof number, &number}; }

void Alter(const Opened& opened, std::uint64_t sequence) {
  MDB_val key = ValueOf(sequence);
  MDB_val value{};
  Require(mdb_get(opened.transaction, opened.events, &key, &value), fmt::format("{}", sequence));
  Record record(value.mv_size / sizeof(Word));
  std::memcpy(record.data(), value.mv_data, value.mv_size);
  absl::StatusOr<Event> event = Decode(record);
  CHECK(event.ok());
  event->note = "nothing to see here";
  record = Encode(*event);
  value = {record.size() * sizeof(Word), record.data()};
  Require(mdb_put(opened.transaction, opened.events, &key, &value, 0), fmt::format("{}", sequence));
}

void Cut(const Opened& opened, std::uint64_t last) {
  for (std::uint64_t sequence = last + 1;; ++sequence) {
    MDB_val key = ValueOf(sequence);
    const int code = mdb_del(opened.transaction, opened.events, &key, nullptr);
    if (code == MDB_NOTFOUND) break;
    Require(code, fmt::format("{}", sequence));
  }
  std::string name = "head";
  MDB_val key{name.size(), name.data()};
  MDB_val value = ValueOf(last);
  Require(mdb_put(opened.transaction, opened.meta, &key, &value, 0), name);
}

int Run(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "alter_log DIR SEQ… | DIR --cut SEQ\n";
    return 1;
  }
  const Opened opened = Open(argv[1]);
  if (std::string_view(argv[2]) == "--cut" && argc == 4) {
    Cut(opened, std::stoull(argv[3]));
  } else {
    for (int i = 2; i < argc; ++i) Alter(opened, std::stoull(argv[i]));
  }
  Require(mdb_txn_commit(opened.transaction), "writing");
  mdb_env_close(opened.environment);
  return 0;
}

}  // namespace
}  // namespace epu

int main(int argc, char** argv) { return epu::Run(argc, argv); }
