#include "eventlog/lmdb_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "eventlog/capabilities_for_tests.h"
#include "tests/child_process.h"
#include "tests/log_testing.h"

// What LmdbLog promises of its files, beyond the contract of every log. A child is
// always forked before this process opens the log, because an open log does not cross a fork.

namespace epu {
namespace {

using testing::HasSubstr;

constexpr LmdbOptions kOptions{.map_bytes = std::size_t{1} << 30,
                               .reserve_bytes = std::size_t{64} << 10};

std::unique_ptr<LmdbLog> CreateIn(const std::string& directory) {
  return *LmdbLog::Create(directory, "k3f9", kOptions);
}

std::unique_ptr<LmdbLog> OpenIn(const std::string& directory) {
  return *LmdbLog::Open(directory, kOptions);
}

// A log with the first `count` records of MakeRecords, closed again.
void CreateFilledIn(const std::string& directory, std::size_t count) {
  const auto log = CreateIn(directory);
  ASSERT_EQ(*log->Append(0, MakeRecords(0, count, 32), Reserve::kKeep), count);
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// What opening the log comes to, both to write and to read.
void ExpectRefused(const std::string& directory, absl::StatusCode code, const std::string& words) {
  for (const auto& opened : {LmdbLog::Open(directory, kOptions).status(),
                             LmdbLog::OpenToRead(directory, kOptions).status()}) {
    EXPECT_EQ(opened.code(), code) << opened;
    EXPECT_THAT(std::string(opened.message()), HasSubstr(words));
    EXPECT_THAT(std::string(opened.message()), HasSubstr(directory));
  }
}

TEST(LmdbLog, KeepsEverythingWhenOpenedAgain) {
  const TemporaryDirectory directory;
  {
    const auto log = CreateIn(directory.path());
    ASSERT_EQ(*log->Append(0, MakeRecords(0, 1000, 32), Reserve::kKeep), 1000u);
    ASSERT_EQ(*log->Append(1000, MakeRecords(1000, 1, 8000), Reserve::kKeep), 1001u);
  }
  const auto log = OpenIn(directory.path());
  EXPECT_EQ(*log->Head(), 1001u);
  EXPECT_EQ(log->LogId(), "k3f9");
  EXPECT_EQ(log->FormatVersion(), kLogFormatVersion);
  std::vector<Record> records = MakeRecords(0, 1000, 32);
  records.push_back(MakeRecord(1001, 8000));
  EXPECT_EQ(ReadAfter(*log, 0, kEverything).records, records);
  EXPECT_EQ(*log->Append(1001, MakeRecords(1001, 1, 32), Reserve::kKeep), 1002u);
}

TEST(LmdbLog, MakesItsDirectoryForItsOwnerAlone) {
  const TemporaryDirectory directory;
  const std::string inner = directory.path() + "/log";
  const auto log = CreateIn(inner);
  for (const std::string& path : {inner, inner + "/data.mdb", inner + "/lock.mdb"}) {
    struct stat facts {};
    ASSERT_EQ(stat(path.c_str(), &facts), 0) << path;
    EXPECT_EQ(facts.st_mode & 077u, 0u) << path;
  }
}

TEST(LmdbLog, RefusesToCreateOverWhatIsThere) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 3);
  EXPECT_TRUE(absl::IsAlreadyExists(LmdbLog::Create(directory.path(), "aaaa", kOptions).status()));
  EXPECT_EQ(OpenIn(directory.path())->LogId(), "k3f9");

