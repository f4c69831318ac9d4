#include "cli/tree_check.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "cli/checkpoints.h"
#include "cli/tree_keeper.h"
#include "cli/verify.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "eventlog/log_tree.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

using Alteration = std::function<void(std::vector<Event>&)>;

constexpr Sequence kEvents = 1000;  // Three blocks and a part of a fourth.

// A log of `count` events that an alteration was done to, sealed as if nothing had happened.
std::unique_ptr<MemoryLog> LogOf(Sequence count, const Alteration& alter) {
  std::vector<Event> events;
  for (Sequence i = 1; i <= count; ++i) {
    const Time time{std::chrono::seconds(1'800'000'000 + i)};
    events.push_back(
        {i, time, kServer, {}, {}, "", CommandDenied{"no right " + std::to_string(i)}});
  }
  events.front().payload = ServerStarted{"k3f9", 0x5d1e, "host", 1, "/log"};
  if (alter) alter(events);
  std::vector<Record> records;
  for (const Event& event : events) records.push_back(Encode(event));
  auto log = std::make_unique<MemoryLog>();
  CHECK(log->Append(0, records, Reserve::kKeep).ok());
  return log;
}

Alteration Denial(std::vector<Sequence> sequences) {
  return [sequences](std::vector<Event>& events) {
    for (const Sequence sequence : sequences) {
      events[sequence - 1].payload = CommandDenied{"nothing to see here"};
    }
  };
}

StoredTree StoredOf(const EventLog& log, std::size_t blocks) {
  StoredTree stored{"k3f9", {}};
  for (std::size_t i = 0; i < blocks; ++i) {
    stored.blocks.push_back(BlockOf(*HashRecords(log, i * kBlockRecords, (i + 1) * kBlockRecords)));
  }
  return stored;
}

std::vector<std::string> FaultsOf(const EventLog& log, const StoredTree& stored,
                                  std::optional<Checkpoint> older) {
  return Verify(log, [](Sequence, Sequence) {}, {stored, std::move(older)}).faults;
}

TEST(TreeCheck, FindsNothingInALogThatOnlyGrew) {
  const auto log = LogOf(kEvents, {});
  const auto before = LogOf(kEvents, {});
  for (const Sequence size : {Sequence{1}, Sequence{255}, Sequence{256}, Sequence{700}, kEvents}) {
    const Checkpoint older = *CheckpointAt(*before, "k3f9", size, {});
    for (const std::size_t blocks : {0u, 1u, 3u}) {
      const Verified verified =
          Verify(*log, [](Sequence, Sequence) {}, {StoredOf(*before, blocks), older});
      EXPECT_TRUE(verified.fault.ok()) << size << ": " << verified.fault;
      EXPECT_EQ(verified.stored_agreeing, blocks);
      EXPECT_EQ(verified.root, CheckpointAt(*before, "k3f9", kEvents, {})->root);
      EXPECT_EQ(verified.events, kEvents);
    }
  }
}

// One line a case: what was altered, how much is stored of the tree as it was, what the older
// checkpoint covers (0: there is none), and what is found.
TEST(TreeCheck, NamesWhatWasAlteredAsCloselyAsCanBe) {
  const std::string kBefore = "the checkpoint of 2027-01-15 08:1";
  const struct {
    std::vector<Sequence> altered;
    std::size_t stored;
    Sequence covered;
    std::vector<std::string> found;
  } cases[] = {
      // Without a checkpoint: where hashes are stored.
      {{300}, 3, 0, {"damaged at 300: the record is not as stored at first"}},
      {{300, 700}, 3, 0, {"damaged at 300: ", "damaged at 700: "}},
      {{300, 301}, 3, 0, {"damaged from 257 to 512: the records are not as stored at first"}},
      {{300}, 1, 0, {}},
      {{900}, 3, 0, {}},
      // With one: every change that it covers.
      {{300}, 3, 1000, {"damaged at 300: altered after " + kBefore}},
      {{300}, 3, 600, {"damaged at 300: altered after "}},
      {{256, 257}, 3, 600, {"damaged at 256: altered", "damaged at 257: altered"}},
      {{300, 301, 302}, 3, 512, {"damaged from 257 to 512: altered after "}},
      {{300}, 1, 600, {"this log did not grow from the checkpoint of "}},
      {{300}, 0, 600, {"this log did not grow from the checkpoint of "}},
      {{900}, 3, 1000, {"this log did not grow from "}},
      {{580}, 3, 600, {"damaged at 580: altered after "}},
      // What it does not cover is as without.
      {{700}, 3, 600, {"damaged at 700: "}},
      {{800}, 3, 700, {}},
      {{300, 800}, 3, 700, {"damaged at 300: altered after "}},
  };
  const auto before = LogOf(kEvents, {});
  for (const auto& [altered, blocks, covered, found] : cases) {
    SCOPED_TRACE(
        fmt::format("{} altered, {} stored, {} covered", fmt::join(altered, " "), blocks, covered));
    std::optional<Checkpoint> older;
    if (covered > 0) older = *CheckpointAt(*before, "k3f9", covered, {});
    const auto log = LogOf(kEvents, Denial(altered));
    const std::vector<std::string> faults = FaultsOf(*log, StoredOf(*before, blocks), older);
    ASSERT_EQ(faults.size(), found.size()) << testing::PrintToString(faults);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(faults[i].rfind(found[i], 0), 0u) << faults[i];
    }
  }
}

TEST(TreeCheck, TellsHowFarTheStoredHashesReachWhereTheyAgree) {
  const auto before = LogOf(kEvents, {});
  const auto log = LogOf(kEvents, Denial({900}));
  const Checkpoint older = *CheckpointAt(*before, "k3f9", kEvents, {});
  const std::string some = FaultsOf(*log, StoredOf(*log, 3), older).at(0);
  EXPECT_NE(some.find("a record up to 1000 was altered; from 769 to 1000, unless"),
            std::string::npos)
      << some;
  const std::string none = FaultsOf(*log, {}, older).at(0);
  EXPECT_NE(none.find("; no stored hash tells which"), std::string::npos) << none;
}

TEST(TreeCheck, TellsThatTheStoredHashWasAlteredWhereTheRecordsAreProven) {
  const auto log = LogOf(kEvents, {});
  StoredTree stored = StoredOf(*log, 3);
  stored.blocks[1].root[0] ^= 1;
  const auto proven = FaultsOf(*log, stored, *CheckpointAt(*log, "k3f9", 600, {}));
  ASSERT_EQ(proven.size(), 1u);
  EXPECT_EQ(proven[0].rfind("the stored hash of 257 to 512 was altered", 0), 0u) << proven[0];
}

TEST(TreeCheck, FindsRecordsThatWereCutOff) {
  const auto before = LogOf(kEvents, {});
  const auto log = LogOf(700, {});
  const auto by_hashes = FaultsOf(*log, StoredOf(*before, 3), std::nullopt);
  ASSERT_EQ(by_hashes.size(), 1u);
  EXPECT_EQ(by_hashes[0], "cut short: hashes of 768 records are stored, and the log ends at 700");
  const auto by_checkpoint = FaultsOf(*log, {}, *CheckpointAt(*before, "k3f9", 701, {}));
  ASSERT_EQ(by_checkpoint.size(), 1u);
  EXPECT_EQ(by_checkpoint[0].rfind("cut short: the checkpoint of ", 0), 0u) << by_checkpoint[0];
}

TEST(TreeCheck, KnowsAnotherLog) {
  const auto log = LogOf(kEvents, {});
  const auto faults = FaultsOf(*log, {}, *CheckpointAt(*log, "x7ab", 600, {}));
  EXPECT_EQ(faults, std::vector<std::string>{
                        "the checkpoint is of another log, epu/x7ab; this one is epu/k3f9"});
  const auto other = LogOf(kEvents, [](std::vector<Event>& events) {
    events.front().payload = ServerStarted{"x7ab", 1, "host", 1, "/log"};
    for (Event& event : events) event.actor = ActorNumber{7};
  });
  StoredTree stored = StoredOf(*other, 3);
  stored.log_id = "x7ab";
  EXPECT_EQ(FaultsOf(*log, stored, std::nullopt)
                .at(0)
                .rfind("the stored hashes (log/tree) are of another log, x7ab", 0),
            0u);
}

TEST(TreeCheck, IsSoundInItselfWhenAllWasRewritten) {
  const auto log = LogOf(kEvents, Denial({5, 300, 900}));
  EXPECT_TRUE(FaultsOf(*log, StoredOf(*log, 3), std::nullopt).empty());
}

TEST(Verify, NamesEveryRecordThatIsDamagedAndStillHoldsTheRestAgainstTheTree) {
  const auto before = LogOf(kEvents, {});
  const auto log = LogOf(kEvents, Denial({300}));
  log->TEST_FlipBit(40, 99);
  log->TEST_FlipBit(1000, 99);
  const Verified verified = Verify(*log, [](Sequence, Sequence) {},
                                   {StoredOf(*before, 3), *CheckpointAt(*before, "k3f9", 700, {})});
  ASSERT_EQ(verified.faults.size(), 3u) << testing::PrintToString(verified.faults);
  EXPECT_EQ(verified.faults[0].rfind("damaged at 40: stored checksum ", 0), 0u);
  EXPECT_NE(verified.faults[0].find("; 39 and before are whole"), std::string::npos);
  EXPECT_EQ(verified.faults[1].rfind("damaged at 1000: stored checksum ", 0), 0u);
  EXPECT_EQ(verified.faults[2].rfind("damaged at 300: altered after ", 0), 0u);
  EXPECT_EQ(verified.events, 39u);
  EXPECT_EQ(verified.root, std::nullopt);
}

// ---- The follower ----

class TreeKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  TreeKeeper KeeperOf(const EventLog& log) {
    return TreeKeeper(log, "k3f9", "k3f9", TreeFile(directory_));
  }
  std::vector<Block> Stored() const { return TreeFile(directory_).Read().blocks; }

  const std::string directory_ =
      testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::stop_token never_;
};

