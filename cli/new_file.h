#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// A file that is there whole or not at all: written beside its place under another name, synced,
// and then moved there.

namespace epu {

// What to do with a file that is there already.
enum class Existing { kRefuse, kReplace };

class NewFile {
 public:
  // Makes an empty file to be written at UnfinishedPath().
  //   kInvalidArgument  there is a file at `path`, and `existing` refuses it.
  //   kUnavailable      the file cannot be made.
  static absl::StatusOr<std::unique_ptr<NewFile>> Make(const std::string& path, Existing existing,
                                                       mode_t mode = 0666);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();  // Removes what was not finished.

  const std::string& UnfinishedPath() const { return unfinished_; }

  // Moves what was written to its place. REQUIRES: it was written, flushed and closed.
  absl::Status Finish();

 private:
  NewFile(std::string path, Existing existing);

  const std::string path_;
  const std::string unfinished_;
  const Existing existing_;
  bool finished_ = false;
};

// Makes a file of `text`. Errors as Make.
absl::Status WriteNewFile(const std::string& path, const std::string& text, Existing existing,
                          mode_t mode = 0666);

// Where `path` is written until it is whole.
std::string UnfinishedPathOf(const std::string& path);

// Removes what writers of `path` left there when they were killed; done by each Make. A writer is
// known by its process, so this is for writers on one machine.
void RemoveAbandoned(const std::string& path);

// Makes the file or directory at `path` outlast a power cut.
absl::Status SyncPath(const std::string& path);

}  // namespace epu
