#include "cli/harvest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>

namespace epu {
namespace {

namespace fs = std::filesystem;

std::string Line(int number, const std::string& name = "new_node") {
  return "WARN " + FormatEventLine({"provisioner", name, fmt::format("key-{}", number),
                                    Time(std::chrono::seconds(number)), ""});
}

class Harvesting : public testing::Test {
 protected:
  Harvesting() {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
    fs::create_directories(root_ + "/logs");
  }
  ~Harvesting() override { fs::remove_all(root_); }

  std::string Path(const std::string& name) const { return root_ + "/logs/" + name; }
  void Add(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::app | std::ios::binary) << text;
  }
  // The keys of what is new, "1 2 3"; positions are kept in a file between two harvests.
  std::string New() {
    std::string keys;
    std::string warning;
    HarvestPositions positions = ReadPositions(root_ + "/positions", warning);
    counts_ = {};
    const absl::Status status = Harvest(
        "web", root_ + "/logs", positions,
        [&](const std::vector<EventLine>& lines) {
          for (const EventLine& line : lines) {
            keys += (keys.empty() ? "" : " ") + line.key.substr(4);
          }
          return taking_;
        },
        counts_);
    EXPECT_EQ(status, taking_);
    EXPECT_TRUE(WritePositions(positions, root_ + "/positions").ok());
    return keys + warning.substr(0, warning.empty() ? 0 : 1);
  }

