#include "commands/peer.h"

#include <pwd.h>

#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace epu {
namespace {

// An entry of the user database is far smaller; one that is not is as good as none.
constexpr std::size_t kEntryBytesMax = 16384;

std::string NameOf(std::uint32_t user_id) {
  std::vector<char> buffer(kEntryBytesMax);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(user_id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fmt::format("{}", user_id);
  }
  return found->pw_name;
}

}  // namespace

std::optional<std::uint32_t> ParsePeerUser(std::string_view peer_address) {
  constexpr std::string_view kHost = "localhost:";
  if (!peer_address.starts_with(kHost)) return std::nullopt;
  peer_address.remove_prefix(kHost.size());
  const char* const end = peer_address.data() + peer_address.size();
  std::uint32_t user_id = 0;
  const auto user = std::from_chars(peer_address.data(), end, user_id);
  if (user.ec != std::errc() || user.ptr == end || *user.ptr != ':') return std::nullopt;
  // The address of a peer over TCP ends with one number, its port; here three follow each other.
  std::uint32_t group = 0;
  const auto rest = std::from_chars(user.ptr + 1, end, group);
  if (rest.ec != std::errc() || rest.ptr == end || *rest.ptr != ':') return std::nullopt;
  return user_id;
}

bool MayCommand(std::uint32_t user_id, std::uint32_t owner) {
  return user_id == owner || user_id == 0;
}

const Author& Authors::Find(std::uint32_t user_id) {
  const auto known = known_.find(user_id);
  if (known != known_.end()) return known->second;
  return known_.emplace(user_id, Author{user_id, NameOf(user_id)}).first->second;
}

}  // namespace epu
