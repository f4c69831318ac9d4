#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "commands/command.h"
#include "commands/liveness.h"
#include "commands/wire.h"
#include "eventlog/time.h"

// The other end of the gateway: asks a server, and asks again until it answers or time is up. Used
// by one thread.
//
// A server that does not answer at once is no error while there is time: a request that got no
// answer is repeated, one that was answered "busy" is sent again after a pause that grows, and one
// that no server is there for is sent when it comes. Repeating is harmless, because a command keeps
// its id.
//
// Of every call but for what it says itself:
//   kUnavailable         "no server at ipc://… after 5s", or "busy: …": certainly nothing was done
//   kDeadlineExceeded    "no answer after 5s": whether anything was done is unknown
//   kPermissionDenied    the server serves its owner and root
//   kFailedPrecondition  server and client speak different versions of the protocol
//   kInvalidArgument     the request is too large or malformed
//   kInternal            the socket failed

namespace epu {

class GatewayClient {
 public:
  // `endpoint` is "ipc://PATH"; nothing is asked of it yet. `client` is drawn at random by the
  // caller, once a process, and is not 0: it numbers this client's commands, and spreads the pauses
  // of several clients.
  static absl::StatusOr<std::unique_ptr<GatewayClient>> Open(const std::string& endpoint,
                                                             std::uint64_t client);
  GatewayClient(const GatewayClient&) = delete;
  GatewayClient& operator=(const GatewayClient&) = delete;
  ~GatewayClient();

  // The id of the next new command: {client, 1}, {client, 2}, …
  CommandId NextId();

  // Has `command` decided; its author is who runs this process, whatever stands in it. The answer
  // is the server's, or has one of the statuses above. After kDeadlineExceeded the same id may be
  // submitted again, by any process.
  Answer Submit(const Command& command, Duration timeout);

  // The same for many at once, one answer each, in their order. Sent in their order, but one that
  // was busy is overtaken. No more than the 64 are under way that a server remembers.
  std::vector<Answer> SubmitAll(std::span<const Command> commands, Duration timeout);

  // What follows in the log. The server waits at most half a minute, whatever `query.wait` says;
  // `timeout` is on top of the wait.
  absl::StatusOr<Records> Read(const ReadQuery& query, Duration timeout);

  absl::StatusOr<ServerState> GetState(Duration timeout);

  absl::StatusOr<Noted> Beat(const Heartbeat& heartbeat, Duration timeout);

 private:
  struct Connection;
  class Exchange;

  GatewayClient(std::uint64_t client, std::unique_ptr<Connection> connection);
  absl::StatusOr<Reply> Ask(decltype(Request::body) body, Duration wait, Duration timeout);

  const std::uint64_t client_;
  std::uint64_t commands_ = 0;  // Numbers given by NextId.
  std::unique_ptr<Connection> connection_;
};

}  // namespace epu
