#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "eventlog/block.h"
#include "eventlog/checkpoint.h"
#include "eventlog/record.h"
#include "eventlog/tree_file.h"

// The tree of a log as its records come by, held against what was stored of it and against an older
// checkpoint; and what can be said of where they differ.

namespace epu {

class TreeCheck {
 public:
  // Both outlive this.
  TreeCheck(const StoredTree& stored, const std::optional<Checkpoint>& older)
      : stored_(stored), older_(older) {}

  // The next record, from the first on.
  void Add(RecordView record) { AddLeaf(HashRecord(record)); }

  // The next one is missing, or cannot be read. Of its block only the stored hash is known.
  void AddUnreadable();

  // The root over all that came by; none where a record of it could not be read and no hash of its
  // block is stored.
  std::optional<Hash> Root() const;

  // How many of the stored blocks are those of the records.
  std::size_t agreeing() const { return agreeing_; }

  // What was found, each named as closely as can be. `log_ids` are those that the log went by.
  std::vector<std::string> Faults(const std::set<std::string>& log_ids) const;

 private:
  // A block that is not the stored one, and which record of it differs, if it is one.
  struct Difference {
    std::size_t block = 0;
    std::optional<std::size_t> place;
  };

  void AddLeaf(const Hash& leaf);
  void EndBlock();
  std::optional<Hash> TailRoot() const;
  std::optional<Hash> RootWith(std::size_t blocks, const std::optional<Hash>& tail) const;
  std::optional<Hash> StoredRootAtOlder() const;
  std::string Where(const Difference& difference) const;
  void AddDifferences(Sequence after, std::vector<std::string>& faults) const;
  void AddChangesBeforeOlder(std::vector<std::string>& faults) const;

  const StoredTree& stored_;
  const std::optional<Checkpoint>& older_;
  Sequence seen_ = 0;
  std::vector<Hash> leaves_;  // Of the block that is not full yet.
  bool unreadable_ = false;   // A record of it.
  std::vector<std::optional<Hash>> blocks_;
  std::size_t agreeing_ = 0;
  std::vector<Difference> differences_;
  std::optional<Hash> older_tail_;  // Of the block in which the older checkpoint ends, up to there.
  std::optional<Hash> older_found_;  // The root that the records have at its size.
};

}  // namespace epu
