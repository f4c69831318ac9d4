#include "eventlog/block.h"

#include <cstring>

#include "eventlog/check.h"
#include "eventlog/merkle.h"

namespace epu {

Hash HashRecord(RecordView record) { return HashLeaf(BytesOf(record)); }

Block BlockOf(std::span<const Hash> leaves) {
  CHECK(leaves.size() == kBlockRecords);
  Block block{RootOf(leaves), {}};
  for (std::size_t place = 0; place < leaves.size(); ++place) {
    std::uint64_t part = 0;
    std::memcpy(&part, leaves[place].data(), sizeof part);
    block.locator[0] ^= part;
    for (std::size_t bit = 0; bit + 1 < block.locator.size(); ++bit) {
      if ((place >> bit) & 1) block.locator[bit + 1] ^= part;
    }
  }
  return block;
}

std::optional<std::size_t> PlaceOfChange(const Locator& before, const Locator& after) {
  const std::uint64_t change = before[0] ^ after[0];
  if (change == 0) return std::nullopt;
  std::size_t place = 0;
  for (std::size_t bit = 0; bit + 1 < before.size(); ++bit) {
    const std::uint64_t here = before[bit + 1] ^ after[bit + 1];
    if (here != 0 && here != change) return std::nullopt;
    if (here != 0) place |= std::size_t{1} << bit;
  }
  return place;
}

}  // namespace epu
