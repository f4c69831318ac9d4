#pragma once

#include <cstddef>
#include <string>

// The reserve that a durable log keeps for the day its disk is full: a file of allocated blocks
// beside the data. Deleting it makes room for the few batches that must be recorded even then.

namespace epu {

// The file itself is the only state, so that processes which take over from one another agree on
// it. Calls of one object are made by one thread at a time.
class ReserveFile {
 public:
  // The reserve `directory`/reserve of `bytes` bytes; with 0 bytes there is none, and it always
  // counts as laid by.
  ReserveFile(const std::string& directory, std::size_t bytes);
  ReserveFile(const ReserveFile&) = delete;
  ReserveFile& operator=(const ReserveFile&) = delete;

  // Whether the file is there in its full size.
  bool IsLaidBy() const;

  // Allocates the file if the file system has at least twice its size free, and returns whether it
  // is laid by then. Twice, because a reserve that takes the last room is spent again with the next
  // batch.
  bool LayBy() const;

  // Deletes the file.
  void Spend() const;

 private:
  const std::string directory_;
  const std::string path_;
  const std::size_t bytes_;
};

}  // namespace epu
