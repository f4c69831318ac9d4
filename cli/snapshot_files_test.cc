#include "cli/snapshot_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "cli/snapshot_keeper.h"
#include "eventlog/codec.h"
#include "eventlog/memory_log.h"
#include "projections/evolve.h"

namespace epu {
namespace {

using testing::ElementsAre;

// A log that says nothing much, `seed` apart.
void Grow(MemoryLog& log, Sequence to, std::uint32_t seed = 0) {
  Sequence head = *log.Head();
  while (head < to) {
    std::vector<Record> records;
    for (; head + records.size() < to && records.size() < 4096;) {
      const Sequence sequence = head + records.size() + 1;
      records.push_back(Encode({sequence,
                                Time(std::chrono::seconds(sequence)),
                                kServer,
                                {},
                                {},
                                "",
                                RunLimited{static_cast<std::uint32_t>(sequence) + seed}}));
    }
    head = *log.Append(head, records, Reserve::kKeep);
  }
}

State FoldTo(const EventLog& log, Sequence until) {
  Projection<State> fold;
  EXPECT_TRUE(CatchUp(log, fold, until).ok());
  return fold.state;
}

class Snapshots : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(files_.directory()); }

  void Keep(const EventLog& log) {
    SnapshotKeeper keeper(log, files_, {});
    const absl::Status kept = keeper.CatchUpAndSave({});
    EXPECT_TRUE(kept.ok()) << kept;
  }

  std::string PathOf(Sequence sequence) const {
    return files_.directory() + "/" + std::to_string(sequence) + ".state";
  }

  const SnapshotFiles files_{testing::TempDir()};
  MemoryLog log_;
};

TEST_F(Snapshots, AreSavedOnTheWayAndTheNearestIsFound) {
  Grow(log_, 3 * kSnapshotEvery + 7);
  Keep(log_);
  EXPECT_THAT(files_.Positions(),
              ElementsAre(kSnapshotEvery, 2 * kSnapshotEvery, 3 * kSnapshotEvery));
  struct Case {
    Sequence until;
    Sequence position;
  };
  for (const Case& c :
       {Case{kSnapshotEvery - 1, 0}, Case{kSnapshotEvery, kSnapshotEvery},
        Case{2 * kSnapshotEvery + 1, 2 * kSnapshotEvery}, Case{~Sequence{0}, 3 * kSnapshotEvery}}) {
    const Projection<State> nearest = files_.Nearest(log_, c.until);
    EXPECT_EQ(nearest.position, c.position);
    EXPECT_TRUE(nearest.state == FoldTo(log_, c.position));
  }
}

TEST_F(Snapshots, AreForTheirOwnerAlone) {
  Grow(log_, kSnapshotEvery);
  Keep(log_);
  for (const std::string& path : {files_.directory(), PathOf(kSnapshotEvery)}) {
    struct stat facts {};
    ASSERT_EQ(stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 077u, 0u) << path;
  }
}

TEST_F(Snapshots, ThatCannotBeUsedArePassedOver) {
  Grow(log_, 3 * kSnapshotEvery);
  Keep(log_);
  std::ofstream(PathOf(3 * kSnapshotEvery), std::ios::in | std::ios::binary).seekp(100) << "damage";
  EXPECT_EQ(files_.Nearest(log_, ~Sequence{0}).position, 2 * kSnapshotEvery);
  std::filesystem::resize_file(PathOf(2 * kSnapshotEvery), 60);
  EXPECT_EQ(files_.Nearest(log_, ~Sequence{0}).position, kSnapshotEvery);
  std::filesystem::remove(PathOf(kSnapshotEvery));
  std::filesystem::create_directory(PathOf(kSnapshotEvery));
  std::ofstream(PathOf(0)) << "";
  std::ofstream(files_.directory() + "/12x.state") << "";
  EXPECT_EQ(files_.Nearest(log_, ~Sequence{0}).position, 0u);
}

// As beside a log that was restored from a backup and went on in another way.
TEST_F(Snapshots, OfAnotherHistoryAreNotUsed) {
  Grow(log_, 2 * kSnapshotEvery);
  Keep(log_);
  MemoryLog other;
  Grow(other, kSnapshotEvery);
  Grow(other, 3 * kSnapshotEvery, 1);
  EXPECT_EQ(files_.Nearest(other, ~Sequence{0}).position, kSnapshotEvery);
  MemoryLog shorter;
  Grow(shorter, kSnapshotEvery + 5);
  EXPECT_EQ(files_.Nearest(shorter, ~Sequence{0}).position, kSnapshotEvery);
}

TEST_F(Snapshots, GoOnFromWhereTheyWere) {
  Grow(log_, kSnapshotEvery + 5);
  Keep(log_);
  Grow(log_, 2 * kSnapshotEvery);
  SnapshotKeeper next(log_, files_, files_.Nearest(log_, ~Sequence{0}));
  ASSERT_TRUE(next.CatchUpAndSave({}).ok());
  EXPECT_TRUE(files_.Nearest(log_, ~Sequence{0}).state == FoldTo(log_, 2 * kSnapshotEvery));
}

TEST(SnapshotsKept, AreDenseNearTheHeadAndSparseBefore) {
  constexpr Sequence kHead = 100'000'000;
  std::size_t kept = 0;
  Sequence last = kHead;
  Sequence widest = 0;
  for (Sequence sequence = kHead; sequence > 0; sequence -= kSnapshotEvery) {
    if (!IsSnapshotKept(sequence, kHead)) continue;
    ++kept;
    if (kHead - sequence <= kSnapshotsNear) {
      EXPECT_LE(last - sequence, kSnapshotEvery);
    } else {
      EXPECT_LE(last - sequence, (kHead - sequence) / 5) << "near enough, for how long ago it is";
    }
    widest = std::max(widest, last - sequence);
    last = sequence;
  }
  EXPECT_LT(kept, 150u);
  EXPECT_FALSE(IsSnapshotKept(kHead + kSnapshotEvery, kHead)) << "of a longer log that is no more";
}

// What is kept later was kept before: nothing is wanted back.
TEST(SnapshotsKept, StayKeptUntilTheyAreNot) {
  for (const Sequence sequence : {3 * kSnapshotEvery, 64 * kSnapshotEvery, 100 * kSnapshotEvery}) {
    bool kept = true;
    for (Sequence head = sequence; head < 1000 * kSnapshotEvery; head += kSnapshotEvery / 2) {
      EXPECT_LE(IsSnapshotKept(sequence, head), kept) << sequence << " " << head;
      kept = IsSnapshotKept(sequence, head);
    }
  }
}

}  // namespace
}  // namespace epu
