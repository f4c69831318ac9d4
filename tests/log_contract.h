#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventlog/check.h"
#include "eventlog/log.h"
#include "tests/log_testing.h"

// What every EventLog promises. A log passes it by INSTANTIATE_TEST_SUITE_P(..., LogContract, ...).

namespace epu {

// One empty log, and what a test cannot do through its interface.
class LogUnderTest {
 public:
  virtual ~LogUnderTest() = default;
  virtual EventLog& log() = 0;
  // Flips bit `bit` of the stored record at `sequence`.
  virtual void Damage(Sequence sequence, std::size_t bit) = 0;
  // Gives a small log so much room that it is not full for the rest of the test. References to the
  // log that were taken before are gone.
  virtual void MakeRoom() = 0;
};

struct LogKind {
  std::string name;
  std::function<std::unique_ptr<LogUnderTest>()> make_roomy;
  // A log of about 1 MiB, of which 256 KiB are the reserve.
  std::function<std::unique_ptr<LogUnderTest>()> make_small;
};

inline std::ostream& operator<<(std::ostream& out, const LogKind& kind) { return out << kind.name; }

class LogContract : public testing::TestWithParam<LogKind> {
 protected:
  const std::unique_ptr<LogUnderTest> roomy_ = GetParam().make_roomy();
  EventLog& log_ = roomy_->log();
};

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Appends `records` behind the head, which must be known to be `expected`.
inline absl::Status AppendAt(EventLog& log, Sequence expected, const std::vector<Record>& records,
                             Reserve reserve) {
  const absl::StatusOr<Sequence> head = log.Append(expected, records, reserve);
  EXPECT_EQ(head.value_or(expected + records.size()), expected + records.size());
  return head.status();
}

// Appends batches of four records of 1 KiB until one is refused; returns the head. The records are
// those of MakeRecord, each with its sequence as its number.
inline Sequence FillUp(EventLog& log, Reserve reserve) {
  constexpr std::size_t kWords = 128;
  Sequence head = *log.Head();
  for (int batch = 0; batch < 10'000; ++batch) {
    const absl::Status status = AppendAt(log, head, MakeRecords(head, 4, kWords), reserve);
    if (!status.ok()) {
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      return head;
    }
    head += 4;
  }
  ADD_FAILURE() << "never full";
  return head;
}

TEST_P(LogContract, BeginsEmpty) {
  EXPECT_EQ(*log_.Head(), 0u);
  const Reading reading = ReadAfter(log_, 0, kEverything);
  EXPECT_EQ(*reading.last, 0u);
  EXPECT_TRUE(reading.records.empty());
}

TEST_P(LogContract, NumbersRecordsFromOneWithoutGaps) {
  EXPECT_EQ(*log_.Append(0, MakeRecords(0, 3, 4), Reserve::kKeep), 3u);
  EXPECT_EQ(*log_.Append(3, MakeRecords(3, 1, 4), Reserve::kKeep), 4u);
  EXPECT_EQ(*log_.Append(4, MakeRecords(4, 2, 4), Reserve::kSpend), 6u);

  EXPECT_EQ(*log_.Head(), 6u);
  EXPECT_THAT(ReadAfter(log_, 0, kEverything).sequences, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_P(LogContract, KeepsRecordsOfEverySizeAsTheyAre) {
  std::vector<Record> records;
  for (const std::size_t words : {2, 3, 17, 120, 250, 251, 252, 253, 254, 255, 256, 512, 5000}) {
    records.push_back(MakeRecord(words, words));
  }
  records.push_back(MakeRecord(1, kRecordWordsMax));
  ASSERT_TRUE(log_.Append(0, records, Reserve::kKeep).ok());

  const Reading reading = ReadAfter(log_, 0, kEverything);
  EXPECT_EQ(*reading.last, records.size());
  EXPECT_EQ(reading.records, records);
}

TEST_P(LogContract, TakesABatchOfTheGreatestSize) {
  const std::vector<Record> records = MakeRecords(0, kBatchRecordsMax, 16);
  EXPECT_EQ(*log_.Append(0, records, Reserve::kKeep), kBatchRecordsMax);
  EXPECT_EQ(ReadAfter(log_, 0, kEverything).records, records);
}

TEST_P(LogContract, RefusesABatchWhenTheHeadHasMoved) {
  ASSERT_TRUE(log_.Append(0, MakeRecords(0, 5, 4), Reserve::kKeep).ok());
  for (const Sequence expected : {0u, 4u, 6u, 1000u}) {
    const absl::StatusOr<Sequence> head =
        log_.Append(expected, MakeRecords(70, 2, 4), Reserve::kSpend);
    EXPECT_TRUE(absl::IsAborted(head.status())) << expected << ": " << head.status();
  }
  EXPECT_EQ(*log_.Head(), 5u);
  EXPECT_EQ(ReadAfter(log_, 0, kEverything).records, MakeRecords(0, 5, 4));
}

TEST_P(LogContract, VisitsWhatFollows) {
  ASSERT_TRUE(log_.Append(0, MakeRecords(0, 5, 4), Reserve::kKeep).ok());
  struct Case {
    Sequence after;
    std::vector<Sequence> sequences;
    Sequence last;
  };
  for (const Case& c : std::vector<Case>{{0, {1, 2, 3, 4, 5}, 5},
                                         {3, {4, 5}, 5},
                                         {4, {5}, 5},
                                         {5, {}, 5},
                                         {6, {}, 6},
                                         {1'000'000, {}, 1'000'000},
                                         {UINT64_MAX, {}, UINT64_MAX}}) {
    const Reading reading = ReadAfter(log_, c.after, kEverything);
    EXPECT_EQ(reading.sequences, c.sequences) << c.after;
    EXPECT_EQ(*reading.last, c.last) << c.after;
  }
}

TEST_P(LogContract, EndsAVisitAtItsLimit) {
  ASSERT_TRUE(log_.Append(0, MakeRecords(0, 9, 8), Reserve::kKeep).ok());  // 64 bytes each.
  struct Case {
    ReadLimit limit;
    Sequence last;
  };
  for (const Case& c : std::vector<Case>{{{.records = 1, .bytes = SIZE_MAX}, 1},
                                         {{.records = 4, .bytes = SIZE_MAX}, 4},
                                         {{.records = 9, .bytes = SIZE_MAX}, 9},
                                         {{.records = SIZE_MAX, .bytes = 64}, 1},
                                         {{.records = SIZE_MAX, .bytes = 65}, 2},
                                         {{.records = SIZE_MAX, .bytes = 192}, 3},
                                         {{.records = 2, .bytes = 192}, 2},
                                         {{.records = 0, .bytes = 0}, 1}}) {
    const Reading reading = ReadAfter(log_, 0, c.limit);
    EXPECT_EQ(*reading.last, c.last)
        << c.limit.records << " records, " << c.limit.bytes << " bytes";
    EXPECT_EQ(reading.records.size(), c.last);
  }
}

TEST_P(LogContract, EndsAVisitWhereTheVisitorSaysSo) {
  ASSERT_TRUE(log_.Append(0, MakeRecords(0, 9, 8), Reserve::kKeep).ok());
  const absl::StatusOr<Sequence> last =
      log_.Visit(2, kEverything, [](Sequence sequence, RecordView) { return sequence < 6; });
  EXPECT_EQ(*last, 6u);
}

TEST_P(LogContract, NamesADamagedRecordOnEveryRead) {
  ASSERT_TRUE(log_.Append(0, MakeRecords(0, 9, 8), Reserve::kKeep).ok());
  ASSERT_EQ(ReadAfter(log_, 0, kEverything).records.size(), 9u);
  roomy_->Damage(6, 64 + 17);

  const Reading all = ReadAfter(log_, 0, kEverything);
  EXPECT_TRUE(absl::IsDataLoss(all.last.status())) << all.last.status();
  EXPECT_THAT(std::string(all.last.status().message()),
              testing::AllOf(HasSubstr("damaged at 6: stored checksum "), HasSubstr(", computed "),
                             HasSubstr("; 1 to 5 are whole")));
  EXPECT_THAT(all.sequences, ElementsAre(1, 2, 3, 4, 5));

  EXPECT_TRUE(absl::IsDataLoss(ReadAfter(log_, 5, kEverything).last.status()));
  EXPECT_THAT(std::string(ReadAfter(log_, 5, kEverything).last.status().message()),
              Not(HasSubstr("are whole")));
  EXPECT_EQ(*ReadAfter(log_, 6, kEverything).last, 9u);
}

TEST_P(LogContract, NamesADamagedChecksum) {
  ASSERT_TRUE(log_.Append(0, MakeRecords(0, 3, 8), Reserve::kKeep).ok());
  roomy_->Damage(1, 0);
  EXPECT_THAT(std::string(ReadAfter(log_, 0, kEverything).last.status().message()),
              HasSubstr("damaged at 1:"));
}

TEST_P(LogContract, RefusesABatchWithoutRoomAndGoesOnReading) {
  const auto small = GetParam().make_small();
  const Sequence head = FillUp(small->log(), Reserve::kKeep);
  ASSERT_GT(head, 100u);

  EXPECT_EQ(*small->log().Head(), head);
  EXPECT_EQ(ReadAfter(small->log(), 0, kEverything).records, MakeRecords(0, head, 128));
}

TEST_P(LogContract, RefusesAllOfABatchThatFitsInPart) {
  const auto small = GetParam().make_small();
  const absl::StatusOr<Sequence> head =
      small->log().Append(0, MakeRecords(0, 4096, 128), Reserve::kSpend);
  EXPECT_TRUE(absl::IsResourceExhausted(head.status())) << head.status();
  EXPECT_EQ(*small->log().Head(), 0u);
  EXPECT_TRUE(ReadAfter(small->log(), 0, kEverything).records.empty());
  EXPECT_EQ(*small->log().Append(0, MakeRecords(0, 1, 128), Reserve::kKeep), 1u);
}

TEST_P(LogContract, WritesFromTheReserveWhatMayAndResumesWhenThereIsRoom) {
  const auto small = GetParam().make_small();
  const Sequence full = FillUp(small->log(), Reserve::kKeep);

  const Sequence spent = FillUp(small->log(), Reserve::kSpend);
  EXPECT_GE(spent, full + 20);
  EXPECT_TRUE(absl::IsResourceExhausted(
      AppendAt(small->log(), spent, MakeRecords(spent, 1, 128), Reserve::kKeep)));
  EXPECT_EQ(ReadAfter(small->log(), 0, kEverything).records, MakeRecords(0, spent, 128));

  small->MakeRoom();
  EXPECT_EQ(AppendAt(small->log(), spent, MakeRecords(spent, 9, 128), Reserve::kKeep),
            absl::OkStatus());
  EXPECT_EQ(ReadAfter(small->log(), 0, kEverything).records, MakeRecords(0, spent + 9, 128));
}

TEST_P(LogContract, LetsOneOfManyWritersWinEachPlace) {
  constexpr int kWriters = 4;
  constexpr Sequence kHead = 200;
  std::atomic<Sequence> won = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      for (Sequence expected = 0; expected < kHead; ++expected) {
        const auto head = log_.Append(expected, MakeRecords(expected, 1, 4), Reserve::kKeep);
        won += head.ok() ? 1 : 0;
        EXPECT_TRUE(head.ok() || absl::IsAborted(head.status())) << head.status();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();

  EXPECT_EQ(won, kHead);
  EXPECT_EQ(ReadAfter(log_, 0, kEverything).records, MakeRecords(0, kHead, 4));
}

TEST_P(LogContract, ShowsReadersWholeBatchesAndWhatWasAppendedBefore) {
  constexpr std::size_t kBatch = 7;
  constexpr Sequence kHead = 150 * kBatch;
  std::atomic<Sequence> acknowledged = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      for (Sequence seen = 0; seen < kHead;) {
        const Sequence at_least = acknowledged;
        const Reading reading = ReadAfter(log_, seen, kEverything);
        ASSERT_TRUE(reading.last.ok()) << reading.last.status();
        EXPECT_GE(*reading.last, at_least);
        EXPECT_EQ(*reading.last % kBatch, 0u);
        EXPECT_EQ(reading.records, MakeRecords(seen, *reading.last - seen, 6));
        seen = *reading.last;
      }
    });
  }
  for (Sequence head = 0; head < kHead; head += kBatch) {
    ASSERT_TRUE(log_.Append(head, MakeRecords(head, kBatch, 6), Reserve::kKeep).ok());
    acknowledged = head + kBatch;
  }
  for (std::thread& reader : readers) reader.join();
}

TEST_P(LogContract, HoldsBatchesThatBreakTheContractForOurOwnBug) {
  constexpr int kBug = 42;
  Record unsealed = MakeRecord(1, 4);
  unsealed[2] ^= 1;
  const std::vector<std::vector<Record>> broken = {
      {},
      {unsealed},
      {MakeRecord(1, 4), MakeRecord(1, kRecordWordsMax + 1)},
      MakeRecords(0, kBatchRecordsMax + 1, 2),
  };
  for (const std::vector<Record>& records : broken) {
    EXPECT_EXIT((void)log_.Append(0, records, Reserve::kKeep), testing::ExitedWithCode(kBug),
                "a bug of ours");
  }
}

}  // namespace epu
