#include "eventlog/tree_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kMagic = "EPUTREE1";
constexpr std::size_t kIdBytes = 8;  // Of which a log's id has four; the rest is zero.
constexpr std::size_t kHeadBytes = 16;
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kBlockBytes = sizeof(Hash) + sizeof(Locator) + kCheckBytes;

absl::Status SystemError(const std::string& path, int code) {
  const std::string message = fmt::format("{}: {}", path, std::strerror(code));
  if (code == ENOSPC || code == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

std::string HeadOf(std::string_view log_id) {
  std::string head(kMagic);
  head += log_id.substr(0, kIdBytes);
  head.resize(kHeadBytes, '\0');
  return head;
}

// A block that was cut short, shifted or damaged is not taken for one.
std::string Encoded(std::size_t number, const Block& block) {
  std::string bytes(kBlockBytes, '\0');
  std::memcpy(bytes.data(), block.root.data(), sizeof(Hash));
  std::memcpy(bytes.data() + sizeof(Hash), block.locator.data(), sizeof(Locator));
  const std::uint64_t place[] = {number};
  const Hash check = Sha256(
      {BytesOf(place), BytesOf(std::string_view(bytes).substr(0, kBlockBytes - kCheckBytes))});
  std::memcpy(bytes.data() + kBlockBytes - kCheckBytes, check.data(), kCheckBytes);
  return bytes;
}

Block Decoded(std::string_view bytes) {
  Block block;
  std::memcpy(block.root.data(), bytes.data(), sizeof(Hash));
  std::memcpy(block.locator.data(), bytes.data() + sizeof(Hash), sizeof(Locator));
  return block;
}

}  // namespace

StoredTree TreeFile::Read() const {
  std::ifstream file(path_, std::ios::binary);
  std::string bytes(kHeadBytes, '\0');
  if (!file.read(bytes.data(), kHeadBytes) || !bytes.starts_with(kMagic)) return {};
  StoredTree tree;
  tree.log_id = bytes.substr(kMagic.size(), bytes.find('\0', kMagic.size()) - kMagic.size());
  bytes.resize(kBlockBytes);
  while (file.read(bytes.data(), kBlockBytes)) {
    const Block block = Decoded(bytes);
    if (Encoded(tree.blocks.size(), block) != bytes) break;
    tree.blocks.push_back(block);
  }
  return tree;
}

absl::Status TreeFile::Write(std::string_view log_id, std::size_t first,
                             std::span<const Block> blocks) const {
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return SystemError(path_, errno);
  const absl::Cleanup close = [&] { ::close(file); };
  std::string bytes = first == 0 ? HeadOf(log_id) : "";
  const std::size_t begin = first == 0 ? 0 : kHeadBytes + first * kBlockBytes;
  for (std::size_t i = 0; i < blocks.size(); ++i) bytes += Encoded(first + i, blocks[i]);
  if (::ftruncate(file, static_cast<off_t>(begin)) != 0) return SystemError(path_, errno);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t some =
        ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(begin + done));
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return SystemError(path_, errno);
    done += static_cast<std::size_t>(some);
  }
  return absl::OkStatus();
}

void TreeFile::SetAside() const { std::rename(path_.c_str(), (path_ + ".other").c_str()); }

}  // namespace epu
