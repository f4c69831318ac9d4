#include "cli/tree_check.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/checkpoints.h"
#include "cli/terminal.h"
#include "eventlog/merkle.h"

namespace epu {
namespace {

constexpr std::size_t kNameShown = 80;

std::string Named(const Checkpoint& older) {
  return fmt::format("the checkpoint of {} ({} records)", DateOf(older), older.size);
}

std::optional<Hash> RootOfAll(const std::vector<std::optional<Hash>>& tops) {
  std::vector<Hash> hashes;
  for (const std::optional<Hash>& top : tops) {
    if (!top) return std::nullopt;
    hashes.push_back(*top);
  }
  return RootOf(hashes);
}

}  // namespace

void TreeCheck::AddUnreadable() {
  unreadable_ = true;
  AddLeaf({});
}

void TreeCheck::AddLeaf(const Hash& leaf) {
  leaves_.push_back(leaf);
  ++seen_;
  const bool full = leaves_.size() == kBlockRecords;
  if (older_ && seen_ == older_->size) {
    if (!full) older_tail_ = TailRoot();
    if (!full) older_found_ = RootWith(blocks_.size(), older_tail_);
  }
  if (!full) return;
  EndBlock();
  if (older_ && seen_ == older_->size) older_found_ = RootWith(blocks_.size(), std::nullopt);
}

void TreeCheck::EndBlock() {
  const std::size_t number = blocks_.size();
  const Block* const stored = number < stored_.blocks.size() ? &stored_.blocks[number] : nullptr;
  if (unreadable_) {
    blocks_.push_back(stored == nullptr ? std::nullopt : std::optional(stored->root));
  } else {
    const Block found = BlockOf(leaves_);
    blocks_.emplace_back(found.root);
    if (stored != nullptr && *stored == found) {
      ++agreeing_;
    } else if (stored != nullptr) {
      differences_.push_back({number, PlaceOfChange(stored->locator, found.locator)});
    }
  }
  leaves_.clear();
  unreadable_ = false;
}

std::optional<Hash> TreeCheck::TailRoot() const {
  return unreadable_ ? std::nullopt : std::optional(RootOf(leaves_));
}

// Of the first `blocks`, and of what follows the last of them.
std::optional<Hash> TreeCheck::RootWith(std::size_t blocks, const std::optional<Hash>& tail) const {
  std::vector<std::optional<Hash>> tops(blocks_.begin(),
                                        blocks_.begin() + static_cast<std::ptrdiff_t>(blocks));
  if (seen_ % kBlockRecords != 0) tops.push_back(tail);
  return RootOfAll(tops);
}

std::optional<Hash> TreeCheck::Root() const { return RootWith(blocks_.size(), TailRoot()); }

// The root at the size of the older checkpoint by the stored hashes instead of the records.
std::optional<Hash> TreeCheck::StoredRootAtOlder() const {
  const std::size_t blocks = older_->size / kBlockRecords;
  if (stored_.blocks.size() < blocks) return std::nullopt;
  std::vector<std::optional<Hash>> tops;
  for (std::size_t i = 0; i < blocks; ++i) tops.emplace_back(stored_.blocks[i].root);
  if (older_->size % kBlockRecords != 0) tops.push_back(older_tail_);
  return RootOfAll(tops);
}

std::string TreeCheck::Where(const Difference& difference) const {
  const Sequence after = difference.block * kBlockRecords;
  if (difference.place) return fmt::format("at {}", after + *difference.place + 1);
  return fmt::format("from {} to {}", after + 1, after + kBlockRecords);
}

// Without a checkpoint that covers it, either side may be what was altered.
void TreeCheck::AddDifferences(Sequence after, std::vector<std::string>& faults) const {
  for (const Difference& difference : differences_) {
    if ((difference.block + 1) * kBlockRecords <= after) continue;
    faults.push_back(
        fmt::format("damaged {}: {} not as stored at first, whatever the checksum says: "
                    "altered since, or the stored hash of the block was",
                    Where(difference), difference.place ? "the record is" : "the records are"));
  }
}

// The older checkpoint is not the one of these records. Where the stored hashes are those that it
// signs, they tell for certain which records are others.
void TreeCheck::AddChangesBeforeOlder(std::vector<std::string>& faults) const {
  const bool certain = StoredRootAtOlder() == older_->root;
  const std::size_t before = faults.size();
  for (const Difference& difference : differences_) {
    if (difference.block * kBlockRecords >= older_->size) continue;
    faults.push_back(fmt::format(
        "damaged {}: altered after {}{}", Where(difference), Named(*older_),
        certain ? ", which proves the stored hashes that differ" : ", by the stored hashes"));
  }
  if (faults.size() > before) return;
  const Sequence covered =
      std::min<Sequence>(agreeing_, older_->size / kBlockRecords) * kBlockRecords;
  std::string fault = fmt::format("this log did not grow from {}: a record up to {} was altered",
                                  Named(*older_), older_->size);
  if (covered > 0 && covered < older_->size) {
    fault += fmt::format("; from {} to {}, unless the stored hashes before were rewritten, too",
                         covered + 1, older_->size);
  } else {
    fault += "; no stored hash tells which";
  }
  faults.push_back(std::move(fault));
}

std::vector<std::string> TreeCheck::Faults(const std::set<std::string>& log_ids) const {
  std::vector<std::string> faults;
  if (!stored_.blocks.empty() && agreeing_ == 0 && !log_ids.contains(stored_.log_id)) {
    return {
        fmt::format("the stored hashes (log/tree) are of another log, {}; without that file "
                    "they are made anew",
                    EscapeAndCut(stored_.log_id, kNameShown))};
  }
  const Sequence stored = stored_.blocks.size() * kBlockRecords;
  if (stored > seen_) {
    faults.push_back(fmt::format(
        "cut short: hashes of {} records are stored, and the log ends at {}", stored, seen_));
  }
  if (!older_) {
    AddDifferences(0, faults);
    return faults;
  }
  const bool is_ours = std::any_of(log_ids.begin(), log_ids.end(), [&](const std::string& id) {
    return OriginOf(id) == older_->origin;
  });
  if (!is_ours) {
    faults.push_back(fmt::format("the checkpoint is of another log, {}; this one is {}",
                                 EscapeAndCut(older_->origin, kNameShown),
                                 log_ids.empty() ? "none" : OriginOf(*log_ids.rbegin())));
    AddDifferences(0, faults);
    return faults;
  }
  if (older_->size > seen_) {
    faults.push_back(fmt::format("cut short: {} covers what is behind {}, where the log ends",
                                 Named(*older_), seen_));
    AddDifferences(0, faults);
    return faults;
  }
  if (older_found_ == older_->root || older_->size == 0) {
    // The records are right, so what was stored of those blocks is wrong.
    for (const Difference& difference : differences_) {
      const Sequence last = (difference.block + 1) * kBlockRecords;
      if (last > older_->size) continue;
      faults.push_back(fmt::format(
          "the stored hash of {} to {} was altered; the records are those of the checkpoint "
          "(without log/tree it is made anew)",
          last - kBlockRecords + 1, last));
    }
    AddDifferences(older_->size, faults);
  } else if (!older_found_) {
    faults.push_back(fmt::format(
        "whether it grew from {} cannot be told without what cannot be read", Named(*older_)));
    AddDifferences(0, faults);
  } else {
    AddChangesBeforeOlder(faults);
    AddDifferences((older_->size + kBlockRecords - 1) / kBlockRecords * kBlockRecords, faults);
  }
  return faults;
}

}  // namespace epu
