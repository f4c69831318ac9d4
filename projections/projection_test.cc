#include "projections/projection.h"

#include <gtest/gtest.h>

#include "eventlog/memory_log.h"

namespace epu {
namespace {

// The limits of the run in the order in which they came.
struct Limits {
  std::vector<std::uint32_t> seen;
};

void Evolve(Limits& limits, const Event& event) {
  limits.seen.push_back(std::get<RunLimited>(event.payload).max_workers);
}

// Says that the limit is 1, 2, …, `count`.
void Fill(MemoryLog& log, std::uint32_t count) {
  std::vector<Record> records;
  for (std::uint32_t i = 1; i <= count; ++i) {
    records.push_back(Encode({i, Time{}, kServer, {}, {}, "", RunLimited{i}}));
  }
  ASSERT_TRUE(log.Append(0, records, Reserve::kKeep).ok());
}

TEST(CatchUp, FoldsWhatFollowsThePosition) {
  MemoryLog log;
  Projection<Limits> projection;
  EXPECT_TRUE(CatchUp(log, projection).ok());
  EXPECT_EQ(projection.position, 0u);
  Fill(log, 3);
  EXPECT_TRUE(CatchUp(log, projection).ok());
  EXPECT_EQ(projection.state.seen, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_TRUE(CatchUp(log, projection).ok());
  EXPECT_EQ(projection.state.seen.size(), 3u);
}

TEST(CatchUp, StopsWhereItIsToldToAndGoesOn) {
  MemoryLog log;
  Fill(log, 10'000);  // More than one visit reads.
  Projection<Limits> projection;
  for (const Sequence until : {Sequence{0}, Sequence{1}, Sequence{4096}, Sequence{4097},
                               Sequence{9'000}, Sequence{8'000}}) {
    const Sequence before = projection.position;
    EXPECT_TRUE(CatchUp(log, projection, until).ok());
    EXPECT_EQ(projection.position, std::max(before, until));
    EXPECT_EQ(projection.state.seen.size(), projection.position);
  }
  EXPECT_TRUE(CatchUp(log, projection, 99'999).ok());
  EXPECT_EQ(projection.position, 10'000u);
}

TEST(CatchUp, TellsOnlyOfTheKindsThatConcernIt) {
  MemoryLog log;
  Fill(log, 2);
  const std::vector<Record> reading = {Encode({3, Time{}, kServer, {}, {}, "", ReadingTaken{}})};
  ASSERT_TRUE(log.Append(2, reading, Reserve::kKeep).ok());
  Projection<Limits> projection;  // Of a reading it would not know what to make.
  const KindFilter limits = [](std::size_t kind) { return IsKindOf<RunLimited>(kind); };
  EXPECT_TRUE(CatchUp(log, projection, ~Sequence{0}, limits).ok());
  EXPECT_EQ(projection.position, 3u);
  EXPECT_EQ(projection.state.seen, (std::vector<std::uint32_t>{1, 2}));
}

TEST(IsKindOf, IsTheIndexInPayload) {
  for (std::size_t kind = 0; kind < KindNames().size(); ++kind) {
    EXPECT_EQ(IsKindOf<ReadingTaken>(kind), KindNames()[kind] == "reading");
    EXPECT_EQ((IsKindOf<ReadingTaken, EpuDefined>(kind)),
              KindNames()[kind] == "reading" || kind == Payload(EpuDefined{}).index());
  }
}

TEST(CatchUp, ReportsADamagedRecordAndStandsAtTheLastGoodOne) {
  MemoryLog log;
  Fill(log, 5'000);
  log.TEST_FlipBit(4'500, 200);
  Projection<Limits> projection;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const absl::Status status = CatchUp(log, projection);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_NE(status.message().find("4500"), std::string_view::npos) << status;
    EXPECT_EQ(projection.position, 4'499u);
    EXPECT_EQ(projection.state.seen.size(), 4'499u);
  }
}

TEST(CatchUp, ReportsARecordThatIsNoEventOfThisBuildByItsSequence) {
  MemoryLog log;
  Fill(log, 2);
  Record odd = {0, 0, 0};
  Seal(odd);
  ASSERT_TRUE(log.Append(2, std::vector<Record>{odd}, Reserve::kKeep).ok());
  Projection<Limits> projection;
  const absl::Status status = CatchUp(log, projection);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("at 3"), std::string_view::npos) << status;
  EXPECT_EQ(projection.position, 2u);
}

}  // namespace
}  // namespace epu
