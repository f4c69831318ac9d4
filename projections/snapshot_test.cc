#include "projections/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "projections/every_kind_for_tests.h"
#include "projections/evolve.h"

namespace epu {
namespace {

using testing::HasSubstr;

Projection<State> FoldOfEveryKind() {
  Projection<State> fold;
  for (const Event& event : EventsOfEveryKind()) {
    Evolve(fold.state, event);
    fold.position = event.sequence;
  }
  return fold;
}

TEST(Snapshot, GivesTheFoldAgain) {
  const SavedFold saved{FoldOfEveryKind(), 0x1234567890abcdef};
  const absl::StatusOr<SavedFold> again = DecodeSnapshot(EncodeSnapshot(saved));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->fold.state == saved.fold.state);
  EXPECT_EQ(again->fold.position, saved.fold.position);
  EXPECT_EQ(again->record_checksum, saved.record_checksum);
  const absl::StatusOr<SavedFold> empty = DecodeSnapshot(EncodeSnapshot({}));
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->fold.state == State{});
}

TEST(Snapshot, IsNotUsedWhenASingleBitOfItDiffers) {
  const Snapshot whole = EncodeSnapshot({FoldOfEveryKind(), 1});
  for (std::size_t bit = 0; bit < 64 * whole.size(); ++bit) {
    Snapshot damaged = whole;
    damaged[bit / 64] ^= Word{1} << bit % 64;
    EXPECT_TRUE(absl::IsDataLoss(DecodeSnapshot(damaged).status())) << bit;
  }
}

// As an older program or a malicious one may have sealed it: read without a crash, and refused.
TEST(Snapshot, IsNotUsedWhenItIsCutShortAndSealedAgain) {
  const Snapshot whole = EncodeSnapshot({FoldOfEveryKind(), 1});
  for (std::size_t words = 0; words < whole.size(); ++words) {
    Snapshot cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(words));
    if (words > 1) Seal(cut);
    EXPECT_TRUE(absl::IsDataLoss(DecodeSnapshot(cut).status())) << words;
  }
  constexpr std::size_t kBytesWord = 5;
  for (Word bytes = 0; bytes < whole[kBytesWord]; ++bytes) {
    Snapshot cut = whole;
    cut[kBytesWord] = bytes;
    Seal(cut);
    EXPECT_TRUE(absl::IsDataLoss(DecodeSnapshot(cut).status())) << bytes;
  }
}

TEST(Snapshot, IsNotUsedWhenItsBytesAreOthersAndSealedAgain) {
  const Snapshot whole = EncodeSnapshot({FoldOfEveryKind(), 1});
  constexpr std::size_t kHeaderWords = 6;
  for (std::size_t word = kHeaderWords; word < whole.size(); ++word) {
    Snapshot wild = whole;
    wild[word] = ~Word{0};
    Seal(wild);
    const absl::StatusOr<SavedFold> read = DecodeSnapshot(wild);  // Whatever comes, it ends.
    EXPECT_TRUE(read.ok() || absl::IsDataLoss(read.status()));
  }
}

TEST(Snapshot, OfAnotherVersionIsNotUsed) {
  Snapshot other = EncodeSnapshot({FoldOfEveryKind(), 1});
  constexpr std::size_t kVersionWord = 2;
  other[kVersionWord] += 1;
  Seal(other);
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeSnapshot(other).status()));
}

TEST(Snapshot, HasAShapeThatGoesDownToTheNumbers) {
  EXPECT_THAT(StateShape(),
              HasSubstr("{enum uint64, {text, text, uint32, text}, uint64, bool, bool?, "
                        "text, time}"))
      << "a site";
}

// ---- What a version stands for ----

TEST(Snapshot, IsTestedWithEveryKindOfEvent) {
  std::set<std::size_t> kinds;
  for (const Payload& payload : EveryKind()) kinds.insert(payload.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<Payload>) << "give EveryKind the new one";
}

// The bytes of one fold. They change with the shape of a state, and when Evolve does something else
// than it did with the same events.
TEST(Snapshot, KeepsItsVersionOnlyWhileAStateMeansTheSame) {
  struct Version {
    std::uint32_t fold_version;
    Word bytes;
  };
  constexpr Version kKnown{1, 8035504665088626540u};
  const Word bytes = EncodeSnapshot({FoldOfEveryKind(), 1}).front();
  EXPECT_EQ(bytes, kKnown.bytes)
      << "A state is another one now. Where a struct of it has another field, the version of "
         "snapshots has changed by itself. Where Evolve does something else than before with the "
         "same events, raise kFoldVersion in snapshot.h. Then put both into kKnown.";
  EXPECT_EQ(kFoldVersion, kKnown.fold_version) << "put it into kKnown";
}

}  // namespace
}  // namespace epu
