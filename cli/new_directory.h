#pragma once

#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// A directory that is there whole or not at all: filled beside its place under another name, and
// then moved there.

namespace epu {

class NewDirectory {
 public:
  // Makes a directory to be filled at UnfinishedPath().
  //   kInvalidArgument  `path` is there, and is no empty directory.
  //   kUnavailable      the directory cannot be made.
  static absl::StatusOr<std::unique_ptr<NewDirectory>> Make(const std::string& path);
  NewDirectory(const NewDirectory&) = delete;
  NewDirectory& operator=(const NewDirectory&) = delete;
  ~NewDirectory();  // Removes what was not finished.

  const std::string& UnfinishedPath() const { return unfinished_; }

  // Moves what is in it to its place. REQUIRES: its files are synced and closed.
  absl::Status Finish();

 private:
  explicit NewDirectory(std::string path);

  const std::string path_;
  const std::string unfinished_;
  bool finished_ = false;
};

}  // namespace epu
