#include "cli/harvest.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "cli/harvest_view.h"
#include "eventlog/capabilities_for_tests.h"

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
    absl::StatusOr<HarvestPositions> read = ReadPositions(root_ + "/positions", warning);
    EXPECT_TRUE(read.ok()) << read.status();
    HarvestPositions positions = *std::move(read);
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
    positions_ = positions.files["web"].size();
    return keys + warning.substr(0, warning.empty() ? 0 : 1);
  }

  std::string root_ = "/tmp/epu-harvest.XXXXXX";
  absl::Status taking_;
  HarvestCounts counts_;
  std::size_t positions_ = 0;  // How many are kept.
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

TEST_F(Harvesting, ThrowsAwayALongLineToItsEndWheneverThatComes) {
  Add("a.log", Line(1) + "\n" + std::string(2 << 20, 'x'));
  EXPECT_EQ(New(), "1");
  Add("a.log", "half " + Line(2));
  EXPECT_EQ(New(), "");
  Add("a.log", Line(3));
  EXPECT_EQ(New(), "") << "a part of the long line";
  Add("a.log", Line(4) + "\n" + Line(5) + "\n");
  EXPECT_EQ(New(), "5");
  EXPECT_EQ(counts_.bad, 0u);
}

TEST_F(Harvesting, NamesALineThatNestsTooDeepAndGoesOn) {
  std::string line = Line(1);
  line.replace(line.find("null"), 4,
               R"({"a":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}");
  Add("a.log", line + "\n" + Line(2) + "\n");
  EXPECT_EQ(New(), "2");
  ASSERT_EQ(counts_.bad, 1u);
  EXPECT_EQ(counts_.complaints[0], Path("a.log") + ": at byte 0: JSON nested more than 64 deep");
}

// A directory whose path is longer than the system takes can be read by nobody, not even by root.
TEST_F(Harvesting, CountsAndNamesWhatItCannotReadAndGoesOn) {
  const std::string name(200, 'd');
  std::string path = Path("b");
  fs::create_directories(path);
  int parent = open(path.c_str(), O_RDONLY | O_DIRECTORY);
  while (path.size() <= PATH_MAX) {
    ASSERT_EQ(mkdirat(parent, name.c_str(), 0700), 0);
    const int child = openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY);
    close(parent);
    parent = child;
    path += "/" + name;
  }
  close(parent);
  Add("a.log", Line(1) + "\n");
  Add("c.log", Line(2) + "\n");
  EXPECT_EQ(New(), "1 2");
  ASSERT_EQ(counts_.unread, 1u);
  EXPECT_EQ(counts_.unread_files[0], (UnreadFile{path, "File name too long"}));
  EXPECT_TRUE(HarvestText(counts_).ends_with(", 0 bad; 1 path could not be read\n"));
  EXPECT_EQ(HarvestNotes(counts_),
            (std::vector<std::string>{path + " is not read: File name too long"}));
  const Json json = HarvestJson(counts_);
  EXPECT_EQ(json["unread"], 1);
  EXPECT_EQ(json["unread_paths"][0]["error"], "File name too long");
  EXPECT_EQ(json["unread_paths"][0]["path"], path);
}

TEST_F(Harvesting, NamesAFileThatItMayNotOpen) {
  Add("a.log", Line(1) + "\n");
  Add("b.log", Line(2) + "\n");
  fs::permissions(Path("a.log"), fs::perms::none);
  std::thread([&] {
    EXPECT_TRUE(DropCapabilities());
    EXPECT_EQ(New(), "2");
  }).join();
  ASSERT_EQ(counts_.unread, 1u);
  EXPECT_EQ(counts_.unread_files[0], (UnreadFile{Path("a.log"), "Permission denied"}));
}

TEST_F(Harvesting, NamesADirectoryThatIsNotThere) {
  fs::remove_all(root_ + "/logs");
  EXPECT_EQ(New(), "");
  ASSERT_EQ(counts_.unread, 1u);
  EXPECT_EQ(counts_.unread_files[0], (UnreadFile{root_ + "/logs", "No such file or directory"}));
  EXPECT_EQ(HarvestText({}),
            "0 new events recorded, of 0 files (0 bytes read); 0 known, 0 of single jobs left out, "
            "0 bad\n");
}

TEST_F(Harvesting, SaysHowManyItDoesNotName) {
  for (int line = 0; line < 25; ++line) Add("a.log", "CLOUDYVENT_JSON:{\n");
  EXPECT_EQ(New(), "");
  EXPECT_EQ(counts_.bad, 25u);
  ASSERT_EQ(HarvestNotes(counts_).size(), 21u);
  EXPECT_EQ(HarvestNotes(counts_).back(), "and 5 more bad");
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

// Whatever is done to the files between two harvests, each line comes once.
TEST_F(Harvesting, TakesEachLineOnceWhateverIsDoneToTheFiles) {
  std::mt19937 random(3);
  int lines = 0;
  int rotations = 0;
  std::map<std::string, int> seen;
  std::size_t doubts = 0;  // Lines that only their key told.
  const auto harvest = [&] {
    std::string word;
    for (const char c : New() + " ") {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        ++seen[std::exchange(word, "")];
      }
    }
    doubts += counts_.known;
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
  EXPECT_EQ(doubts, 0u) << "no position was lost";
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(lines));
  for (const auto& [key, times] : seen) EXPECT_EQ(times, 1) << key;
}

}  // namespace
}  // namespace epu
