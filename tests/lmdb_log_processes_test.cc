#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "eventlog/lmdb_log.h"
#include "tests/child_process.h"
#include "tests/log_testing.h"

// What LmdbLog promises of several processes. A child is always forked before this process opens
// the log, because an open log does not cross a fork.

namespace epu {
namespace {

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

TEST(LmdbLogOfProcesses, KeepsWhatWasAcknowledgedWhenKilled) {
  constexpr std::size_t kBatch = 3;
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), kBatch);
  for (int round = 0; round < 5; ++round) {
    ChildProcess child([&](const Line& parent) {
      const auto log = OpenIn(directory.path());
      for (Sequence head = *log->Head();; head += kBatch) {
        if (!log->Append(head, MakeRecords(head, kBatch, 32), Reserve::kKeep).ok()) return;
        parent.Send(head + kBatch);
      }
    });
    Sequence acknowledged = 0;
    for (int i = 0; i < 40; ++i) acknowledged = child.line().Receive().value_or(0);
    child.Kill();
    while (const auto late = child.line().Receive()) acknowledged = *late;

    const auto log = OpenIn(directory.path());
    const Sequence head = *log->Head();
    EXPECT_GE(head, acknowledged);
    EXPECT_GE(head, 40 * kBatch);
    EXPECT_EQ(head % kBatch, 0u);
    EXPECT_EQ(ReadAfter(*log, 0, kEverything).records, MakeRecords(0, head, 32));
  }
}

TEST(LmdbLogOfProcesses, ShowsItsAppendsToReadersInOtherProcesses) {
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 10);
  ChildProcess reader([&](const Line& parent) {
    const auto log = *LmdbLog::OpenToRead(directory.path(), kOptions);
    Sequence seen = 0;
    while (parent.Receive()) {
      const Reading reading = ReadAfter(*log, seen, kEverything);
      EXPECT_EQ(reading.records, MakeRecords(seen, *reading.last - seen, 32));
      seen = *reading.last;
      parent.Send(seen);
    }
  });
  {
    const auto log = OpenIn(directory.path());
    for (Sequence head = 10; head < 500; head += 7) {
      reader.line().Send(0);
      EXPECT_EQ(reader.line().Receive(), head);
      ASSERT_TRUE(log->Append(head, MakeRecords(head, 7, 32), Reserve::kKeep).ok());
    }
  }
  reader.Kill();
}

TEST(LmdbLogOfProcesses, LetsOneOfTwoProcessesWinEachPlace) {
  constexpr Sequence kRounds = 100;
  const TemporaryDirectory directory;
  CreateFilledIn(directory.path(), 1);
  const auto write = [&](const Line& parent) {
    const auto log = OpenIn(directory.path());
    while (const auto expected = parent.Receive()) {
      const auto head = log->Append(*expected, MakeRecords(*expected, 1, 32), Reserve::kKeep);
      EXPECT_TRUE(head.ok() || absl::IsAborted(head.status())) << head.status();
      parent.Send(head.ok() ? 1 : 0);
    }
  };
  ChildProcess one(write), other(write);
  for (Sequence expected = 1; expected <= kRounds; ++expected) {
    one.line().Send(expected);
    other.line().Send(expected);
    EXPECT_EQ(one.line().Receive().value() + other.line().Receive().value(), 1u) << expected;
  }
  one.Kill();
  other.Kill();
  EXPECT_EQ(ReadAfter(*OpenIn(directory.path()), 0, kEverything).records,
            MakeRecords(0, kRounds + 1, 32));
}

}  // namespace
}  // namespace epu
