#include "cli/new_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kPart = ".part";

absl::Status SystemError(const std::string& path, int code) {
  return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(code)));
}

absl::Status IsThere(const std::string& path) {
  return absl::InvalidArgumentError(
      fmt::format("{} is there already; name another, or replace it with --force", path));
}

std::string DirectoryOf(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path();
  return directory.empty() ? "." : directory;
}

}  // namespace

absl::StatusOr<std::unique_ptr<NewFile>> NewFile::Make(const std::string& path, Existing existing,
                                                       mode_t mode) {
  struct stat facts {};
  const bool there = ::lstat(path.c_str(), &facts) == 0;
  if (there && existing == Existing::kRefuse) return IsThere(path);
  if (there && !S_ISREG(facts.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{} is no file that could be replaced", path));
  }
  RemoveAbandoned(path);
  std::unique_ptr<NewFile> file(new NewFile(path, existing));
  const int made =
      ::open(file->unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (made < 0) {
    file->finished_ = true;  // There is nothing to remove.
    return SystemError(path, errno);
  }
  ::close(made);
  return file;
}

NewFile::NewFile(std::string path, Existing existing)
    : path_(std::move(path)), unfinished_(UnfinishedPathOf(path_)), existing_(existing) {}

NewFile::~NewFile() {
  if (!finished_) ::unlink(unfinished_.c_str());
}

absl::Status NewFile::Finish() {
  if (absl::Status synced = SyncPath(unfinished_); !synced.ok()) return synced;
  if (existing_ == Existing::kReplace) {
    if (::rename(unfinished_.c_str(), path_.c_str()) != 0) return SystemError(path_, errno);
  } else {
    // Unlike a rename, a link never takes the place of a file that came meanwhile.
    if (::link(unfinished_.c_str(), path_.c_str()) != 0) {
      return errno == EEXIST ? IsThere(path_) : SystemError(path_, errno);
    }
    ::unlink(unfinished_.c_str());
  }
  finished_ = true;
  return SyncPath(DirectoryOf(path_));
}

absl::Status WriteNewFile(const std::string& path, const std::string& text, Existing existing,
                          mode_t mode) {
  absl::StatusOr<std::unique_ptr<NewFile>> file = NewFile::Make(path, existing, mode);
  if (!file.ok()) return file.status();
  std::ofstream out((*file)->UnfinishedPath(), std::ios::binary);
  out << text;
  out.close();
  if (!out) return absl::UnavailableError(fmt::format("{} could not be written", path));
  return (*file)->Finish();
}

std::string UnfinishedPathOf(const std::string& path) {
  return fmt::format("{}.{}{}", path, ::getpid(), kPart);
}

void RemoveAbandoned(const std::string& path) {
  const std::string begin = std::filesystem::path(path).filename().string() + ".";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(DirectoryOf(path), error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(begin) || !name.ends_with(kPart)) continue;
    if (name.size() <= begin.size() + kPart.size()) continue;
    const std::string_view digits =
        std::string_view(name).substr(begin.size(), name.size() - begin.size() - kPart.size());
    pid_t writer = 0;
    const auto parsed = std::from_chars(digits.begin(), digits.end(), writer);
    if (parsed.ec != std::errc() || parsed.ptr != digits.end() || writer <= 0) continue;
    if (::kill(writer, 0) == 0 || errno != ESRCH) continue;
    std::filesystem::remove_all(entry.path(), error);
  }
}

absl::Status SyncPath(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return SystemError(path, errno);
  const int code = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  return code == 0 ? absl::OkStatus() : SystemError(path, code);
}

}  // namespace epu
