#include "cli/new_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/new_directory.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

class NewThings : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(place_);
    fs::create_directories(place_);
  }

  std::string Content() const {
    std::ifstream in(path_);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::size_t Things() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(place_), fs::directory_iterator()));
  }

  const std::string place_ = testing::TempDir() + "/new-things";
  const std::string path_ = place_ + "/thing";
};

TEST_F(NewThings, AFileIsThereOnceItIsFinished) {
  {
    const auto file = NewFile::Make(path_, Existing::kRefuse);
    ASSERT_TRUE(file.ok()) << file.status();
    std::ofstream((*file)->UnfinishedPath()) << "whole";
    EXPECT_FALSE(fs::exists(path_));
    ASSERT_TRUE((*file)->Finish().ok());
  }
  EXPECT_EQ(Content(), "whole");
  EXPECT_EQ(Things(), 1u);
}

TEST_F(NewThings, WhatIsNotFinishedLeavesNothing) {
  {
    const auto file = NewFile::Make(path_, Existing::kRefuse);
    ASSERT_TRUE(file.ok());
    const auto directory = NewDirectory::Make(path_ + "-directory");
    ASSERT_TRUE(directory.ok());
    std::ofstream((*directory)->UnfinishedPath() + "/in-it") << "half";
  }
  EXPECT_EQ(Things(), 0u);
}

TEST_F(NewThings, AFileThatIsThereIsReplacedOnlyWhereToldTo) {
  ASSERT_TRUE(WriteNewFile(path_, "old", Existing::kRefuse).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(WriteNewFile(path_, "new", Existing::kRefuse)));
  EXPECT_EQ(Content(), "old");
  ASSERT_TRUE(WriteNewFile(path_, "new", Existing::kReplace).ok());
  EXPECT_EQ(Content(), "new");
}

TEST_F(NewThings, ADirectoryMayBeThereIfItIsEmpty) {
  fs::create_directory(path_);
  const auto directory = NewDirectory::Make(path_);
  ASSERT_TRUE(directory.ok()) << directory.status();
  std::ofstream((*directory)->UnfinishedPath() + "/in-it") << "whole";
  ASSERT_TRUE((*directory)->Finish().ok());
  EXPECT_TRUE(fs::exists(path_ + "/in-it"));
  EXPECT_TRUE(absl::IsInvalidArgument(NewDirectory::Make(path_).status()));
}

TEST_F(NewThings, WhatAKilledWriterLeftIsRemovedByTheNext) {
  const pid_t dead = ::fork();
  if (dead == 0) _exit(0);
  ::waitpid(dead, nullptr, 0);
  const std::string abandoned = fmt::format("{}.{}.part", path_, dead);
  const std::string kept[] = {fmt::format("{}.{}.part", path_, ::getppid()),
                              fmt::format("{}x.{}.part", path_, dead), path_ + "..part",
                              path_ + ".old.part"};
  for (const std::string& other : kept) std::ofstream(other) << "x";
  std::ofstream(abandoned) << "half";
  ASSERT_TRUE(WriteNewFile(path_, "whole", Existing::kRefuse).ok());
  EXPECT_FALSE(fs::exists(abandoned));
  for (const std::string& other : kept) EXPECT_TRUE(fs::exists(other)) << other;
  fs::remove(path_);
  fs::create_directory(abandoned);
  std::ofstream(abandoned + "/in-it") << "half";
  ASSERT_TRUE((*NewDirectory::Make(path_))->Finish().ok());
  EXPECT_FALSE(fs::exists(abandoned));
}

TEST_F(NewThings, AFileHasTheModeThatIsAskedFor) {
  ASSERT_TRUE(WriteNewFile(path_, "secret", Existing::kRefuse, 0600).ok());
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(NewThings, WhereNothingCanBeMadeIsSaid) {
  EXPECT_TRUE(absl::IsUnavailable(NewFile::Make("/no/such/place", Existing::kRefuse).status()));
  EXPECT_TRUE(absl::IsUnavailable(NewDirectory::Make("/proc/no/such/place").status()));
}

}  // namespace
}  // namespace epu
