#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "commands/command.h"
#include "commands/liveness.h"
#include "eventlog/log.h"
#include "eventlog/record.h"

// What programs and epud say to each other, and its form as one frame of bytes (wire.capnp).
// Nothing here touches a socket. A decoded message is well formed, no more: whether an order makes
// sense is for Decide.

namespace epu {

// Raised with every change that a program of the version before would misunderstand.
inline constexpr std::uint32_t kProtocolVersion = 1;

// A frame larger than this is refused. The largest thing said is `apply` of a whole configuration,
// which is a few hundred KiB for a thousand EPUs.
inline constexpr std::size_t kMessageBytesMax = 1 << 20;

// ---- Requests ----

// What follows `after` in the log. While nothing does, the server waits up to `wait` before it says
// so.
struct ReadQuery {
  Sequence after = 0;
  ReadLimit limit;
  Duration wait{};
};

struct StateQuery {};

struct Request {
  std::uint64_t number = 0;  // Counted by the sender; the reply carries it.
  std::variant<Command, ReadQuery, StateQuery, Heartbeat> body;
};

// ---- Replies ----

// The request was not taken, and nothing was changed. Of kUnavailable the sender may try again
// ("busy").
struct Refused {
  absl::Status status;
};

struct Records {
  std::vector<Record> records;  // Byte for byte as stored.
  Sequence scanned_to = 0;      // Read on after this.
  Sequence head = 0;            // Of the log, when it was read.
};

// How long ago an agent was last heard.
struct HeardAge {
  WorkerId worker;
  Duration age{};
  bool operator==(const HeardAge&) const = default;
};

// What the server knows beside its log.
struct ServerState {
  Sequence head = 0;
  Time time{};  // The server's recorded clock.
  std::string log_id;
  std::uint32_t epoch = 0;
  std::vector<HeardAge> heard;
  bool operator==(const ServerState&) const = default;
};

struct Reply {
  std::uint64_t number = 0;
  std::variant<Refused, Answer, Records, ServerState, Noted> body;
};

// ---- The codec ----

// The frame of `request`. Of a command the author stays behind: the server asks the kernel.
//   kInvalidArgument  an order that is the server's own, or a frame over kMessageBytesMax.
absl::StatusOr<std::string> EncodeRequest(const Request& request);

//   kFailedPrecondition  of another protocol version; the message names both.
//   kInvalidArgument     anything else that is no request: garbage, a frame cut short or too large,
//                        an order or a value that this build does not know, a command without id.
absl::StatusOr<Request> DecodeRequest(std::string_view frame);

// The frame of `reply`; where that would be over kMessageBytesMax, of a refusal that says so.
std::string EncodeReply(const Reply& reply);

// Errors as DecodeRequest. A Refused or a refusing Answer decodes well: its status is inside.
absl::StatusOr<Reply> DecodeReply(std::string_view frame);

// How a message of any version begins: enough to answer it, or to tell whose it is.
struct Envelope {
  std::uint32_t version = 0;
  std::uint64_t number = 0;
};

// Nothing where not even that can be read.
std::optional<Envelope> DecodeEnvelope(std::string_view frame);

}  // namespace epu
