#include "eventlog/log_tree.h"

#include <gtest/gtest.h>

#include "eventlog/check.h"
#include "eventlog/memory_log.h"
#include "eventlog/merkle.h"

namespace epu {
namespace {

// A log of `count` records that say their number, and their hashes.
struct Given {
  explicit Given(Sequence count) {
    std::vector<Record> records;
    for (Sequence i = 1; i <= count; ++i) {
      Record record{0, i};
      Seal(record);
      leaves.push_back(HashRecord(record));
      records.push_back(std::move(record));
    }
    CHECK(log.Append(0, records, Reserve::kKeep).ok());
  }
  std::vector<Block> Blocks() const {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i + kBlockRecords <= leaves.size(); i += kBlockRecords) {
      blocks.push_back(BlockOf(std::span(leaves).subspan(i, kBlockRecords)));
    }
    return blocks;
  }
  MemoryLog log;
  std::vector<Hash> leaves;
};

TEST(LogTree, HasTheRootOfItsRecordsAtEverySizeHoweverMuchIsStored) {
  const Given given(3 * kBlockRecords + 40);
  const std::vector<Block> blocks = given.Blocks();
  ASSERT_EQ(blocks.size(), 3u);
  for (Sequence size = 0; size <= given.leaves.size(); size += size % 256 > 250 ? 1 : 25) {
    const Hash root = RootOf(std::span(given.leaves).first(size));
    for (std::size_t stored = 0; stored <= blocks.size(); ++stored) {
      const auto tree = ReadLogTree(given.log, size, std::span(blocks).first(stored));
      ASSERT_TRUE(tree.ok());
      EXPECT_EQ(tree->Root(), root) << size << ", " << stored << " stored";
    }
  }
}

TEST(LogTree, ReadsNothingOfWhatIsStored) {
  Given given(2 * kBlockRecords + 3);
  const std::vector<Block> blocks = given.Blocks();
  given.log.TEST_FlipBit(7, 100);
  EXPECT_TRUE(absl::IsDataLoss(ReadLogTree(given.log, 300, {}).status()));
  const auto tree = ReadLogTree(given.log, 515, blocks);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(tree->Root(), RootOf(given.leaves));
}

TEST(LogTree, ProvesEachRecord) {
  const Given given(2 * kBlockRecords + 3);
  const std::vector<Block> blocks = given.Blocks();
  for (const Sequence size : {Sequence{1}, Sequence{256}, Sequence{257}, Sequence{515}}) {
    const auto tree = ReadLogTree(given.log, size, blocks);
    ASSERT_TRUE(tree.ok());
    for (Sequence sequence = 1; sequence <= size; sequence += sequence % 256 > 250 ? 1 : 50) {
      const auto path = PathOf(given.log, *tree, sequence);
      ASSERT_TRUE(path.ok());
      EXPECT_EQ(*path, InclusionPath(sequence - 1, std::span(given.leaves).first(size)));
      EXPECT_EQ(RootByPath(given.leaves[sequence - 1], sequence - 1, size, *path), tree->Root());
    }
  }
}

TEST(LogTree, ProvesNothingWithRecordsThatAreNotThoseOfTheTree) {
  const Given given(2 * kBlockRecords);
  std::vector<Block> blocks = given.Blocks();
  blocks[1].root[4] ^= 1;
  const auto tree = ReadLogTree(given.log, 512, blocks);
  ASSERT_TRUE(tree.ok());
  EXPECT_TRUE(PathOf(given.log, *tree, 256).ok());
  EXPECT_TRUE(absl::IsDataLoss(PathOf(given.log, *tree, 257).status()));
}

TEST(LogTree, SaysThatTheLogIsTooShort) {
  const Given given(300);
  EXPECT_TRUE(absl::IsOutOfRange(ReadLogTree(given.log, 301, {}).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ReadLogTree(given.log, 600, {}).status()));
}

}  // namespace
}  // namespace epu