  const TemporaryDirectory other;
  WriteFile(other.path() + "/data.mdb", std::string(100'000, 'x'));
  EXPECT_TRUE(absl::IsAlreadyExists(LmdbLog::Create(other.path(), "aaaa", kOptions).status()));
  EXPECT_EQ(std::filesystem::file_size(other.path() + "/data.mdb"), 100'000u);
}

TEST(LmdbLog, RefusesToCreateWithABadId) {
  const TemporaryDirectory directory;
  for (const char* id : {"", "k3f", "k3f9x", "K3F9", "k3-9", "k3 9"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(LmdbLog::Create(directory.path(), id, kOptions).status()));
  }
  EXPECT_TRUE(absl::IsNotFound(LmdbLog::Create("/nonexistent/log", "k3f9", kOptions).status()));
}

TEST(LmdbLog, CreatesWhereACreationWasInterrupted) {
  const TemporaryDirectory directory;
  WriteFile(directory.path() + "/data.mdb", "");
  EXPECT_EQ(CreateIn(directory.path())->LogId(), "k3f9");
}

TEST(LmdbLog, SaysWhyWhatItOpensIsNoLog) {
  const TemporaryDirectory directory;
  const std::string& path = directory.path();
  const std::string data = path + "/data.mdb";

  ExpectRefused(path + "/nowhere", absl::StatusCode::kNotFound, "No such file or directory");
  ExpectRefused(path, absl::StatusCode::kNotFound, "data.mdb is missing");
  WriteFile(data, "");
  ExpectRefused(path, absl::StatusCode::kNotFound, "data.mdb is empty");
  EXPECT_EQ(std::filesystem::file_size(data), 0u);
  WriteFile(data, "short");
  ExpectRefused(path, absl::StatusCode::kDataLoss, "not an LMDB file");
  WriteFile(data, std::string(100'000, 'x'));
  ExpectRefused(path, absl::StatusCode::kDataLoss, "not an LMDB file");
  ExpectRefused(data, absl::StatusCode::kFailedPrecondition, "not a directory");
}

// Changes the database `name` of an environment that is no open log; creates both where missing.
void PutWithLmdb(const std::string& directory, const char* name, const std::string& key,
                 std::string value) {
  MDB_env* environment = nullptr;
  MDB_txn* transaction = nullptr;
  MDB_dbi database = 0;
  ASSERT_EQ(mdb_env_create(&environment), 0);
  mdb_env_set_maxdbs(environment, 2);
  ASSERT_EQ(mdb_env_open(environment, directory.c_str(), 0, 0600), 0);
  ASSERT_EQ(mdb_txn_begin(environment, nullptr, 0, &transaction), 0);
  ASSERT_EQ(mdb_dbi_open(transaction, name, MDB_CREATE, &database), 0);
  MDB_val k{key.size(), const_cast<char*>(key.data())}, v{value.size(), value.data()};
  ASSERT_EQ(mdb_put(transaction, database, &k, &v, 0), 0);
  ASSERT_EQ(mdb_txn_commit(transaction), 0);
  mdb_env_close(environment);
}

std::string ToBytes(std::uint64_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

TEST(LmdbLog, RefusesAnotherLmdbDatabase) {
  const TemporaryDirectory directory;
  PutWithLmdb(directory.path(), "fruit", "apple", "red");
  ExpectRefused(directory.path(), absl::StatusCode::kFailedPrecondition, "not a log");
  EXPECT_TRUE(absl::IsAlreadyExists(LmdbLog::Create(directory.path(), "k3f9", kOptions).status()));
}

TEST(LmdbLog, RefusesANewerFormat) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 3);
  PutWithLmdb(directory.path(), "meta", "format", ToBytes(kLogFormatVersion + 1));
  ExpectRefused(directory.path(), absl::StatusCode::kFailedPrecondition,
                "written by a newer version");
}

TEST(LmdbLog, NoticesMissingRecordsAtTheEnd) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 3);
  PutWithLmdb(directory.path(), "meta", "head", ToBytes(5));
  const auto log = OpenIn(directory.path());
  const Reading reading = ReadAfter(*log, 0, kEverything);
  EXPECT_TRUE(absl::IsDataLoss(reading.last.status())) << reading.last.status();
  EXPECT_THAT(std::string(reading.last.status().message()), HasSubstr("damaged at 4: missing"));
  EXPECT_EQ(reading.records.size(), 3u);
  EXPECT_TRUE(absl::IsDataLoss(log->Append(5, MakeRecords(5, 1, 4), Reserve::kKeep).status()));
}

TEST(LmdbLog, NoticesAFileThatWasCutShort) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 1000);
  const std::string data = directory.path() + "/data.mdb";
  std::filesystem::resize_file(data, std::filesystem::file_size(data) / 2);
  ExpectRefused(directory.path(), absl::StatusCode::kDataLoss, "cut short");
}

TEST(LmdbLog, NamesARecordThatWasDamagedOnTheDisk) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 500);
  FlipBitInFile(directory.path() + "/data.mdb", MakeRecord(77, 32), 1000);
  const Reading reading = ReadAfter(*OpenIn(directory.path()), 0, kEverything);
  EXPECT_TRUE(absl::IsDataLoss(reading.last.status())) << reading.last.status();
  EXPECT_THAT(std::string(reading.last.status().message()), HasSubstr("damaged at 77: stored "));
  EXPECT_EQ(reading.records, MakeRecords(0, 76, 32));
}

TEST(LmdbLog, IsOpenOnceInAProcess) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 1);
  std::filesystem::create_directory_symlink(directory.path(), directory.path() + "/alias");
  {
    const auto log = OpenIn(directory.path());
    ExpectRefused(directory.path(), absl::StatusCode::kFailedPrecondition, "in this process");
    ExpectRefused(directory.path() + "/alias", absl::StatusCode::kFailedPrecondition,
                  "in this process");
    EXPECT_EQ(*log->Append(1, MakeRecords(1, 1, 4), Reserve::kKeep), 2u);
  }
  EXPECT_EQ(*OpenIn(directory.path())->Head(), 2u);
}

TEST(LmdbLog, OpenedToReadDoesNotAppend) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 2);
  const auto log = *LmdbLog::OpenToRead(directory.path(), kOptions);
  EXPECT_EQ(log->LogId(), "k3f9");
  EXPECT_EQ(ReadAfter(*log, 0, kEverything).records, MakeRecords(0, 2, 32));
  EXPECT_TRUE(
      absl::IsPermissionDenied(log->Append(2, MakeRecords(2, 1, 4), Reserve::kKeep).status()));
}

