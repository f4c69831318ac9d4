#include "cli/worker_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

absl::Status FileError(const std::string& path, int code) {
  const std::string message = fmt::format("{}: {}", path, std::strerror(code));
  if (code == ENOENT || code == ENOTDIR) return absl::NotFoundError(message);
  if (code == EACCES || code == EPERM) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

}  // namespace

absl::StatusOr<WorkerOutput> WorkerOutput::Open(const std::string& path) {
  // A worker may have put a pipe in its place, which must not be waited for.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return FileError(path, errno);
  WorkerOutput output(file, path);
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return FileError(path, errno);
  if (!S_ISREG(facts.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: not a file", path));
  }
  return output;
}

WorkerOutput::WorkerOutput(WorkerOutput&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      offset_(other.offset_) {}

WorkerOutput::~WorkerOutput() {
  if (file_ >= 0) ::close(file_);
}

absl::Status WorkerOutput::SeekLastLines(std::size_t lines) {
  const absl::StatusOr<off_t> size = Size();
  if (!size.ok()) return size.status();
  offset_ = *size;
  off_t end = *size;  // Not yet looked at: everything before it.
  while (lines > 0 && end > 0) {
    const off_t begin = std::max<off_t>(end - static_cast<off_t>(kChunkBytes), 0);
    const absl::StatusOr<std::string> chunk = ReadAt(begin, static_cast<std::size_t>(end - begin));
    if (!chunk.ok()) return chunk.status();
    for (std::size_t i = chunk->size(); i > 0; --i) {
      const off_t behind = begin + static_cast<off_t>(i);
      const bool ends_line = (*chunk)[i - 1] == '\n' && behind < *size;  // Not the last line's end.
      if (ends_line && --lines == 0) {
        offset_ = behind;
        return absl::OkStatus();
      }
    }
    end = begin;
  }
  if (lines > 0) offset_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::string> WorkerOutput::ReadSome() {
  const absl::StatusOr<off_t> size = Size();
  if (!size.ok()) return size.status();
  if (*size < offset_) offset_ = 0;
  absl::StatusOr<std::string> text = ReadAt(offset_, kChunkBytes);
  if (text.ok()) offset_ += static_cast<off_t>(text->size());
  return text;
}

absl::StatusOr<std::string> WorkerOutput::ReadAt(off_t offset, std::size_t bytes) const {
  std::string text(bytes, '\0');
  std::size_t read = 0;
  while (read < bytes) {
    const ssize_t some =
        ::pread(file_, text.data() + read, bytes - read, offset + static_cast<off_t>(read));
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return FileError(path_, errno);
    if (some == 0) break;
    read += static_cast<std::size_t>(some);
  }
  text.resize(read);
  return text;
}

absl::StatusOr<off_t> WorkerOutput::Size() const {
  struct stat facts {};
  if (::fstat(file_, &facts) != 0) return FileError(path_, errno);
  return facts.st_size;
}

}  // namespace epu
