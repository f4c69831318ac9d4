#include "cli/line_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/small_disk_for_tests.h"

namespace epu {
namespace {

class LineFile : public testing::Test {
 protected:
  ~LineFile() override { std::filesystem::remove_all(directory_); }

  std::string Text() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Put(const std::string& text) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
  }

  static std::string Make() {
    std::string path = "/tmp/epu-lines.XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
  }

  const std::string directory_ = Make();
  const std::string path_ = directory_ + "/lines";
};

TEST_F(LineFile, IsMadeForItsOwnerAlone) {
  ASSERT_TRUE(AppendLines(path_, "one\n").ok());
  ASSERT_TRUE(AppendLines(path_, "two\nthree\n").ok());
  EXPECT_EQ(Text(), "one\ntwo\nthree\n");
  struct stat facts {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(LineFile, IsRidOfHalfALineBeforeAnotherIsAdded) {
  const std::string half(200'000, 'x');
  for (const std::string& whole : {std::string(), std::string("one\n"), half + "\n"}) {
    for (const std::string& rest : {std::string(), std::string("t"), half}) {
      Put(whole + rest);
      ASSERT_TRUE(AppendLines(path_, "two\n").ok());
      EXPECT_EQ(Text(), whole + "two\n");
    }
  }
}

TEST_F(LineFile, HasEachLineOnceWhereverTheDiskWasFull) {
  const std::string lines = "first\nsecond\nthird\n";
  for (rlim_t room = 0; room < lines.size(); ++room) {
    Put("");
    {
      const SmallDisk disk(room);
      EXPECT_FALSE(AppendLines(path_, lines).ok()) << room;
      EXPECT_LE(Text().size(), room);
    }
    ASSERT_TRUE(AppendLines(path_, "then\n").ok());
    const std::string there = lines.substr(0, room);
    EXPECT_EQ(Text(), there.substr(0, there.rfind('\n') + 1) + "then\n") << room;
  }
}

TEST_F(LineFile, SaysThatItCannotBeWritten) {
  const absl::Status status = AppendLines(directory_ + "/none/lines", "one\n");
  EXPECT_EQ(status.message().find("cannot write " + directory_), 0u) << status;
}

TEST_F(LineFile, IsReadFromItsEnd) {
  const struct {
    std::string text;
    std::size_t most;
    std::vector<std::string> lines;
  } cases[] = {
      {"", 9, {}},
      {"one", 9, {}},
      {"one\ntwo\n", 99, {"one", "two"}},
      {"one\ntwo\nhal", 99, {"one", "two"}},
      {"one\ntwo\n", 8, {"one", "two"}},
      {"one\ntwo\n", 7, {"two"}},
      {"one\ntwo\n", 4, {}},
      {"one\n\n", 2, {""}},
  };
  for (const auto& [text, most, lines] : cases) {
    Put(text);
    EXPECT_EQ(LastLines(path_, most), lines) << text << " " << most;
  }
  EXPECT_TRUE(LastLines(directory_ + "/none", 9).empty());
}

}  // namespace
}  // namespace epu
