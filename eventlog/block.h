#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "eventlog/ids.h"
#include "eventlog/record.h"
#include "eventlog/sha256.h"

// The tree of a log: its leaves are the stored records, byte for byte, checksum included. 256 of
// them in a row are a block, a full subtree, of which more is kept than of a record: its root, and
// what finds the one record of it that was altered. Pure.

namespace epu {

inline constexpr Sequence kBlockRecords = 256;

// The record with sequence n is the leaf n - 1.
Hash HashRecord(RecordView record);

// Eight bytes of each leaf's hash, as parities: of all, and for each bit of a leaf's place in its
// block of those where it is set. When one leaf alone changes, its place can be read from them.
using Locator = std::array<std::uint64_t, 9>;

struct Block {
  Hash root{};
  Locator locator{};
  bool operator==(const Block&) const = default;
};

// REQUIRES: kBlockRecords of them.
Block BlockOf(std::span<const Hash> leaves);

// The place (from 0) of the one leaf in which two blocks differ. None where more of them do, or
// none.
std::optional<std::size_t> PlaceOfChange(const Locator& before, const Locator& after);

}  // namespace epu