TEST_F(TreeKeeperTest, StoresEachFullBlockAndGoesOnFromThere) {
  const auto some = LogOf(600, {});
  EXPECT_TRUE(KeeperOf(*some).CatchUp(never_).ok());
  EXPECT_EQ(Stored(), StoredOf(*some, 2).blocks);
  const auto more = LogOf(100 * kBlockRecords, {});
  EXPECT_TRUE(KeeperOf(*more).CatchUp(never_).ok());
  EXPECT_EQ(Stored(), StoredOf(*more, 100).blocks);
}

TEST_F(TreeKeeperTest, MakesAnewWhatIsMissingOrDamaged) {
  const auto log = LogOf(kEvents, {});
  ASSERT_TRUE(KeeperOf(*log).CatchUp(never_).ok());
  const std::vector<Block> whole = Stored();
  ASSERT_EQ(whole.size(), 3u);
  {
    std::fstream file(directory_ + "/tree", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(16 + 112 + 5);
    file << "damage";
  }
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_TRUE(KeeperOf(*log).CatchUp(never_).ok());
  EXPECT_EQ(Stored(), whole);
  std::filesystem::remove(directory_ + "/tree");
  EXPECT_TRUE(KeeperOf(*log).CatchUp(never_).ok());
  EXPECT_EQ(Stored(), whole);
}

TEST_F(TreeKeeperTest, SetsAsideTheHashesOfALongerLog) {
  const auto longer = LogOf(kEvents, {});
  ASSERT_TRUE(KeeperOf(*longer).CatchUp(never_).ok());
  const auto restored = LogOf(600, {});
  TreeKeeper keeper = KeeperOf(*restored);
  EXPECT_TRUE(absl::IsDataLoss(keeper.CatchUp(never_)));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/tree.other"));
  EXPECT_TRUE(keeper.CatchUp(never_).ok());
  EXPECT_EQ(Stored(), StoredOf(*restored, 2).blocks);
}

TEST_F(TreeKeeperTest, KeepsTheHashesThatShowAnAlteration) {
  const auto before = LogOf(600, {});
  ASSERT_TRUE(KeeperOf(*before).CatchUp(never_).ok());
  const auto altered = LogOf(kEvents, Denial({400}));
  TreeKeeper keeper = KeeperOf(*altered);
  const absl::Status status = keeper.CatchUp(never_);
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_NE(status.message().find("a record from 257 to 512"), std::string::npos) << status;
  EXPECT_TRUE(keeper.CatchUp(never_).ok());
  EXPECT_EQ(FaultsOf(*altered, TreeFile(directory_).Read(), std::nullopt)
                .at(0)
                .rfind("damaged at 400: ", 0),
            0u);
}

TEST_F(TreeKeeperTest, AnchorsWhatGrewAndNothingElse) {
  const SigningKeys keys(directory_ + "/keys");
  const std::string path = directory_ + "/elsewhere.ckpt";
  const auto log = LogOf(600, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(KeeperOf(*log).Anchor(keys, path))) << "no key yet";
  ASSERT_TRUE(keys.Make("k3f9").ok());
  const auto size = [&] {
    std::ifstream file(path);
    const std::string note(std::istreambuf_iterator<char>(file), {});
    const auto opened = OpenCheckpoint(note, keys.Verifiers());
    return opened.ok() ? opened->checkpoint.size : 0;
  };
  EXPECT_TRUE(KeeperOf(*log).Anchor(keys, path).ok());
  EXPECT_EQ(size(), 600u);
  EXPECT_TRUE(KeeperOf(*LogOf(700, {})).Anchor(keys, path).ok());
  EXPECT_EQ(size(), 700u);
  for (const auto& other : {LogOf(kEvents, Denial({3})), LogOf(600, {})}) {
    const absl::Status refused = KeeperOf(*other).Anchor(keys, path);
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_EQ(size(), 700u);
  }
  std::ofstream(path) << "a letter";
  EXPECT_TRUE(absl::IsFailedPrecondition(KeeperOf(*log).Anchor(keys, path)));
}

}  // namespace
}  // namespace epu
