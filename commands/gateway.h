#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "commands/endpoint_lock.h"
#include "commands/inbox.h"
#include "commands/peer.h"
#include "commands/submission.h"
#include "commands/wire.h"
#include "projections/state.h"

// Where the outside comes in: receives requests on the run's socket, establishes who sent them, and
// lays commands and heartbeats into the inboxes. It decides nothing and never waits for the writer.
// What is malformed, of another version, from a stranger or too much gets one answer that says so,
// and changes nothing.
//
// A command that a peer repeats while its first copy is under way is dropped: the one answer
// answers both.

namespace epu {

// ---- Limits ----

// Commands of one peer under way, which is also how many outcomes State remembers of a client.
inline constexpr std::size_t kInFlightMax = kOutcomesMax;

// Strangers whose denial is recorded in one run of a server.
inline constexpr std::size_t kDeniedUsersMax = 1000;

// Commands of all peers under way: both inboxes full, and as many again in the writer's hands.
inline constexpr std::size_t kInFlightTotalMax = 2 * (kCommandInboxMax + kReportInboxMax);

// A read gives at most this much, so that its reply stays under kMessageBytesMax with one more
// record of the largest size.
inline constexpr std::size_t kReadRecordsMax = 4096;
inline constexpr std::size_t kReadBytesMax = 512 << 10;

// Reads that wait, and how long one may: a client that went away is forgotten within this.
inline constexpr std::size_t kWaitingReadsMax = 1024;
inline constexpr Duration kReadWaitMax = std::chrono::seconds(30);

// ---- The gateway ----

// How queries are answered. Called on the gateway's thread; they do not block and do not wait.
struct QueryHandlers {
  std::function<absl::StatusOr<Records>(const ReadQuery&)> read;  // Once; `wait` is not theirs.
  std::function<absl::StatusOr<ServerState>()> state;
  std::function<Noted(WorkerId)> note;  // What the agent of a worker is answered.
};

class Gateway {
 public:
  // Binds the socket of the run that `lock` holds. All three borrowed outlive the gateway.
  static absl::StatusOr<std::unique_ptr<Gateway>> Open(const EndpointLock& lock,
                                                       CommandInbox& commands, ReportInbox& reports,
                                                       QueryHandlers handlers);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway();

  // Serves until `stop`, on the calling thread. An error is the socket's; nothing can be served
  // after it.
  absl::Status Run(std::stop_token stop);

  // Sends the answers of a batch, each submission's once, and pokes. Any thread.
  void Deliver(std::vector<Delivery> deliveries);

  // The log may have grown: reads that wait look again. Any thread.
  void Poke();

 private:
  using Steady = std::chrono::steady_clock;
  struct Sockets;
  struct Source;
  struct WaitingRead {
    ReadQuery query;
    Steady::time_point deadline;
  };

  Gateway(CommandInbox& commands, ReportInbox& reports, QueryHandlers handlers);

  absl::Status Wait();
  void ReceiveSome();
  void Handle(std::string_view frame, const Source& source);
  void Take(Command&& command, const Source& source);
  void Take(Heartbeat&& heartbeat, const Source& source);
  void Take(ReadQuery&& query, const Source& source);
  void TakeStateQuery(const Source& source);
  void SendDeliveries();
  void AnswerWaitingReads();
  void Send(const ReplyTo& to, decltype(Reply::body) body);
  void Refuse(const ReplyTo& to, absl::Status status);
  void Deny(const ReplyTo& to, std::optional<std::uint32_t> user);

  CommandInbox& commands_;
  ReportInbox& reports_;
  const QueryHandlers handlers_;

  // Of all threads.
  Inbox<std::vector<Delivery>> deliveries_{kInFlightTotalMax};
  std::atomic<bool> poked_ = false;
  std::unique_ptr<Sockets> sockets_;  // Its wake-up is; its socket is the gateway thread's.

  // Of the gateway's thread.
  Authors authors_;
  const std::uint32_t owner_;                                    // Of the run: this process' user.
  std::map<std::string, std::vector<std::uint64_t>> in_flight_;  // Request numbers, by peer.
  std::size_t in_flight_total_ = 0;
  std::map<std::pair<std::string, std::uint64_t>, WaitingRead> waiting_reads_;
  bool reports_pushed_ = false;
  std::set<std::uint32_t> denied_;  // Users whose denial was recorded: once a start of the server,
                                    // lest a stranger fill the log.
};

// What a QueryHandlers::read does over a log: the records that follow, within the query's limit and
// the limits above. kDataLoss as EventLog::Visit.
absl::StatusOr<Records> ReadLog(const EventLog& log, const ReadQuery& query);

}  // namespace epu
