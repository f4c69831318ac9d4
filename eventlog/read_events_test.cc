#include "eventlog/read_events.h"

#include <gtest/gtest.h>

#include <vector>

#include "eventlog/memory_log.h"

namespace epu {
namespace {

using Sequences = std::vector<Sequence>;

// A log of ten thousand limits, the n-th of n workers.
class Reading : public testing::Test {
 protected:
  static constexpr Sequence kHead = 10'000;

  void SetUp() override {
    std::vector<Record> records;
    for (Sequence sequence = 1; sequence <= kHead; ++sequence) {
      records.push_back(Encode({sequence,
                                Time(std::chrono::seconds(sequence)),
                                kServer,
                                {},
                                {},
                                "",
                                RunLimited{static_cast<std::uint32_t>(sequence)}}));
    }
    ASSERT_TRUE(log_.Append(0, records, Reserve::kKeep).ok());
  }

  MemoryLog log_;
};

TEST_F(Reading, GivesEachEventOfTheRangeOnceAndItsRecord) {
  const struct {
    Sequence after, last, first, count, seen;
  } cases[] = {{0, kHead, 1, kHead, kHead},
               {0, ~Sequence{0}, 1, kHead, kHead},
               {4'090, 4'100, 4'091, 10, 4'100},
               {kHead, ~Sequence{0}, 0, 0, kHead},
               {7, 7, 0, 0, 7}};
  for (const auto& [after, last, first, count, seen] : cases) {
    Sequences taken;
    const auto read =
        ReadEvents(log_, after, last, EveryEvent(), [&](const Event& event, RecordView record) {
          taken.push_back(event.sequence);
          EXPECT_EQ(DecodeHead(record)->sequence, event.sequence);
          return true;
        });
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, seen);
    ASSERT_EQ(taken.size(), count);
    if (count > 0) {
      EXPECT_EQ(taken.front(), first);
      EXPECT_EQ(taken.back(), first + count - 1);
    }
  }
}

TEST_F(Reading, EndsWhereItIsToldTo) {
  Sequences taken;
  const auto read = ReadEvents(log_, 0, kHead, EveryEvent(), [&](const Event& event, RecordView) {
    taken.push_back(event.sequence);
    return event.sequence < 3;
  });
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(taken, (Sequences{1, 2, 3}));
  EXPECT_EQ(*read, 3u);
}

TEST_F(Reading, PassesOverWhatDoesNotConcern) {
  Sequences taken;
  const auto read = ReadEvents(
      log_, 0, kHead, [](const Head& head) { return head.sequence % 4'000 == 0; },
      [&](const Event& event, RecordView) {
        taken.push_back(event.sequence);
        return true;
      });
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(taken, (Sequences{4'000, 8'000}));
  EXPECT_EQ(*read, kHead) << "what was passed over was looked at";
}

TEST_F(Reading, NamesTheRecordThatIsNoEvent) {
  Record damaged = Encode({kHead + 1, Time(), kServer, {}, {}, "", RunLimited{1}});
  damaged[1] = 99;  // Of another size than it says.
  Seal(damaged);
  ASSERT_TRUE(log_.Append(kHead, std::vector<Record>{damaged}, Reserve::kKeep).ok());
  int taken = 0;
  const auto read = ReadEvents(log_, kHead - 1, ~Sequence{0}, EveryEvent(),
                               [&](const Event&, RecordView) { return ++taken > 0; });
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(std::string(read.status().message()).substr(0, 18), "damaged at 10001: ");
}

}  // namespace
}  // namespace epu