TEST(LmdbLog, SaysWhenItMayNotBeRead) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 1);
  chmod(directory.path().c_str(), 0755);
  const std::string files[] = {directory.path() + "/data.mdb", directory.path() + "/lock.mdb"};
  for (const std::string& file : files) ASSERT_EQ(chmod(file.c_str(), 0), 0);
  ChildProcess child([&](const Line&) {
    EXPECT_TRUE(DropCapabilities());
    ExpectRefused(directory.path(), absl::StatusCode::kPermissionDenied, "Permission denied");
  });
  EXPECT_TRUE(child.Succeeded());
}

// What of a log may be written, for those tests that read one without writing.
enum class Writable { kEverything, kNothing, kAllButTheLockFile };

void Allow(const std::string& directory, Writable writable) {
  const bool nothing = writable == Writable::kNothing;
  const bool everything = writable == Writable::kEverything;
  ASSERT_EQ(chmod((directory + "/lock.mdb").c_str(), everything ? 0600 : 0400), 0);
  ASSERT_EQ(chmod((directory + "/data.mdb").c_str(), nothing ? 0400 : 0600), 0);
  ASSERT_EQ(chmod(directory.c_str(), nothing ? 0500 : 0700), 0);
}

TEST(LmdbLog, IsReadWithoutALockWhereItMayNotBeWritten) {
  for (const Writable writable : {Writable::kNothing, Writable::kAllButTheLockFile}) {
    const TemporaryDirectory directory;
    CreateFilledIn(directory.path(), 100);
    Allow(directory.path(), writable);
    ChildProcess child([&](const Line&) {
      EXPECT_TRUE(DropCapabilities());
      const auto log = LmdbLog::OpenToRead(directory.path(), kOptions);
      ASSERT_TRUE(log.ok()) << log.status();
      EXPECT_FALSE((*log)->IsLocked());
      EXPECT_EQ((*log)->LogId(), "k3f9");
      EXPECT_EQ(*(*log)->Head(), 100u);
      EXPECT_EQ(ReadAfter(**log, 0, kEverything).records, MakeRecords(0, 100, 32));
    });
    EXPECT_TRUE(child.Succeeded());
    Allow(directory.path(), Writable::kEverything);
    EXPECT_TRUE((*LmdbLog::OpenToRead(directory.path(), kOptions))->IsLocked());
  }
}

TEST(LmdbLog, IsReadFromACopyOfItsDataAloneAndLeavesItAsItIs) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 100);
  std::filesystem::remove(directory.path() + "/lock.mdb");
  std::filesystem::remove(directory.path() + "/reserve");
  {
    const auto log = *LmdbLog::OpenToRead(directory.path(), kOptions);
    EXPECT_FALSE(log->IsLocked());
    EXPECT_EQ(ReadAfter(*log, 0, kEverything).records, MakeRecords(0, 100, 32));
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    files.push_back(entry.path().filename());
  }
  EXPECT_EQ(files, std::vector<std::string>{"data.mdb"});
}

// A writer may reuse the pages of a reader that it does not know: here after each of many records.
TEST(LmdbLog, IsReadRightWithoutALockBesideAServerThatWrites) {
  constexpr std::size_t kBefore = 2000;
  constexpr std::size_t kAppendedAtOnce = 40;
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), kBefore);
  Allow(directory.path(), Writable::kAllButTheLockFile);
  ChildProcess child([&](const Line& parent) {
    EXPECT_TRUE(DropCapabilities());
    const auto log = *LmdbLog::OpenToRead(directory.path(), kOptions);
    EXPECT_FALSE(log->IsLocked());
    Sequence seen = 0;
    bool right = true;
    const auto last = log->Visit(0, kEverything, [&](Sequence sequence, RecordView record) {
      const Record expected = MakeRecord(sequence, 32);
      right = right && sequence == seen + 1 && std::ranges::equal(record, expected);
      seen = sequence;
      if (sequence % 100 == 0 && sequence <= kBefore) {
        parent.Send(sequence);
        parent.Receive();
      }
      return true;
    });
    EXPECT_TRUE(right);
    ASSERT_TRUE(last.ok()) << last.status();
    EXPECT_GE(*last, kBefore);
    EXPECT_EQ(*last, seen);
  });
  const auto log = OpenIn(directory.path());
  Sequence head = kBefore;
  while (child.line().Receive()) {
    for (std::size_t i = 0; i < kAppendedAtOnce; ++i, ++head) {
      ASSERT_TRUE(log->Append(head, MakeRecords(head, 1, 32), Reserve::kKeep).ok());
    }
    child.line().Send(head);
  }
  EXPECT_TRUE(child.Succeeded());
}

}  // namespace
}  // namespace epu
