#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "commands/command.h"
#include "commands/inbox.h"
#include "commands/liveness.h"

// What lies in the inboxes between the gateway, the site threads and the writer.

namespace epu {

// Where an answer is to go: opaque outside the gateway.
struct ReplyTo {
  std::string peer;
  std::uint64_t request = 0;
  bool operator==(const ReplyTo&) const = default;
};

// A command on its way to the writer. One with `reply` is answered once, whatever becomes of it
// (Gateway::Deliver); a thread of the server itself wants none and looks at the log instead.
struct Submission {
  Command command;
  std::optional<ReplyTo> reply;
};

// What sites and agents say. It has an inbox of its own, so that no flood of people's orders keeps
// the server from learning what its machines do. Whoever pushes a report wakes the command inbox,
// where the writer waits.
using Report = std::variant<Submission, Heartbeat>;

// The writer's answer to a submission, on its way back.
struct Delivery {
  ReplyTo to;
  Answer answer;
};

using CommandInbox = Inbox<Submission>;
using ReportInbox = Inbox<Report>;

// What may wait for the writer: some tenths of a second of its work, so that an answer comes well
// within a client's five seconds or is "busy" at once.
inline constexpr std::size_t kCommandInboxMax = 4096;

// Heartbeats of 10,000 agents, one a second each, over a second in which the writer was held up.
inline constexpr std::size_t kReportInboxMax = 16384;

}  // namespace epu
