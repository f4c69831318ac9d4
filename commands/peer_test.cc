#include "commands/peer.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Peer, ReadsTheUserOutOfAnAddress) {
  const struct {
    std::string_view address;
    std::optional<std::uint32_t> user;
  } kCases[] = {
      {"localhost:0:0:9090", 0},
      {"localhost:1000:100:4127", 1000},
      {"localhost:4294967295:0:1", 4294967295},
      {"", std::nullopt},
      {"localhost", std::nullopt},
      {"localhost:", std::nullopt},
      {"localhost::0:1", std::nullopt},
      {"localhost:-1:0:1", std::nullopt},
      {"localhost:4294967296:0:1", std::nullopt},
      {"localhost:0", std::nullopt},
      {"localhost:4127", std::nullopt},
      {"127.0.0.1:0:0:1", std::nullopt},
  };
  for (const auto& [address, user] : kCases) EXPECT_EQ(ParsePeerUser(address), user) << address;
}

TEST(Peer, OnlyTheOwnerAndRootMayCommand) {
  EXPECT_TRUE(MayCommand(1000, 1000));
  EXPECT_TRUE(MayCommand(0, 1000));
  EXPECT_FALSE(MayCommand(1001, 1000));
  EXPECT_FALSE(MayCommand(1000, 0));
}

TEST(Peer, NamesAUserByTheDatabaseOrElseByNumber) {
  Authors authors;
  EXPECT_EQ(authors.Find(0), (Author{0, "root"}));
  EXPECT_EQ(authors.Find(4'000'000'001), (Author{4'000'000'001, "4000000001"}));
}

}  // namespace
}  // namespace epu
