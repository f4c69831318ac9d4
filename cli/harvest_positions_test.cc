#include "cli/harvest_positions.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "cli/harvest.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

std::string Line(int number) {
  return FormatEventLine({"provisioner", "new_node", fmt::format("key-{}", number),
                          Time(std::chrono::seconds(number)), ""}) +
         "\n";
}

class Positions : public testing::Test {
 protected:
  Positions() {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
    fs::create_directories(root_ + "/logs");
  }
  ~Positions() override { fs::remove_all(root_); }

  std::string Path(const std::string& name) const { return root_ + "/logs/" + name; }
  void Add(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::app | std::ios::binary) << text;
  }
  // Under the same name and in the same file, as a copy over it does.
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::trunc | std::ios::binary) << text;
  }
  std::string Text(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // A new file in the place of each.
  void CopyAnew() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(root_ + "/logs")) paths.push_back(entry.path());
    for (const fs::path& path : paths) {
      fs::copy_file(path, root_ + "/copy");
      fs::rename(root_ + "/copy", path);
    }
  }

  std::size_t Known() const {
    const auto found = positions_.files.find("web");
    return found == positions_.files.end() ? 0 : found->second.size();
  }

  // The keys of what is new, "1 2 3".
  std::string New() {
    std::string keys;
    counts_ = {};
    const absl::Status status = Harvest(
        "web", root_ + "/logs", positions_,
        [&](const std::vector<EventLine>& lines) {
          for (const EventLine& line : lines) {
            keys += (keys.empty() ? "" : " ") + line.key.substr(4);
          }
          return taking_;
        },
        counts_);
    EXPECT_EQ(status, taking_);
    return keys;
  }

  std::string root_ = "/tmp/epu-positions.XXXXXX";
  HarvestPositions positions_;
  absl::Status taking_;
  HarvestCounts counts_;
};

// What two logs of one program have alike: a banner, and a heart that beats.
const std::string kBanner(1500, 'b');
std::string Beats(int count) {
  std::string text;
  for (int beat = 0; beat < count; ++beat) text += "beat\n";
  return text;
}

