#include "cli/signing_keys.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace epu {
namespace {

class SigningKeysTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(keys_); }
  std::string PathOf(const std::string& name) const { return keys_ + "/signing/" + name; }
  static mode_t ModeOf(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 07777;
  }

  const std::string keys_ = testing::TempDir() + "/keys";
};

TEST_F(SigningKeysTest, MakeAKeyThatIsReadAgainAndNobodyElses) {
  const SigningKeys keys(keys_);
  EXPECT_FALSE(keys.Has("k3f9"));
  EXPECT_TRUE(absl::IsFailedPrecondition(keys.Read("k3f9").status()));
  const auto made = keys.Make("k3f9");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name, "epu/k3f9");
  EXPECT_TRUE(keys.Has("k3f9"));
  EXPECT_EQ(keys.Read("k3f9")->seed, made->seed);
  EXPECT_EQ(ModeOf(PathOf("k3f9.key")), 0600u);
  EXPECT_EQ(ModeOf(keys_), 0700u);
  EXPECT_EQ(keys.Verifiers(), std::vector<VerifierKey>{VerifierOf(*made)});
}

TEST_F(SigningKeysTest, ReplaceAKeyAndStillKnowWhatVerifiesTheOldOnes) {
  const SigningKeys keys(keys_);
  const auto first = keys.Make("k3f9");
  const auto second = keys.Make("k3f9");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->seed, second->seed);
  EXPECT_EQ(keys.Read("k3f9")->seed, second->seed);
  const std::vector<VerifierKey> both = {VerifierOf(*first), VerifierOf(*second)};
  EXPECT_EQ(keys.Verifiers(), both);
}

TEST_F(SigningKeysTest, RefuseAKeyThatIsOpenToOthersDamagedOrOfAnotherLog) {
  const SigningKeys keys(keys_);
  ASSERT_TRUE(keys.Make("k3f9").ok());
  ::chmod(PathOf("k3f9.key").c_str(), 0640);
  EXPECT_NE(keys.Read("k3f9").status().message().find("chmod 600"), std::string::npos);
  ::chmod(PathOf("k3f9.key").c_str(), 0600);
  std::filesystem::copy(PathOf("k3f9.key"), PathOf("x7ab.key"));
  EXPECT_NE(keys.Read("x7ab").status().message().find("of another log"), std::string::npos);
  std::ofstream(PathOf("k3f9.key")) << "PRIVATE+KEY+epu/k3f9+00000000+secret";
  const absl::Status damaged = keys.Read("k3f9").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(damaged));
  EXPECT_EQ(damaged.message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace epu
