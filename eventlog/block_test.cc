#include "eventlog/block.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/merkle.h"

namespace epu {
namespace {

std::vector<Hash> Leaves() {
  std::vector<Hash> leaves;
  for (Sequence i = 0; i < kBlockRecords; ++i) {
    leaves.push_back(HashRecord(Record{i, i * i}));
  }
  return leaves;
}

TEST(Block, HasTheRootOfItsLeavesAndTheseAreTheRecordsBytes) {
  const std::vector<Hash> leaves = Leaves();
  EXPECT_EQ(BlockOf(leaves).root, RootOf(leaves));
  const std::string bytes("\x05\0\0\0\0\0\0\0\x19\0\0\0\0\0\0\0", 16);
  EXPECT_EQ(leaves[5], HashLeaf(BytesOf(bytes)));
}

TEST(Block, FindsTheOneLeafThatChanged) {
  const std::vector<Hash> leaves = Leaves();
  const Block before = BlockOf(leaves);
  EXPECT_EQ(PlaceOfChange(before.locator, before.locator), std::nullopt);
  for (std::size_t place = 0; place < leaves.size(); ++place) {
    std::vector<Hash> altered = leaves;
    altered[place] = HashRecord(Record{place, 7});
    const Block after = BlockOf(altered);
    EXPECT_NE(after.root, before.root);
    EXPECT_EQ(PlaceOfChange(before.locator, after.locator), place);
  }
}

TEST(Block, NamesNoneWhereSeveralChanged) {
  const std::vector<Hash> leaves = Leaves();
  const Block before = BlockOf(leaves);
  for (std::size_t first = 0; first < leaves.size(); first += 5) {
    for (std::size_t second = first + 1; second < leaves.size(); second += 3) {
      std::vector<Hash> altered = leaves;
      std::swap(altered[first], altered[second]);
      EXPECT_EQ(PlaceOfChange(before.locator, BlockOf(altered).locator), std::nullopt);
      altered[0] = HashRecord(Record{1, 2, 3});
      EXPECT_EQ(PlaceOfChange(before.locator, BlockOf(altered).locator), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace epu
