#include "eventlog/tree_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace epu {
namespace {

Block Numbered(std::uint8_t number) {
  Block block;
  block.root.fill(number);
  block.locator.fill(number + 1000u);
  return block;
}

class TreeFileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  TreeFile File() const { return TreeFile(directory_); }
  std::string Content() const {
    std::stringstream content;
    content << std::ifstream(File().path(), std::ios::binary).rdbuf();
    return content.str();
  }
  void SetContent(const std::string& content) const {
    std::ofstream(File().path(), std::ios::binary | std::ios::trunc) << content;
  }

  std::string directory_;
};

TEST_F(TreeFileTest, GrowsAndIsRead) {
  EXPECT_EQ(File().Read().log_id, "");
  const std::vector<Block> blocks = {Numbered(1), Numbered(2), Numbered(3)};
  ASSERT_TRUE(File().Write("k3f9", 0, std::span(blocks).first(1)).ok());
  ASSERT_TRUE(File().Write("k3f9", 1, std::span(blocks).subspan(1)).ok());
  EXPECT_EQ(File().Read().log_id, "k3f9");
  EXPECT_EQ(File().Read().blocks, blocks);
  EXPECT_EQ(Content().size(), 16u + 3 * 112);
  const std::vector<Block> others = {Numbered(9)};
  ASSERT_TRUE(File().Write("x7ab", 0, others).ok());
  EXPECT_EQ(File().Read().log_id, "x7ab");
  EXPECT_EQ(File().Read().blocks, others);
}

TEST_F(TreeFileTest, IsReadAsFarAsItIsWholeAndGoesOnFromThere) {
  const std::vector<Block> blocks = {Numbered(1), Numbered(2), Numbered(3)};
  ASSERT_TRUE(File().Write("k3f9", 0, blocks).ok());
  const std::string whole = Content();
  for (std::size_t damaged = 16; damaged < whole.size(); damaged += 11) {
    std::string content = whole;
    content[damaged] ^= 4;
    SetContent(content);
    EXPECT_EQ(File().Read().blocks.size(), (damaged - 16) / 112) << damaged;
  }
  for (std::size_t length = 0; length < whole.size(); length += 13) {
    SetContent(whole.substr(0, length));
    EXPECT_EQ(File().Read().blocks.size(), length < 16 ? 0 : (length - 16) / 112) << length;
  }
  SetContent(whole.substr(0, 16) + whole.substr(16 + 112));
  EXPECT_TRUE(File().Read().blocks.empty()) << "each has its place";
  SetContent(whole.substr(0, 16 + 112 + 50));
  ASSERT_TRUE(File().Write("k3f9", 1, std::span(blocks).subspan(1)).ok());
  EXPECT_EQ(Content(), whole);
}

TEST_F(TreeFileTest, OfAnotherVersionIsNone) {
  const std::vector<Block> blocks = {Numbered(1)};
  ASSERT_TRUE(File().Write("k3f9", 0, blocks).ok());
  std::string content = Content();
  content[7] = '2';
  SetContent(content);
  EXPECT_TRUE(File().Read().blocks.empty());
  EXPECT_EQ(File().Read().log_id, "");
}

TEST_F(TreeFileTest, IsSetAside) {
  const std::vector<Block> blocks = {Numbered(1)};
  ASSERT_TRUE(File().Write("k3f9", 0, blocks).ok());
  File().SetAside();
  EXPECT_TRUE(File().Read().blocks.empty());
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/tree.other"));
}

TEST_F(TreeFileTest, SaysWhereItCannotBeWritten) {
  std::filesystem::remove_all(directory_);
  const std::vector<Block> blocks = {Numbered(1)};
  const absl::Status status = File().Write("k3f9", 0, blocks);
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_NE(status.message().find(File().path()), std::string::npos);
}

}  // namespace
}  // namespace epu
