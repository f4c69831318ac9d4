#include "tests/history/history.h"

#include <fstream>

#include <gtest/gtest.h>

#include "commands/replay.h"
#include "eventlog/codec.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

Trace NasaTrace() {
  std::ifstream in("tests/data/NASA-iPSC-1993-3.1-cln.swf");
  absl::StatusOr<Trace> trace = ReadTrace(in, {});
  EXPECT_TRUE(trace.ok()) << trace.status();
  return *std::move(trace);
}

ReplayTally ReplayOf(const MemoryLog& log) {
  const EngineCatalog catalog = BuiltInEngines();
  Replay replay(catalog, {}, {});
  EXPECT_TRUE(log.Visit(0, {~std::size_t{0}, ~std::size_t{0}},
                        [&](Sequence, RecordView record) {
                          replay.Take(*Decode(record));
                          return true;
                        })
                  .ok());
  replay.Finish();
  return replay.tally();
}

TEST(History, IsReplayedWithoutADifference) {
  MemoryLog log;
  const HistoryCounts counts = MakeHistory(NasaTrace(), std::chrono::days(9), log);
  EXPECT_GT(counts.decisions, 500u);
  EXPECT_GT(counts.jobs_done, 500u);
  EXPECT_GT(counts.failures, 0u);
  EXPECT_EQ(counts.reconfigurations, 1u);
  EXPECT_EQ(counts.restarts, 2u);
  const ReplayTally tally = ReplayOf(log);
  EXPECT_EQ(tally.events, counts.events);
  EXPECT_EQ(tally.agreed, tally.decisions);
  EXPECT_GT(tally.decisions, 500u);
  EXPECT_EQ(tally.differences(), 0u);
}

TEST(History, IsTheSameTwice) {
  MemoryLog one, other;
  const Trace trace = NasaTrace();
  MakeHistory(trace, std::chrono::days(1), one);
  MakeHistory(trace, std::chrono::days(1), other);
  std::vector<Record> records;
  const auto all = [](const MemoryLog& log) {
    std::vector<Record> records;
    EXPECT_TRUE(log.Visit(0, {~std::size_t{0}, ~std::size_t{0}},
                          [&](Sequence, RecordView record) {
                            records.emplace_back(record.begin(), record.end());
                            return true;
                          })
                    .ok());
    return records;
  };
  EXPECT_EQ(all(one), all(other));
}

}  // namespace
}  // namespace epu
