#include "cli/worker_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace epu {
namespace {

class WorkerOutputFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(path_); }

  void Write(const std::string& text, std::ios::openmode mode = std::ios::trunc) {
    std::ofstream(path_, std::ios::binary | mode) << text;
  }

  static std::string ReadAll(WorkerOutput& output) {
    std::string all;
    for (std::string some = *output.ReadSome(); !some.empty(); some = *output.ReadSome()) {
      all += some;
    }
    return all;
  }

  const std::string directory_ = testing::TempDir();
  const std::string path_ = directory_ + "/stdout";
};

TEST_F(WorkerOutputFile, IsReadFromWhereItsLastLinesBegin) {
  struct Case {
    std::string text;
    std::size_t lines;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {"", 3, ""},
      {"a\nb\nc\n", 0, ""},
      {"a\nb\nc\n", 1, "c\n"},
      {"a\nb\nc\n", 2, "b\nc\n"},
      {"a\nb\nc\n", 3, "a\nb\nc\n"},
      {"a\nb\nc\n", 9, "a\nb\nc\n"},
      {"a\nb\nunfinished", 1, "unfinished"},
      {"a\nb\nunfinished", 2, "b\nunfinished"},
      {"\n\n\n", 2, "\n\n"},
  };
  for (const Case& c : cases) {
    Write(c.text);
    WorkerOutput output = *WorkerOutput::Open(path_);
    ASSERT_TRUE(output.SeekLastLines(c.lines).ok());
    EXPECT_EQ(ReadAll(output), c.expected) << c.text << c.lines;
  }
}

TEST_F(WorkerOutputFile, MayHaveLinesLongerThanIsReadAtOnce) {
  const std::string line(200'000, 'x');
  Write("first\n" + line + "\nlast\n");
  WorkerOutput output = *WorkerOutput::Open(path_);
  ASSERT_TRUE(output.SeekLastLines(2).ok());
  EXPECT_EQ(ReadAll(output), line + "\nlast\n");
}

TEST_F(WorkerOutputFile, GoesOnWithWhatIsAppended) {
  Write("one\n");
  WorkerOutput output = *WorkerOutput::Open(path_);
  EXPECT_EQ(ReadAll(output), "one\n");
  EXPECT_EQ(ReadAll(output), "");
  Write("two\n", std::ios::app);
  EXPECT_EQ(ReadAll(output), "two\n");
  Write("3\n");
  EXPECT_EQ(ReadAll(output), "3\n") << "cut short and begun again";
}

TEST_F(WorkerOutputFile, IsAFile) {
  EXPECT_TRUE(absl::IsNotFound(WorkerOutput::Open(path_).status()));
  EXPECT_TRUE(absl::IsNotFound(WorkerOutput::Open(path_ + "/stdout").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(WorkerOutput::Open(directory_).status()));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(WorkerOutput::Open(path_).status())) << "not waited for";
}

}  // namespace
}  // namespace epu
