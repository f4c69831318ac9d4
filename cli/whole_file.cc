#include "cli/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

namespace epu {
namespace {

// 0, or errno.
int WriteAndSync(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t some = ::write(file, text.data(), text.size());
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(some));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

}  // namespace

absl::Status WriteWhole(const std::string& path, std::string_view text, mode_t mode) {
  const auto fail = [&](int code) {
    return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(code)));
  };
  const std::string unfinished = fmt::format("{}.{}", path, ::getpid());
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return fail(errno);
  int code = WriteAndSync(file, text);
  ::close(file);
  if (code == 0 && std::rename(unfinished.c_str(), path.c_str()) != 0) code = errno;
  if (code == 0) return absl::OkStatus();
  ::unlink(unfinished.c_str());
  return fail(code);
}

}  // namespace epu
