#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "commands/command.h"

// Who is at the other end of a Unix socket, as the kernel says; nothing here believes the peer.

namespace epu {

// The user id in libzmq's `Peer-Address` of a peer over ipc://: 1000 of "localhost:1000:1000:4127"
// (user, group, process). Nothing for an address of another form.
std::optional<std::uint32_t> ParsePeerUser(std::string_view peer_address);

// Whether a user may give orders to a server that runs as `owner`: the owner and root.
bool MayCommand(std::uint32_t user_id, std::uint32_t owner);

// The authors of commands, each with the name that the machine's user database gives it, asked
// once. One thread.
class Authors {
 public:
  // A user whom the database does not know is named by its number.
  const Author& Find(std::uint32_t user_id);

 private:
  std::map<std::uint32_t, Author> known_;
};

}  // namespace epu
