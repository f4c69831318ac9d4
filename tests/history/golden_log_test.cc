// A log that an earlier build wrote, decided again by this one. Where it comes out otherwise, what
// was recorded in the field cannot be explained any more: an engine that decides otherwise gets
// another version (engines/catalog.cc), and its old decisions are counted apart.

#include <filesystem>

#include <gtest/gtest.h>

#include "commands/replay.h"
#include "eventlog/codec.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

TEST(GoldenLog, IsDecidedAgainAsItWasOrByAnotherVersion) {
  const std::string directory = testing::TempDir() + "/golden-log";
  std::filesystem::create_directories(directory);
  std::filesystem::copy_file("tests/data/golden-log.mdb", directory + "/data.mdb",
                             std::filesystem::copy_options::overwrite_existing);
  const auto log = LmdbLog::OpenToRead(directory, LmdbOptions{});
  ASSERT_TRUE(log.ok()) << log.status();
  const EngineCatalog catalog = BuiltInEngines();
  Replay replay(catalog, {}, {});
  const auto seen =
      (*log)->Visit(0, {~std::size_t{0}, ~std::size_t{0}}, [&](Sequence, RecordView record) {
        absl::StatusOr<Event> event = Decode(record);
        EXPECT_TRUE(event.ok()) << event.status();
        if (!event.ok()) return false;
        replay.Take(*std::move(event));
        return true;
      });
  ASSERT_TRUE(seen.ok()) << seen.status();
  replay.Finish();
  const ReplayTally& tally = replay.tally();
  std::uint64_t skipped = 0;
  for (const auto& [engine, count] : tally.skipped) skipped += count;
  EXPECT_EQ(tally.events, 12'584u);
  EXPECT_EQ(tally.decisions + skipped, 232u);
  EXPECT_EQ(tally.agreed, tally.decisions);
  EXPECT_EQ(tally.differences(), 0u)
      << "a decision of a log in the field comes out otherwise: raise the engine's version";
}

}  // namespace
}  // namespace epu
