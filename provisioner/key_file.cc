#include "provisioner/key_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

namespace epu {

absl::StatusOr<std::string> ReadKeyFile(const std::string& directory, const std::string& name) {
  const std::string path = directory + "/" + name;
  const auto refuse = [&](std::string_view what) {
    return absl::FailedPreconditionError(fmt::format("the key {} {}", path, what));
  };
  if (name.empty() || name.find('/') != name.npos || name.front() == '.') {
    return absl::FailedPreconditionError(fmt::format("\"{}\" is no name of a key", name));
  }
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return refuse(fmt::format("cannot be read: {}", strerror(errno)));
  const absl::Cleanup closer = [file] { close(file); };
  struct stat status = {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return refuse("is no file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse(fmt::format("is open to others (mode {:04o}); chmod 600 it",
                              static_cast<unsigned>(status.st_mode & 07777)));
  }
  std::string text(kKeyBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return absl::UnavailableError(fmt::format("the key {}: {}", path, strerror(errno)));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kKeyBytesMax) return refuse(fmt::format("is over {} bytes large", kKeyBytesMax));
  text.resize(size);
  if (text.ends_with('\n')) text.pop_back();
  if (text.find('\0') != text.npos) return refuse("holds a zero byte, which no variable can");
  return text;
}

}  // namespace epu
