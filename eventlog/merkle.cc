#include "eventlog/merkle.h"

#include <bit>

#include "eventlog/check.h"

namespace epu {
namespace {

// A leaf cannot be taken for an inner node, nor the other way round.
constexpr std::uint8_t kLeafPrefix[] = {0};
constexpr std::uint8_t kNodePrefix[] = {1};

// The largest power of two below `size`: how many leaves are on the left. REQUIRES: size > 1.
std::uint64_t LeftOf(std::uint64_t size) { return std::bit_floor(size - 1); }

// `known`: whether the verifier has the root of all `leaves`, because the old tree is exactly them.
void AddConsistency(std::uint64_t size, std::span<const Hash> leaves, bool known,
                    std::vector<Hash>& path) {
  if (size == leaves.size()) {
    if (!known) path.push_back(RootOf(leaves));
    return;
  }
  const std::uint64_t left = LeftOf(leaves.size());
  if (size <= left) {
    AddConsistency(size, leaves.first(left), known, path);
    path.push_back(RootOf(leaves.subspan(left)));
  } else {
    AddConsistency(size - left, leaves.subspan(left), false, path);
    path.push_back(RootOf(leaves.first(left)));
  }
}

}  // namespace

Hash HashLeaf(Bytes leaf) { return Sha256({kLeafPrefix, leaf}); }

Hash HashChildren(const Hash& left, const Hash& right) {
  return Sha256({kNodePrefix, left, right});
}

Hash RootOf(std::span<const Hash> leaves) {
  if (leaves.empty()) return Sha256({});
  if (leaves.size() == 1) return leaves[0];
  const std::uint64_t left = LeftOf(leaves.size());
  return HashChildren(RootOf(leaves.first(left)), RootOf(leaves.subspan(left)));
}

std::vector<Hash> InclusionPath(std::uint64_t index, std::span<const Hash> leaves) {
  CHECK(index < leaves.size());
  if (leaves.size() == 1) return {};
  const std::uint64_t left = LeftOf(leaves.size());
  const bool is_left = index < left;
  std::vector<Hash> path = is_left ? InclusionPath(index, leaves.first(left))
                                   : InclusionPath(index - left, leaves.subspan(left));
  path.push_back(RootOf(is_left ? leaves.subspan(left) : leaves.first(left)));
  return path;
}

std::optional<Hash> RootByPath(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                               std::span<const Hash> path) {
  if (index >= size) return std::nullopt;
  Hash root = leaf;
  std::uint64_t last = size - 1;  // The last node of the level that `root` is on, `index` its own.
  for (const Hash& sibling : path) {
    if (last == 0) return std::nullopt;
    if (index % 2 == 1 || index == last) {
      root = HashChildren(sibling, root);
      while (index % 2 == 0 && index != 0) {  // It has no sibling here and moves up as it is.
        index /= 2;
        last /= 2;
      }
    } else {
      root = HashChildren(root, sibling);
    }
    index /= 2;
    last /= 2;
  }
  if (last != 0) return std::nullopt;
  return root;
}

std::vector<Hash> ConsistencyPath(std::uint64_t size, std::span<const Hash> leaves) {
  CHECK(0 < size && size <= leaves.size());
  std::vector<Hash> path;
  AddConsistency(size, leaves, true, path);
  return path;
}

bool IsConsistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                  const Hash& root, std::span<const Hash> path) {
  if (old_size == 0 || old_size > size) return false;
  if (old_size == size) return path.empty() && old_root == root;
  // A full old tree is a node of the new one: its root is where the path begins.
  const bool is_full = std::has_single_bit(old_size);
  if (path.empty() && !is_full) return false;
  Hash old_found = is_full ? old_root : path.front();
  Hash found = old_found;
  if (!is_full) path = path.subspan(1);
  std::uint64_t index = old_size - 1;
  std::uint64_t last = size - 1;
  while (index % 2 == 1) {
    index /= 2;
    last /= 2;
  }
  for (const Hash& sibling : path) {
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      old_found = HashChildren(sibling, old_found);
      found = HashChildren(sibling, found);
      while (index % 2 == 0 && index != 0) {
        index /= 2;
        last /= 2;
      }
    } else {
      found = HashChildren(found, sibling);
    }
    index /= 2;
    last /= 2;
  }
  return last == 0 && old_found == old_root && found == root;
}

}  // namespace epu