TEST_F(Positions, TellFilesApartThatAreAlikeAtBothEnds) {
  const std::string quiet(Line(9).size() - 1, '.');
  const struct {
    int before;  // Beats before what differs, and behind it.
    int behind;
  } cases[] = {{0, 100}, {0, 8'000}, {0, 40'000}, {20'000, 100}, {20'000, 40'000}};
  for (const auto& [before, behind] : cases) {
    const std::string begin = kBanner + "\n" + Beats(before);
    const std::string end = Beats(behind) + Line(1);
    positions_ = {};
    Put("a.log", begin + quiet + "\n" + end);
    EXPECT_EQ(New(), "1");
    Put("b.log", begin + Line(9) + end);
    EXPECT_EQ(New(), "9") << before << " " << behind;
    Add("a.log", Line(2));
    Add("b.log", Line(3));
    EXPECT_EQ(New(), "2 3") << "each goes on for itself";
    EXPECT_EQ(counts_.known, 0u);
    fs::remove(Path("a.log"));
    fs::remove(Path("b.log"));
  }
}

TEST_F(Positions, AreOfTheContentWhereAFileIsWrittenOver) {
  const std::string quiet(Line(9).size() - 1, '.');
  Put("a.log", kBanner + "\n" + quiet + "\n" + Beats(5'000));
  EXPECT_EQ(New(), "");
  Put("a.log", kBanner + "\n" + Line(9) + Beats(5'000));
  EXPECT_EQ(New(), "9") << "the same file of the system, the same ends";
}

// As rotation is copied: every name has what the one before it had.
TEST_F(Positions, FollowContentFromFileToFile) {
  std::string first = kBanner + "\n" + Line(1);
  Put("a.log", first);
  Put("a.log.1", kBanner + "\nold\n" + Line(2));
  EXPECT_EQ(New(), "1 2");
  for (int round = 3; round < 20; round += 2) {
    Put("a.log.1", first + Line(round));
    first = kBanner + "\n" + Beats(round * 3'000) + Line(round + 1);
    Put("a.log", first);
    EXPECT_EQ(New(), fmt::format("{} {}", round + 1, round));
    EXPECT_EQ(counts_.known, 0u) << "read where it was left";
  }
}

TEST_F(Positions, SurviveANewCopyOfEveryFile) {
  for (int file = 0; file < 20; ++file) {
    Add(fmt::format("{}.log", file), kBanner + "\n" + Beats(file * 2'000) + Line(file));
  }
  New();
  EXPECT_EQ(counts_.lines, 20u);
  CopyAnew();
  for (int file = 0; file < 20; ++file) Add(fmt::format("{}.log", file), Line(100 + file));
  New();
  EXPECT_EQ(counts_.lines, 20u);
  EXPECT_EQ(counts_.known, 0u);
  EXPECT_EQ(Known(), 20u) << "those of the files before are replaced";
}

TEST_F(Positions, AreKeptInsideALongLine) {
  Add("a.log", std::string(3 << 20, 'x'));
  EXPECT_EQ(New(), "");
  CopyAnew();
  Add("a.log", Line(1) + Line(2));
  EXPECT_EQ(New(), "2");
}

TEST_F(Positions, AreForgottenWhereAFileStaysAway) {
  Add("a.log", Line(1));
  Add("b.log", Line(2));
  EXPECT_EQ(New(), "1 2");
  fs::rename(Path("a.log"), root_ + "/away");
  for (std::uint32_t pass = 0; pass < kPassesKept; ++pass) New();
  EXPECT_EQ(Known(), 2u);
  fs::rename(root_ + "/away", Path("a.log"));
  New();
  EXPECT_EQ(counts_.bytes, 0u) << "known after " << kPassesKept << " passes without it";
  fs::rename(Path("a.log"), root_ + "/away");
  for (std::uint32_t pass = 0; pass <= kPassesKept; ++pass) New();
  EXPECT_EQ(Known(), 1u);
  fs::rename(root_ + "/away", Path("a.log"));
  EXPECT_EQ(New(), "");
  EXPECT_EQ(counts_.known, 1u) << "its key tells";
}

TEST_F(Positions, AreNotForgottenWhereNobodyTakesLines) {
  Add("a.log", Line(1));
  Add("b.log", Line(2));
  EXPECT_EQ(New(), "1 2");
  Add("a.log", Line(3));
  taking_ = absl::UnavailableError("busy");
  for (std::uint32_t pass = 0; pass < 2 * kPassesKept; ++pass) New();
  taking_ = absl::OkStatus();
  EXPECT_EQ(New(), "3");
  EXPECT_EQ(counts_.known, 0u);
}

TEST_F(Positions, DoNotGrowWithAFileThatIsAlwaysAnother) {
  for (int round = 0; round < 200; ++round) {
    Put("a.log", fmt::format("{}\n", round * 7919));
    New();
  }
  EXPECT_LE(Known(), kPassesKept + 1);
}

TEST_F(Positions, AreLookedUpAtACostThatGrowsWithTheFilesAlone) {
  const auto cost = [&](int files, bool alike) {
    for (int file = 0; file < files; ++file) {
      // Alike in more than half of them, or from the first byte on not.
      const std::string name = fmt::format("{:06}\n", file * 7919);
      Put(fmt::format("{}.log", file), alike ? std::string(3'000, 'a') + "\n" + name : name);
    }
    positions_ = {};
    New();
    New();
    const std::uint64_t again = counts_.compared;
    CopyAnew();
    New();
    return std::pair(again, counts_.compared);
  };
  for (const bool alike : {false, true}) {
    const auto few = cost(100, alike);
    const auto many = cost(400, alike);
    EXPECT_LE(many.first, 4 * few.first + 4'000) << alike;
    EXPECT_LE(many.second, 5 * few.second) << alike;
  }
}

TEST_F(Positions, AreWrittenAndReadAgain) {
  Add("a.log", Line(1));
  Add("b.log", std::string(3 << 20, 'x'));
  EXPECT_EQ(New(), "1");
  fs::remove(Path("a.log"));
  New();
  const std::string path = root_ + "/positions";
  ASSERT_TRUE(WritePositions(positions_, path).ok());
  std::string warning;
  const absl::StatusOr<HarvestPositions> read = ReadPositions(path, warning);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(warning, "");
  EXPECT_EQ(read->files, positions_.files);
  EXPECT_EQ(read->keys, positions_.keys);
  EXPECT_EQ(read->files.at("web").size(), 2u);
}

TEST_F(Positions, OfAnotherBuildOrOfNone) {
  Add("a.log", Line(1));
  const std::string path = root_ + "/positions";
  const std::string old =
      R"({"files":{"web":[{"device":1,"inode":2,"offset":3,"first_size":3,"first":"ab","last":"cd"}]},)"
      R"("keys":{"web":["key-1"]}})";
  const struct {
    std::string text;
    std::string told;
    std::string found;
    std::size_t known;
  } cases[] = {
      {old, path + " is of an older build: every file is read once more", "", 1},
      {"{\"files\": 7", path + " is no file of positions: every file is read from its start", "1",
       0},
      {R"({"version":2,"files":{"web":[{"device":1}]},"keys":{}})",
       path + " is no file of positions: every file is read from its start", "1", 0},
      {R"({"version":"x"})", path + " is no file of positions: every file is read from its start",
       "1", 0},
      {R"([])", path + " is no file of positions: every file is read from its start", "1", 0},
  };
  for (const auto& [text, told, found, known] : cases) {
    std::ofstream(path, std::ios::trunc) << text;
    std::string warning;
    const absl::StatusOr<HarvestPositions> read = ReadPositions(path, warning);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(warning, told);
    positions_ = *read;
    EXPECT_EQ(New(), found) << text;
    EXPECT_EQ(counts_.known, known) << text;
  }
  std::ofstream(path, std::ios::trunc) << R"({"version":3,"places":[]})";
  std::string warning;
  EXPECT_EQ(ReadPositions(path, warning).status().message(),
            path +
                " is of version 3, of a newer build; this one knows 2: move it away to have "
                "every file read from its start");
}

TEST(TailStart, IsTwoBlocksBeforeAtMost) {
  constexpr std::uint64_t kBlock = PrefixHash::kBlock;
  const struct {
    std::uint64_t offset;
    std::uint64_t start;
    std::uint64_t first;
  } cases[] = {
      {0, 0, 0},
      {1, 0, 1},
      {5, 0, 4},
      {kBlock, 0, kBlock},
      {2 * kBlock, 0, kBlock},
      {2 * kBlock + 1, kBlock, kBlock},
      {3 * kBlock, kBlock, kBlock},
      {9 * kBlock + 5, 8 * kBlock, kBlock},
  };
  for (const auto& [offset, start, first] : cases) {
    EXPECT_EQ(TailStart(offset), start) << offset;
    EXPECT_EQ(FirstSize(offset), first) << offset;
  }
}

}  // namespace
}  // namespace epu
