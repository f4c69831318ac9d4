#include "eventlog/note.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

// The example that Go's package for signed notes has in its documentation.
constexpr std::string_view kVerifier =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kSigner =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr std::string_view kText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kSignature =
    "\n\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

std::string Known() { return std::string(kText) + std::string(kSignature); }

// The refusal of a note, by those who know `key`.
std::string RefusalOf(const std::string& text, const VerifierKey& key) {
  const absl::StatusOr<Note> note = ParseNote(text);
  if (!note.ok()) return std::string(note.status().message());
  const absl::StatusOr<VerifierKey> by = CheckSignature(*note, {{key}});
  return by.ok() ? "" : std::string(by.status().message());
}

TEST(Note, IsSignedAsOthersSignIt) {
  const absl::StatusOr<SigningKey> signer = ParseSigningKey(kSigner);
  ASSERT_TRUE(signer.ok());
  EXPECT_EQ(SignNote(kText, *signer), Known());
  EXPECT_EQ(FormatVerifierKey(VerifierOf(*signer)), kVerifier);
  EXPECT_EQ(FormatSigningKey(*signer), kSigner);
  EXPECT_EQ(ShortNameOf(VerifierOf(*signer)), "PeterNeumann+c74f20a3");
}

TEST(Note, IsVerifiedByItsKeyAndNoOther) {
  const VerifierKey key = *ParseVerifierKey(kVerifier);
  EXPECT_EQ(RefusalOf(Known(), key), "");
  const SigningKey other = DrawSigningKey("PeterNeumann");
  EXPECT_EQ(RefusalOf(Known(), VerifierOf(other)),
            "it is signed by PeterNeumann+c74f20a3, a key that is not known here");
  std::string altered = Known();
  altered[3] = 'Y';
  EXPECT_EQ(RefusalOf(altered, key),
            "its signature by PeterNeumann+c74f20a3 is wrong: it was altered");
  std::string cut = Known();
  cut.replace(cut.find("ZJku"), 4, "ZJkv");
  EXPECT_EQ(RefusalOf(cut, key), "its signature by PeterNeumann+c74f20a3 is wrong: it was altered");
}

TEST(Note, MayHaveSignaturesByOthersBesideItsOwn) {
  const SigningKey witness = DrawSigningKey("witness.example");
  const std::string witnessed = SignNote(kText, witness);
  const std::string both =
      std::string(kText) + witnessed.substr(kText.size()) + std::string(kSignature.substr(1));
  EXPECT_EQ(RefusalOf(both, *ParseVerifierKey(kVerifier)), "");
  EXPECT_EQ(RefusalOf(both, VerifierOf(witness)), "");
}

TEST(Note, ComesBackFromItsKeysOfAnyDraw) {
  for (int i = 0; i < 20; ++i) {
    const SigningKey drawn = DrawSigningKey("epu/k3f9");
    const absl::StatusOr<SigningKey> signer = ParseSigningKey(FormatSigningKey(drawn));
    ASSERT_TRUE(signer.ok());
    const absl::StatusOr<VerifierKey> verifier =
        ParseVerifierKey(FormatVerifierKey(VerifierOf(*signer)));
    ASSERT_TRUE(verifier.ok());
    EXPECT_EQ(RefusalOf(SignNote("a\n\nb\n", *signer), *verifier), "");
  }
  EXPECT_NE(DrawSigningKey("a").seed, DrawSigningKey("a").seed);
}

TEST(Note, IsRefusedWhereItIsNone) {
  const VerifierKey key = *ParseVerifierKey(kVerifier);
  const std::string signature(kSignature);
  for (const std::string& text :
       {std::string(), std::string(kText), signature, Known() + "\n", Known() + "x\n",
        std::string(kText) + "\n", Known().substr(0, Known().size() - 1), "a\tb\n" + signature,
        std::string(kText) + "\n- PeterNeumann x08go/Y=\n",
        std::string(kText) + "\n\xe2\x80\x94 Peter Neumann x08go/Y=\n",
        std::string(kText) + "\n\xe2\x80\x94 PeterNeumann x08goy==\n"}) {
    EXPECT_EQ(RefusalOf(text, key).rfind("it is no signed note: ", 0), 0u) << text;
  }
}

TEST(Note, RefusesKeysThatAreNone) {
  for (const std::string_view text :
       {"", "PeterNeumann", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseVerifierKey(text).status())) << text;
  }
  EXPECT_FALSE(ParseSigningKey(kVerifier).ok());
  EXPECT_FALSE(ParseSigningKey(kSigner.substr(0, kSigner.size() - 4)).ok());
}

}  // namespace
}  // namespace epu
