#include "cli/new_directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cli/new_file.h"

namespace epu {
namespace {

absl::Status SystemError(const std::string& path, int code) {
  return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(code)));
}

// Absolute, without a slash at its end: something is made beside it.
std::string Normal(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path + "/", error);
  return whole.lexically_normal().parent_path().string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<NewDirectory>> NewDirectory::Make(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  if (std::filesystem::exists(there)) {
    if (!std::filesystem::is_directory(there)) {
      return absl::InvalidArgumentError(fmt::format("{} is no directory", path));
    }
    const bool empty = std::filesystem::is_empty(path, error);
    if (error) return SystemError(path, error.value());
    if (!empty) {
      return absl::InvalidArgumentError(
          fmt::format("{} is not empty; name a new or an empty directory", path));
    }
  }
  std::unique_ptr<NewDirectory> directory(new NewDirectory(Normal(path)));
  RemoveAbandoned(directory->path_);
  if (::mkdir(directory->unfinished_.c_str(), 0700) != 0) {
    const int code = errno;
    directory->finished_ = true;  // There is nothing of ours to remove.
    return SystemError(path, code);
  }
  return directory;
}

NewDirectory::NewDirectory(std::string path)
    : path_(std::move(path)), unfinished_(UnfinishedPathOf(path_)) {}

NewDirectory::~NewDirectory() {
  if (finished_) return;
  std::error_code error;
  std::filesystem::remove_all(unfinished_, error);
}

absl::Status NewDirectory::Finish() {
  if (absl::Status synced = SyncPath(unfinished_); !synced.ok()) return synced;
  // Takes the place of an empty directory, and of nothing else.
  if (std::rename(unfinished_.c_str(), path_.c_str()) != 0) return SystemError(path_, errno);
  finished_ = true;
  return SyncPath(std::filesystem::path(path_).parent_path());
}

}  // namespace epu
