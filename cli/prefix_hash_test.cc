#include "cli/prefix_hash.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace epu {
namespace {

constexpr std::uint64_t kBlock = PrefixHash::kBlock;

std::string Draw(std::size_t size) {
  std::mt19937 random(5);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(PrefixHash, IsTheSameHoweverTheBytesCome) {
  const std::string bytes = Draw(5 * kBlock + 77);
  PrefixHash whole(0, {});
  whole.Add(bytes);
  for (const std::size_t part : {std::size_t{1000}, std::size_t{kBlock}, std::size_t{99'999}}) {
    PrefixHash parts(0, {});
    for (std::size_t at = 0; at < bytes.size(); at += part) {
      parts.Add(std::string_view(bytes).substr(at, part));
    }
    for (std::uint64_t size = 0; size <= 5 * kBlock; size += kBlock) {
      EXPECT_EQ(parts.At(size), whole.At(size)) << part << " " << size;
      PrefixHash on(size, whole.At(size));
      on.Add(std::string_view(bytes).substr(size));
      EXPECT_EQ(on.At(5 * kBlock), whole.At(5 * kBlock));
      EXPECT_EQ(on.size(), bytes.size());
    }
  }
}

TEST(PrefixHash, IsAnotherWhereAnyByteIs) {
  std::string bytes = Draw(3 * kBlock);
  PrefixHash before(0, {});
  before.Add(bytes);
  for (const std::size_t at : {std::size_t{0}, std::size_t{kBlock}, std::size_t{3 * kBlock - 1}}) {
    bytes[at] ^= 1;
    PrefixHash after(0, {});
    after.Add(bytes);
    for (std::uint64_t size = 0; size <= 3 * kBlock; size += kBlock) {
      EXPECT_EQ(after.At(size) == before.At(size), size <= at) << at << " " << size;
    }
    bytes[at] ^= 1;
  }
}

}  // namespace
}  // namespace epu
