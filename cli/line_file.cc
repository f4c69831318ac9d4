#include "cli/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

namespace epu {
namespace {

constexpr off_t kBlock = 64 * 1024;

// Where the last line of a file of `size` bytes ends; −1 where it cannot be read.
off_t EndOfLines(int file, off_t size) {
  std::string block;
  for (off_t end = size; end > 0;) {
    const off_t begin = std::max<off_t>(end - kBlock, 0);
    block.resize(static_cast<std::size_t>(end - begin));
    const ssize_t got = pread(file, block.data(), block.size(), begin);
    if (got < 0 && errno == EINTR) continue;
    if (got != end - begin) return -1;
    const std::size_t last = block.rfind('\n');
    if (last != std::string::npos) return begin + static_cast<off_t>(last) + 1;
    end = begin;
  }
  return 0;
}

}  // namespace

absl::Status AppendLines(const std::string& path, std::string_view lines) {
  const auto failed = [&](int code) {
    return absl::ErrnoToStatus(code, fmt::format("cannot write {}", path));
  };
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return failed(errno);
  const absl::Cleanup closer = [file] { close(file); };
  struct stat facts {};
  if (fstat(file, &facts) != 0) return failed(errno);
  const off_t end = EndOfLines(file, facts.st_size);
  if (end < 0) return failed(errno == 0 ? EIO : errno);
  if (end != facts.st_size && ftruncate(file, end) != 0) return failed(errno);
  while (!lines.empty()) {
    const ssize_t written = write(file, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed(written == 0 ? ENOSPC : errno);
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

std::vector<std::string> LastLines(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0));
  const std::size_t from = size - std::min(size, most);
  file.seekg(static_cast<std::streamoff>(from));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> lines;
  std::size_t begin = from == 0 ? 0 : std::min(text.find('\n'), text.size() - 1) + 1;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

}  // namespace epu
