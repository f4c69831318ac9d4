#include "eventlog/log_tree.h"

#include <algorithm>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "eventlog/merkle.h"

namespace epu {

absl::StatusOr<std::vector<Hash>> HashRecords(const EventLog& log, Sequence after, Sequence last) {
  std::vector<Hash> hashes;
  hashes.reserve(last - after);
  for (Sequence position = after; position < last;) {
    const ReadLimit limit{std::min<std::size_t>(last - position, ReadLimit{}.records)};
    const absl::StatusOr<Sequence> seen =
        log.Visit(position, limit, [&](Sequence, RecordView record) {
          hashes.push_back(HashRecord(record));
          return true;
        });
    if (!seen.ok()) return seen.status();
    if (*seen == position) {
      return absl::OutOfRangeError(fmt::format("the log ends at {}", position));
    }
    position = *seen;
  }
  return hashes;
}

Hash LogTree::Root() const { return RootOf(tops); }

absl::StatusOr<LogTree> ReadLogTree(const EventLog& log, Sequence size,
                                    std::span<const Block> stored) {
  LogTree tree{size, {}};
  const std::size_t known = std::min<std::size_t>(stored.size(), size / kBlockRecords);
  for (const Block& block : stored.first(known)) tree.tops.push_back(block.root);
  for (Sequence after = known * kBlockRecords; after < size; after += kBlockRecords) {
    const absl::StatusOr<std::vector<Hash>> leaves =
        HashRecords(log, after, std::min(after + kBlockRecords, size));
    if (!leaves.ok()) return leaves.status();
    tree.tops.push_back(RootOf(*leaves));
  }
  return tree;
}

absl::StatusOr<std::vector<Hash>> PathOf(const EventLog& log, const LogTree& tree,
                                         Sequence sequence) {
  CHECK(0 < sequence && sequence <= tree.size);
  const std::uint64_t block = (sequence - 1) / kBlockRecords;
  const Sequence after = block * kBlockRecords;
  const Sequence last = std::min(after + kBlockRecords, tree.size);
  const absl::StatusOr<std::vector<Hash>> leaves = HashRecords(log, after, last);
  if (!leaves.ok()) return leaves.status();
  if (RootOf(*leaves) != tree.tops[block]) {
    return absl::DataLossError(
        fmt::format("a record from {} to {} was altered, or the stored hash of their block; see: "
                    "epumgmt verify",
                    after + 1, last));
  }
  std::vector<Hash> path = InclusionPath(sequence - after - 1, *leaves);
  const std::vector<Hash> above = InclusionPath(block, tree.tops);
  path.insert(path.end(), above.begin(), above.end());
  return path;
}

}  // namespace epu
