#include "eventlog/proof.h"

#include <functional>
#include <span>

#include <gtest/gtest.h>

#include "eventlog/block.h"
#include "eventlog/merkle.h"

namespace epu {
namespace {

// The third of five records.
struct Given {
  Given() {
    std::vector<Hash> leaves;
    for (Word i = 0; i < 5; ++i) leaves.push_back(HashRecord(Record{i, 7}));
    checkpoint = {"epu/k3f9", 5, RootOf(leaves), {}};
    proof = {Record{2, 7}, 3, InclusionPath(2, leaves),
             SignNote(FormatCheckpoint(checkpoint), DrawSigningKey("epu/k3f9"))};
  }
  Checkpoint checkpoint;
  Proof proof;
};

TEST(Proof, IsPrintedAsTheFormatHasItAndReadBack) {
  const Given given;
  const std::string text = FormatProof(given.proof);
  EXPECT_EQ(text.rfind("c2sp.org/tlog-proof@v1\nextra AgAAAAAAAAAHAAAAAAAAAA==\nindex 2\n", 0), 0u)
      << text;
  EXPECT_NE(text.find("=\n\nepu/k3f9\n5\n"), std::string::npos) << text;
  const absl::StatusOr<Proof> read = ParseProof(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, given.proof);
  EXPECT_TRUE(CheckProof(*read, given.checkpoint).ok());
}

TEST(Proof, ProvesThisRecordInThisPlaceOfThisTreeAlone) {
  const Given given;
  const std::vector<std::pair<std::string, std::function<void(Proof&, Checkpoint&)>>> changes = {
      {"another record", [](Proof& proof, Checkpoint&) { proof.record[1] = 8; }},
      {"another place", [](Proof& proof, Checkpoint&) { proof.sequence = 2; }},
      {"beyond the end", [](Proof& proof, Checkpoint&) { proof.sequence = 6; }},
      {"before the start", [](Proof& proof, Checkpoint&) { proof.sequence = 0; }},
      {"another path", [](Proof& proof, Checkpoint&) { proof.path[0][0] ^= 1; }},
      {"a shorter path", [](Proof& proof, Checkpoint&) { proof.path.pop_back(); }},
      {"a longer path", [](Proof& proof, Checkpoint&) { proof.path.push_back({}); }},
      {"another size", [](Proof&, Checkpoint& checkpoint) { checkpoint.size = 9; }},
      {"another root", [](Proof&, Checkpoint& checkpoint) { checkpoint.root[9] ^= 1; }},
  };
  for (const auto& [what, change] : changes) {
    Proof proof = given.proof;
    Checkpoint checkpoint = given.checkpoint;
    change(proof, checkpoint);
    EXPECT_TRUE(absl::IsFailedPrecondition(CheckProof(proof, checkpoint))) << what;
  }
}

TEST(Proof, IsRefusedWhereItIsNone) {
  const std::string text = FormatProof(Given().proof);
  const std::size_t path = text.find("index 2\n") + 8;
  for (const std::string& wrong :
       {std::string(), std::string("{}"), text.substr(1), text.substr(0, 30),
        text.substr(0, path - 3) + "\n" + text.substr(path),
        text.substr(0, path - 2) + "02\n" + text.substr(path),
        text.substr(0, path) + "x" + text.substr(path), text.substr(0, path),
        text.substr(0, path) + "\n",
        "c2sp.org/tlog-proof@v1\nextra AgAA\n" + text.substr(path - 8)}) {
    const absl::Status status = ParseProof(wrong).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << wrong;
    EXPECT_EQ(status.message().rfind("it is no proof: ", 0), 0u) << wrong;
  }
}

TEST(Proof, OfGrowthIsPrintedReadAndProvesThatAlone) {
  std::vector<Hash> leaves;
  for (Word i = 0; i < 7; ++i) leaves.push_back(HashRecord(Record{i, 7}));
  const Checkpoint older{"epu/k3f9", 3, RootOf(std::span(leaves).first(3)), {}};
  const Checkpoint newer{"epu/k3f9", 7, RootOf(leaves), {}};
  const Growth growth{3, ConsistencyPath(3, leaves),
                      SignNote(FormatCheckpoint(newer), DrawSigningKey("epu/k3f9"))};
  const std::string text = FormatGrowth(growth);
  EXPECT_EQ(text.rfind("old 3\n", 0), 0u) << text;
  EXPECT_NE(text.find("=\n\nepu/k3f9\n7\n"), std::string::npos) << text;
  EXPECT_TRUE(IsGrowth(text));
  const absl::StatusOr<Growth> read = ParseGrowth(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, growth);
  EXPECT_TRUE(CheckGrowth(*read, older, newer).ok());

  Checkpoint other = older;
  other.root[3] ^= 1;
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckGrowth(growth, other, newer)));
  other = older;
  other.size = 2;
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckGrowth(growth, other, newer)));
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckGrowth(growth, newer, older)));
  for (const std::string& wrong : {text.substr(1), std::string("old\n"), "old x" + text.substr(5),
                                   "old 03" + text.substr(5), text.substr(0, 6)}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(ParseGrowth(wrong).status())) << wrong;
  }
}

}  // namespace
}  // namespace epu
