#include "eventlog/merkle.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace epu {
namespace {

std::string Hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// The eight leaves with which implementations of certificate transparency test themselves.
std::vector<Hash> KnownLeaves() {
  std::vector<Hash> leaves;
  for (const std::vector<std::uint8_t>& leaf :
       std::vector<std::vector<std::uint8_t>>{{},
                                              {0x00},
                                              {0x10},
                                              {0x20, 0x21},
                                              {0x30, 0x31},
                                              {0x40, 0x41, 0x42, 0x43},
                                              {0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57},
                                              {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
                                               0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f}}) {
    leaves.push_back(HashLeaf(leaf));
  }
  return leaves;
}

// That many different leaves.
std::vector<Hash> Leaves(std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(HashLeaf(BytesOf(std::to_string(i))));
  return leaves;
}

std::vector<std::string> Hexes(const std::vector<Hash>& hashes) {
  std::vector<std::string> hexes;
  for (const Hash& hash : hashes) hexes.push_back(Hex(hash));
  return hexes;
}

TEST(Merkle, HasTheKnownRoots) {
  const std::vector<std::string> roots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  const std::vector<Hash> leaves = KnownLeaves();
  for (std::size_t size = 0; size < roots.size(); ++size) {
    EXPECT_EQ(Hex(RootOf(std::span(leaves).first(size))), roots[size]) << size;
  }
}

TEST(Merkle, HasTheKnownInclusionPaths) {
  const struct {
    std::uint64_t index;
    std::size_t size;
    std::vector<std::string> path;
  } cases[] = {
      {0, 1, {}},
      {0,
       8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {5,
       8,
       {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
      {1,
       5,
       {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  const std::vector<Hash> leaves = KnownLeaves();
  for (const auto& [index, size, path] : cases) {
    EXPECT_EQ(Hexes(InclusionPath(index, std::span(leaves).first(size))), path) << index << size;
  }
}

TEST(Merkle, HasTheKnownConsistencyPaths) {
  const struct {
    std::uint64_t old_size;
    std::size_t size;
    std::vector<std::string> path;
  } cases[] = {
      {1, 1, {}},
      {1,
       8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {6,
       8,
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2,
       5,
       {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  const std::vector<Hash> leaves = KnownLeaves();
  for (const auto& [old_size, size, path] : cases) {
    EXPECT_EQ(Hexes(ConsistencyPath(old_size, std::span(leaves).first(size))), path)
        << old_size << size;
  }
}

TEST(Merkle, ProvesEveryLeafOfEverySizeAndNothingElse) {
  const std::vector<Hash> all = Leaves(300);
  for (std::size_t size = 1; size <= all.size(); size += size < 40 ? 1 : 13) {
    const auto leaves = std::span(all).first(size);
    const Hash root = RootOf(leaves);
    for (std::uint64_t index = 0; index < size; ++index) {
      std::vector<Hash> path = InclusionPath(index, leaves);
      ASSERT_EQ(RootByPath(leaves[index], index, size, path), root) << index << " of " << size;
      if (size > 1) {
        EXPECT_NE(RootByPath(leaves[(index + 1) % size], index, size, path), root);
        EXPECT_NE(RootByPath(leaves[index], (index + 1) % size, size, path), root);
        path.front()[7] ^= 1;
        EXPECT_NE(RootByPath(leaves[index], index, size, path), root);
        path.pop_back();
        EXPECT_EQ(RootByPath(leaves[index], index, size, path), std::nullopt);
      }
    }
    EXPECT_EQ(RootByPath(leaves[0], size, size, {}), std::nullopt) << "beyond the end";
  }
}

TEST(Merkle, ProvesThatEverySizeBeginsWithEverySmallerOneAndNothingElse) {
  const std::vector<Hash> all = Leaves(300);
  for (std::size_t size = 1; size <= all.size(); size += size < 40 ? 1 : 37) {
    const auto leaves = std::span(all).first(size);
    const Hash root = RootOf(leaves);
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Hash old_root = RootOf(leaves.first(old_size));
      std::vector<Hash> path = ConsistencyPath(old_size, leaves);
      ASSERT_TRUE(IsConsistent(old_size, old_root, size, root, path)) << old_size << " " << size;
      Hash other = old_root;
      other[31] ^= 1;
      EXPECT_FALSE(IsConsistent(old_size, other, size, root, path));
      EXPECT_FALSE(IsConsistent(old_size, old_root, size, other, path));
      path.push_back(root);
      EXPECT_FALSE(IsConsistent(old_size, old_root, size, root, path)) << "a hash too many";
      if (path.size() == 1) continue;
      path.pop_back();
      path.back()[0] ^= 1;
      EXPECT_FALSE(IsConsistent(old_size, old_root, size, root, path));
      path.pop_back();
      EXPECT_FALSE(IsConsistent(old_size, old_root, size, root, path)) << "a hash too few";
    }
    EXPECT_FALSE(IsConsistent(0, RootOf({}), size, root, {}));
    EXPECT_FALSE(IsConsistent(size + 1, root, size, root, {}));
  }
}

TEST(Merkle, ComposesOfFullSubtrees) {
  constexpr std::size_t kFull = 16;
  const std::vector<Hash> all = Leaves(300);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const auto leaves = std::span(all).first(size);
    std::vector<Hash> tops;
    for (std::size_t begin = 0; begin < size; begin += kFull) {
      tops.push_back(RootOf(leaves.subspan(begin, std::min(kFull, size - begin))));
    }
    ASSERT_EQ(RootOf(tops), RootOf(leaves)) << size;
    const std::uint64_t index = size * 7 / 11;
    const std::size_t top = index / kFull;
    std::vector<Hash> path = InclusionPath(
        index % kFull, leaves.subspan(top * kFull, std::min(kFull, size - top * kFull)));
    const std::vector<Hash> above = InclusionPath(top, tops);
    path.insert(path.end(), above.begin(), above.end());
    EXPECT_EQ(path, InclusionPath(index, leaves)) << size;
  }
}

}  // namespace
}  // namespace epu
