#include "cli/event_lines_keeper.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "cli/small_disk_for_tests.h"
#include "cli/world_for_tests.h"

namespace epu {
namespace {

constexpr const char* kPools = R"(version: 1
sites: {local: {driver: process, max_workers: 9}}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 2}
    worker: {site: local, command: [/bin/web]}
  sums:
    engine: npreserving
    config: {preserve_n: 1}
    worker: {site: local, command: [/bin/sums]}
    health: {monitor: false}
)";

constexpr std::size_t kStep = 7;  // Bytes; a line has some two hundred.

class KeepingLines : public testing::Test {
 protected:
  KeepingLines() {
    world_.Apply(kPools);
    world_.RunAll();
  }
  ~KeepingLines() override { std::filesystem::remove_all(directory_); }

  static std::string Make() {
    std::string path = "/tmp/epu-keeper.XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
  }

  EventLinesKeeper Keeper(const World& world) const {
    return {world.log(), SnapshotFiles(directory_ + "/log"), path_};
  }
  absl::Status Keep(const World& world) const {
    EventLinesKeeper keeper = Keeper(world);
    return keeper.CatchUpAndWrite();
  }
  std::string Text(const std::string& more = "") const {
    std::ifstream file(path_ + more, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Put(const std::string& text, const std::string& more = "") const {
    std::ofstream(path_ + more, std::ios::binary | std::ios::trunc) << text;
  }

  static std::vector<EventLine> Lines(const std::string& text) {
    std::vector<EventLine> lines;
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      const auto line = ParseEventLine(text.substr(begin, end - begin));
      EXPECT_TRUE(line.ok() && *line) << text.substr(begin, end - begin);
      if (line.ok() && *line) lines.push_back(**line);
    }
    EXPECT_TRUE(text.empty() || text.back() == '\n');
    return lines;
  }
  // "key source name", one a line.
  static std::vector<std::string> Said(const std::string& text) {
    std::vector<std::string> said;
    for (const EventLine& line : Lines(text)) {
      said.push_back(fmt::format("{} {} {}", line.key, line.source, line.name));
    }
    return said;
  }

  const std::string directory_ = Make();
  const std::string path_ = directory_ + "/events.log";
  World world_;
};

TEST_F(KeepingLines, SaysWhatHappenedUnderItsPlace) {
  ASSERT_TRUE(Keep(world_).ok());
  const std::vector<EventLine> lines = Lines(Text());
  ASSERT_GT(lines.size(), 6u);
  EXPECT_EQ(lines[0].name, "de_state");
  EXPECT_EQ(lines[0].extra, R"({"state":"PENDING"})");
  std::set<std::string> keys;
  std::set<Sequence> doubled;  // Events of two lines.
  for (const EventLine& line : lines) {
    EXPECT_TRUE(keys.insert(line.key).second) << line.key;
    const std::optional<EventPlace> place = PlaceOfKey(line.key);
    ASSERT_TRUE(place) << line.key;
    EXPECT_EQ(place->log_id, "k3f9");
    EXPECT_EQ(place->epoch, 0x5d1eu);
    if (line.key.ends_with("-de_state") && keys.contains(line.key.substr(0, line.key.size() - 9))) {
      doubled.insert(place->sequence);
    }
  }
  EXPECT_FALSE(doubled.empty());
  world_.FailAll();
  ASSERT_TRUE(Keep(world_).ok());
  EXPECT_GT(Lines(Text()).size(), lines.size());
}

TEST_F(KeepingLines, GoesOnWithTheFirstLineThatIsMissing) {
  world_.FailAll();
  ASSERT_TRUE(Keep(world_).ok());
  const std::string whole = Text();
  for (std::size_t cut = 0; cut <= whole.size(); cut += kStep) {
    Put(whole.substr(0, cut));
    ASSERT_TRUE(Keep(world_).ok());
    ASSERT_EQ(Text(), whole) << "cut at " << cut;
  }
  // Where the file was turned over just there.
  for (std::size_t cut = whole.find('\n') + 1; cut != 0; cut = whole.find('\n', cut) + 1) {
    Put(whole.substr(0, cut), ".1");
    Put("");
    ASSERT_TRUE(Keep(world_).ok());
    ASSERT_EQ(Text(".1") + Text(), whole) << "turned over at " << cut;
    const std::size_t next = whole.find('\n', cut) + 1;
    if (next == 0) continue;
    Put(whole.substr(cut, next - cut));
    ASSERT_TRUE(Keep(world_).ok());
    ASSERT_EQ(Text(".1") + Text(), whole) << "turned over at " << cut;
  }
}

TEST_F(KeepingLines, WritesEachLineOnceThroughAFullDisk) {
  ASSERT_TRUE(Keep(world_).ok());
  const std::string whole = Text();
  for (std::size_t room = 0; room < whole.size(); room += kStep) {
    Put("");
    EventLinesKeeper keeper = Keeper(world_);
    {
      const SmallDisk disk(room);
      ASSERT_FALSE(keeper.CatchUpAndWrite().ok());
      ASSERT_FALSE(keeper.CatchUpAndWrite().ok());
    }
    ASSERT_TRUE(keeper.CatchUpAndWrite().ok());
    ASSERT_EQ(Text(), whole) << "room for " << room;
  }
}

TEST_F(KeepingLines, GoesOnInALogThatWasRestored) {
  // Both began alike; one went on, was lost, and the other was gone on with elsewhere.
  World restored;
  restored.Apply(kPools);
  restored.RunAll();
  ASSERT_TRUE(Keep(world_).ok());
  const std::size_t shared = Said(Text()).size();
  world_.FailAll();
  world_.Pass(std::chrono::seconds(9));
  world_.RunAll();
  ASSERT_TRUE(Keep(world_).ok());
  std::vector<std::string> expected = Said(Text());
  ASSERT_GT(expected.size(), shared + 2);

  restored.Do(StartServer{{"k3f9", 0xb2c3, "other", 1, "/other"}, Succession::kTakeOver});
  restored.FailAll();
  const std::string before = Text();
  Put("");
  ASSERT_TRUE(Keep(restored).ok());
  const std::vector<std::string> fresh = Said(Text());
  ASSERT_GT(fresh.size(), shared);
  EXPECT_NE(fresh[shared], expected[shared]) << "of another history";
  Put(before);
  ASSERT_TRUE(Keep(restored).ok());
  expected.insert(expected.end(), fresh.begin() + static_cast<std::ptrdiff_t>(shared), fresh.end());
  EXPECT_EQ(Said(Text()), expected);
  ASSERT_TRUE(Keep(restored).ok());
  EXPECT_EQ(Said(Text()), expected);
}

TEST_F(KeepingLines, GoesOnBehindLinesOfAnOlderBuild) {
  ASSERT_TRUE(Keep(world_).ok());
  const std::vector<EventLine> lines = Lines(Text());
  for (std::size_t had = 1; had <= lines.size(); ++had) {
    std::string text;
    for (std::size_t at = 0; at < had; ++at) {
      EventLine line = lines[at];
      line.key = KeyWithoutEpoch(line.key);
      text += FormatEventLine(line) + "\n";
    }
    Put(text);
    ASSERT_TRUE(Keep(world_).ok());
    std::vector<EventLine> now = Lines(Text());
    ASSERT_EQ(now.size(), lines.size()) << had;
    for (std::size_t at = had; at < now.size(); ++at) EXPECT_EQ(now[at], lines[at]);
  }
}

TEST_F(KeepingLines, BeginsAtTheFirstEventWhereNoLineIsOfThisLog) {
  ASSERT_TRUE(Keep(world_).ok());
  const std::string whole = Text();
  const EventLine foreign{"s", "n", "a1b2-0001-7", Time{}, ""};
  const EventLine none{"s", "n", "no place", Time{}, ""};
  for (const EventLine& line : {foreign, none}) {
    Put(FormatEventLine(line) + "\n");
    ASSERT_TRUE(Keep(world_).ok());
    EXPECT_EQ(Text(), FormatEventLine(line) + "\n" + whole);
  }
}

TEST_F(KeepingLines, SaysThatACopyOfALogOwnsNothing) {
  EventLinesKeeper keeper = Keeper(world_);
  ASSERT_TRUE(keeper.CatchUpAndWrite().ok());
  Put("");
  world_.Do(StartServer{{"a1b2", 0xb2c3, "host", 1, "/log"}, Succession::kNewIdentity});
  ASSERT_TRUE(keeper.CatchUpAndWrite().ok());
  const std::vector<std::string> said = Said(Text());
  ASSERT_GE(said.size(), 2u);
  EXPECT_TRUE(said[0].ends_with("-de_state-web web de_state")) << said[0];
  EXPECT_TRUE(said[1].ends_with("-de_state-sums sums de_state")) << said[1];
  EXPECT_TRUE(said[0].starts_with("a1b2-b2c3-")) << said[0];
}

TEST(EventKey, SaysItsPlace) {
  const struct {
    std::string key;
    std::optional<EventPlace> place;
    std::string without_epoch;
  } cases[] = {
      {"k3f9-5d1e-18181", EventPlace{"k3f9", 0x5d1e, 18181}, "k3f9-18181"},
      {"k3f9-5d1e-18181-de_state", EventPlace{"k3f9", 0x5d1e, 18181}, "k3f9-18181-de_state"},
      {"k3f9-1234-7-de_state-a-b", EventPlace{"k3f9", 0x1234, 7}, "k3f9-7-de_state-a-b"},
      {"k3f9-18181", EventPlace{"k3f9", std::nullopt, 18181}, ""},
      {"k3f9-18181-de_state", EventPlace{"k3f9", std::nullopt, 18181}, ""},
      {"k3f9-5d1e-208-node_started", std::nullopt, ""},
      {"k3f9-99999999999999999999", std::nullopt, ""},
      {"k3f9", std::nullopt, ""},
      {"", std::nullopt, ""},
  };
  for (const auto& [key, place, without] : cases) {
    EXPECT_EQ(PlaceOfKey(key), place) << key;
    if (!without.empty()) {
      EXPECT_EQ(KeyWithoutEpoch(key), without) << key;
    }
  }
}

}  // namespace
}  // namespace epu
