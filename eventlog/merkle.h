#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eventlog/sha256.h"

// The Merkle tree of RFC 6962, section 2.1: one hash that stands for a list of leaves, short proofs
// that a leaf is in it (inclusion), and that one list begins with another (consistency). Pure; all
// of it over hashes of leaves.
//
// Trees compose: the root over the roots of full subtrees of 2^k leaves, and the root of the fewer
// leaves that follow as the last of them, is the root over all the leaves, and a path through one
// of them is its path there followed by its path among them.

namespace epu {

Hash HashLeaf(Bytes leaf);
Hash HashChildren(const Hash& left, const Hash& right);

// The root over `leaves`; of none, the hash of nothing.
Hash RootOf(std::span<const Hash> leaves);

// ---- Inclusion ----

// The path from leaf `index` (from 0) to the root. REQUIRES: index < leaves.size().
std::vector<Hash> InclusionPath(std::uint64_t index, std::span<const Hash> leaves);

// The root to which `path` leads from `leaf`, the leaf `index` of `size`; none where no such path
// has this length.
std::optional<Hash> RootByPath(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                               std::span<const Hash> path);

// ---- Consistency ----

// The proof that `leaves` begin with the first `size` of them. REQUIRES: 0 < size <= leaves.size().
std::vector<Hash> ConsistencyPath(std::uint64_t size, std::span<const Hash> leaves);

// Whether `path` proves that the tree of `size` leaves and `root` begins with that of `old_size`
// and `old_root`. Never for an empty tree, with which every tree begins.
bool IsConsistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                  const Hash& root, std::span<const Hash> path);

}  // namespace epu
