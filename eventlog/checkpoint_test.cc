#include "eventlog/checkpoint.h"

#include <gtest/gtest.h>

#include "eventlog/merkle.h"

namespace epu {
namespace {

constexpr std::string_view kText =
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

TEST(Checkpoint, IsReadAndPrintedAsTheFormatHasIt) {
  const absl::StatusOr<Checkpoint> read = ParseCheckpoint(kText);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(read->size, 20852163u);
  EXPECT_EQ(read->root[0], 0x0a);
  EXPECT_EQ(read->root[31], 0x62);
  EXPECT_EQ(FormatCheckpoint(*read), kText);
}

TEST(Checkpoint, HasFurtherLines) {
  const Checkpoint checkpoint{OriginOf("k3f9"), 3, RootOf({}), {"time now", "machines 3 4"}};
  const std::string text = FormatCheckpoint(checkpoint);
  EXPECT_EQ(text,
            "epu/k3f9\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime now\n"
            "machines 3 4\n");
  EXPECT_EQ(*ParseCheckpoint(text), checkpoint);
  EXPECT_EQ(FurtherOf(checkpoint, "machines"), "3 4");
  EXPECT_EQ(FurtherOf(checkpoint, "tim"), "");
}

TEST(Checkpoint, IsRefusedWhereItIsNone) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  for (const std::string& text :
       {std::string(), std::string("a\n1\n"), "\n1\n" + root, "a\n01\n" + root, "a\n-1\n" + root,
        "a\n1 \n" + root, "a\n99999999999999999999\n" + root, "a\n\n" + root,
        std::string("a\n1\nCsUYapGG\n"), "a\n1\n" + root + "\n", "a\n1\n" + root + "no end"}) {
    const absl::Status status = ParseCheckpoint(text).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << text;
    EXPECT_EQ(status.message().rfind("it is no checkpoint: ", 0), 0u) << status;
  }
}

TEST(Checkpoint, IsTakenFromTheKeyOfItsOwnLogAlone) {
  const SigningKey own = DrawSigningKey("epu/k3f9");
  const SigningKey other = DrawSigningKey("epu/x7ab");
  const std::vector<VerifierKey> known = {VerifierOf(other), VerifierOf(own)};
  const Checkpoint checkpoint{"epu/k3f9", 3, RootOf({}), {}};
  const std::string text = FormatCheckpoint(checkpoint);
  const auto opened = OpenCheckpoint(SignNote(text, own), known);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->checkpoint, checkpoint);
  EXPECT_EQ(opened->key, VerifierOf(own));
  // One log's key may not sign for another.
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenCheckpoint(SignNote(text, other), known).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenCheckpoint(SignNote(text, own), {}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenCheckpoint(SignNote("a\n", own), known).status()));
}

}  // namespace
}  // namespace epu
