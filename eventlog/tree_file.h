#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "eventlog/block.h"

// The blocks of a log's tree, stored in the file `tree` beside it: 112 bytes for 256 records, so
// that a root does not take hashing every record again, and so that a record altered later is
// named. Derived data: what is missing or damaged is hashed again from the log.
//
// The file is a head of 16 bytes with the format's version and the log's id, and then the blocks in
// their order, each with a checksum. It only grows.

namespace epu {

// What of a tree was stored.
struct StoredTree {
  std::string log_id;  // "" where there is none.
  std::vector<Block> blocks;
};

// Many may read while one writes.
class TreeFile {
 public:
  // That of the log in `log_directory`. Nothing is opened yet.
  explicit TreeFile(const std::string& log_directory) : path_(log_directory + "/tree") {}

  // What is there, up to the first block that is damaged. Nothing where the file is missing, cannot
  // be read, or is none of this version.
  StoredTree Read() const;

  // Writes `blocks` as those from the block `first` on (from 0), of the log `log_id`; with `first`
  // 0 the file is begun anew. REQUIRES: `first` were written before.
  //   kUnavailable, kResourceExhausted  of the system; what was written counts as far as it is
  //   whole
  absl::Status Write(std::string_view log_id, std::size_t first,
                     std::span<const Block> blocks) const;

  // Keeps what is there as `tree.other`, where nobody looks at it but people.
  void SetAside() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace epu