  std::string root_ = "/tmp/epu-harvest.XXXXXX";
  absl::Status taking_;
  HarvestCounts counts_;
};

TEST_F(Harvesting, TakesEachLineOnce) {
  Add("a.log", "nothing\n" + Line(1) + "\nmore\n" + Line(2) + "\n");
  fs::create_directories(Path("deep/er"));
  Add("deep/er/b.log", Line(3) + "\r\n");
  EXPECT_EQ(New(), "1 2 3");
  EXPECT_EQ(New(), "");
  Add("a.log", Line(4) + "\n");
  EXPECT_EQ(New(), "4");
}

TEST_F(Harvesting, WaitsForTheEndOfAHalfLine) {
  const std::string line = Line(1);
  Add("a.log", line.substr(0, 40));
  EXPECT_EQ(New(), "");
  Add("a.log", line.substr(40));
  EXPECT_EQ(New(), "");
  Add("a.log", "\n");
  EXPECT_EQ(New(), "1");
}

TEST_F(Harvesting, FollowsAFileThatIsRotated) {
  Add("a.log", Line(1) + "\n");
  EXPECT_EQ(New(), "1");
  Add("a.log", Line(2) + "\n");
  fs::rename(Path("a.log"), Path("a.log.1"));
  Add("a.log", Line(3) + "\n");
  EXPECT_EQ(New(), "3 2");
  EXPECT_EQ(New(), "");
}

TEST_F(Harvesting, ReadsATruncatedFileFromItsStart) {
  Add("a.log", Line(1) + "\n" + Line(2) + "\n");
  EXPECT_EQ(New(), "1 2");
  fs::copy_file(Path("a.log"), Path("a.log.1"));
  fs::resize_file(Path("a.log"), 0);
  Add("a.log", Line(3) + "\n");
  EXPECT_EQ(New(), "3") << "its copy was read before";
  fs::resize_file(Path("a.log"), 0);
  Add("a.log", Line(4) + "\n" + Line(5) + "\n" + Line(6) + "\n");
  EXPECT_EQ(New(), "4 5 6") << "longer than it was";
}

TEST_F(Harvesting, KnowsAFileThatWasCopiedAnew) {
  Add("a.log", Line(1) + "\n");
  EXPECT_EQ(New(), "1");
  fs::copy_file(Path("a.log"), Path("b"));
  fs::remove(Path("a.log"));
  fs::rename(Path("b"), Path("a.log"));
  Add("a.log", Line(2) + "\n");
  EXPECT_EQ(New(), "2");
}

TEST_F(Harvesting, CountsAndNamesBadLinesAndGoesOn) {
  Add("a.log", "CLOUDYVENT_JSON:{\n" + Line(1) + "\n\xff\xfe CLOUDYVENT_JSON: CLOUDYVENT_JSON:\n" +
                   std::string("\0\0", 2) + "\n" + Line(2) + "\n");
  EXPECT_EQ(New(), "1 2");
  EXPECT_EQ(counts_.bad, 2u);
  ASSERT_EQ(counts_.complaints.size(), 2u);
  EXPECT_EQ(counts_.complaints[0], Path("a.log") + ": at byte 0: no JSON object behind the marker");
}

TEST_F(Harvesting, SkipsLinesThatAreNoEventsForTheirLength) {
  Add("a.log", Line(1) + "\n" + std::string(5 << 20, 'x') + "\n" + Line(2) + "\n");
  Add("b.log", "CLOUDYVENT_JSON:" + std::string(3 << 20, 'x') + "\n" + Line(3) + "\n");
  EXPECT_EQ(New(), "1 2 3");
  EXPECT_EQ(counts_.bad, 1u);
}

TEST_F(Harvesting, LeavesOutWhatThereIsOneOfAJob) {
  Add("a.log", Line(1, "job_begin") + "\n" + Line(2, "job_end") + "\n" + Line(3, "job_sent") +
                   "\n" + Line(4, "jobs") + "\n");
  EXPECT_EQ(New(), "4");
  EXPECT_EQ(counts_.skipped, 3u);
}

TEST_F(Harvesting, TakesALineOfTwoFilesOnce) {
  Add("a.log", Line(1) + "\n");
  Add("b.log", "other\n" + Line(1) + "\n");
  EXPECT_EQ(New(), "1");
  EXPECT_EQ(counts_.known, 1u);
}

TEST_F(Harvesting, DoesNotFollowDirectoriesThatAreLinks) {
  fs::create_directories(root_ + "/elsewhere");
  std::ofstream(root_ + "/elsewhere/a.log") << Line(1) << "\n";
  fs::create_directory_symlink(root_ + "/elsewhere", Path("link"));
  EXPECT_EQ(New(), "");
}

TEST_F(Harvesting, HandsAgainWhatWasNotTaken) {
  Add("a.log", Line(1) + "\n");
  taking_ = absl::UnavailableError("busy");
  EXPECT_EQ(New(), "1");
  taking_ = absl::OkStatus();
  EXPECT_EQ(New(), "1");
  EXPECT_EQ(New(), "");
}

TEST_F(Harvesting, BeginsAnewWherePositionsAreNone) {
  Add("a.log", Line(1) + "\n");
  EXPECT_EQ(New(), "1");
  std::ofstream(root_ + "/positions") << "{\"files\": 7";
  EXPECT_EQ(New(), "1/") << "with a warning that names the file";
}

// Whatever is done to the files between two harvests, each line comes once.
TEST_F(Harvesting, TakesEachLineOnceWhateverIsDoneToTheFiles) {
  std::mt19937 random(3);
  int lines = 0;
  int rotations = 0;
  std::map<std::string, int> seen;
  const auto harvest = [&] {
    std::string word;
    for (const char c : New() + " ") {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        ++seen[std::exchange(word, "")];
      }
    }
  };
  for (int round = 0; round < 300; ++round) {
    switch (random() % 5) {
      case 0:
        Add("a.log", "a line without any event\n");
        break;
      case 1:
      case 2: {
        const std::string line = Line(++lines);
        const std::size_t cut = random() % line.size();
        Add("a.log", line.substr(0, cut));
        if (random() % 3 == 0) harvest();
        Add("a.log", line.substr(cut) + "\n");
        break;
      }
      case 3:
        if (fs::exists(Path("a.log"))) {
          fs::rename(Path("a.log"), Path(fmt::format("a.log.{}", ++rotations)));
        }
        break;
      default:
        harvest();
    }
  }
  harvest();
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(lines));
  for (const auto& [key, times] : seen) EXPECT_EQ(times, 1) << key;
}

}  // namespace
}  // namespace epu
