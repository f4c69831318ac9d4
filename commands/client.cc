#include "commands/client.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <zmq.hpp>

#include "eventlog/check.h"
#include "eventlog/overloaded.h"
#include "projections/state.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

// Without an answer a request is repeated after this, and then after twice as long each time: the
// server or the connection may have been lost with it.
constexpr Duration kRepeatFirst = std::chrono::milliseconds(500);
constexpr Duration kRepeatMax = std::chrono::seconds(4);

// The pauses after "busy".
constexpr Duration kBusyFirst = std::chrono::milliseconds(10);
constexpr Duration kBusyMax = std::chrono::seconds(1);

// How often a server that is not there is looked for.
constexpr int kReconnectMsFirst = 20;
constexpr int kReconnectMsMax = 500;

// A client has no more under way than a server remembers the outcomes of: a repeat of the oldest
// must find its own. In libzmq's queue there is room for all, and their repeats.
constexpr int kHighWaterMark = 4 * static_cast<int>(kOutcomesMax);

bool IsBusy(const Reply& reply) {
  return std::visit(Overloaded{
                        [](const Refused& refused) { return absl::IsUnavailable(refused.status); },
                        [](const Answer& answer) { return absl::IsUnavailable(answer.status); },
                        [](const auto&) { return false; },
                    },
                    reply.body);
}

// Whose answer it is, of one that cannot be decoded; 0: nobody's.
std::uint64_t NumberOf(std::string_view frame) {
  const std::optional<Envelope> envelope = DecodeEnvelope(frame);
  return envelope ? envelope->number : 0;
}

absl::Status WrongReply() { return absl::InternalError("the server answered another question"); }

// The part of a reply that was asked for, or the refusal.
template <typename Body>
absl::StatusOr<Body> Expect(absl::StatusOr<Reply>&& reply) {
  if (!reply.ok()) return reply.status();
  if (const auto* refused = std::get_if<Refused>(&reply->body)) return refused->status;
  if (auto* body = std::get_if<Body>(&reply->body)) return std::move(*body);
  return WrongReply();
}

}  // namespace

// The socket. Through `immediate` it takes a message only while a server is connected, so that
// "no server" is known and nothing waits in a queue for one that comes much later.
struct GatewayClient::Connection {
  explicit Connection(const std::string& to) : endpoint(to) {
    dealer.set(zmq::sockopt::linger, 0);
    dealer.set(zmq::sockopt::immediate, true);
    dealer.set(zmq::sockopt::sndhwm, kHighWaterMark);
    dealer.set(zmq::sockopt::rcvhwm, kHighWaterMark);
    dealer.set(zmq::sockopt::reconnect_ivl, kReconnectMsFirst);
    dealer.set(zmq::sockopt::reconnect_ivl_max, kReconnectMsMax);
    dealer.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(kMessageBytesMax));
    dealer.connect(endpoint);
  }

  // False where no server is connected, or its queue is full.
  bool Send(const std::string& frame) {
    try {
      return dealer.send(zmq::buffer(frame), zmq::send_flags::dontwait).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() == EINTR) return false;
      throw;
    }
  }

  // False where nothing waits.
  bool Receive(zmq::message_t& message) {
    try {
      return dealer.recv(message, zmq::recv_flags::dontwait).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() == EINTR) return false;
      throw;
    }
  }

  // Until `deadline`, something is received, or (where that is wanted) something can be sent.
  void Wait(Steady::time_point deadline, short events) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
    zmq_pollitem_t item = {dealer.handle(), 0, events, 0};
    if (zmq_poll(&item, 1, std::max<long>(left.count(), 0)) < 0 && zmq_errno() != EINTR) {
      throw zmq::error_t();
    }
  }

  const std::string endpoint;
  std::uint64_t requests = 0;  // Numbers given so far; none is given twice.
  zmq::context_t context;
  zmq::socket_t dealer{context, zmq::socket_type::dealer};
};

// One call: some requests, under way up to 64 at once, until each has its result or time is up.
class GatewayClient::Exchange {
 public:
  using Bodies = std::function<decltype(Request::body)(std::size_t)>;

  // `wait` is how long the server may take on purpose.
  Exchange(Connection& connection, std::uint64_t spread, Duration wait, Duration timeout)
      : connection_(connection),
        spread_(std::chrono::milliseconds(spread % 8)),
        wait_(wait),
        timeout_(timeout),
        deadline_(Steady::now() + wait + timeout) {}

  // One result for each of the `count` requests that `bodies` makes.
  std::vector<absl::StatusOr<Reply>> Run(std::size_t count, const Bodies& bodies) {
    results_.assign(count, absl::UnknownError(""));
    try {
      while (true) {
        Begin(bodies);
        if (flights_.empty() || Steady::now() >= deadline_) break;
        const bool held_back = !SendDue();
        connection_.Wait(NextTime(held_back), held_back ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
        ReceiveAll();
      }
      GiveUp();
    } catch (const zmq::error_t& error) {
      Fail(absl::InternalError(
          fmt::format("the socket to {} failed: {}", connection_.endpoint, error.what())));
    }
    return std::move(results_);
  }

 private:
  // A request that has no result yet.
  struct Flight {
    std::size_t index = 0;
    std::string frame;
    Steady::time_point due;  // When it is to be sent, for the first time or again.
    Duration pause{};        // The last one after "busy"; none yet: 0.
    Duration repeat = kRepeatFirst;
    std::uint64_t sent = 0;
    std::uint64_t busy = 0;  // Of its sendings were answered so.
  };
  using Flights = std::map<std::uint64_t, Flight>;  // By request number, so oldest first.

  // Lets requests begin while the oldest that has no result is fewer than 64 behind.
  void Begin(const Bodies& bodies) {
    while (begun_ < results_.size()) {
      if (!flights_.empty() && begun_ >= flights_.begin()->second.index + kOutcomesMax) return;
      const std::uint64_t number = ++connection_.requests;
      absl::StatusOr<std::string> frame = EncodeRequest({number, bodies(begun_)});
      if (frame.ok()) {
        flights_[number] = {begun_, *std::move(frame), Steady::now(), {}, kRepeatFirst, 0, 0};
      } else {
        results_[begun_] = frame.status();
      }
      ++begun_;
    }
  }

  // False where something is due that the socket does not take now.
  bool SendDue() {
    const auto now = Steady::now();
    for (auto& [number, flight] : flights_) {
      if (flight.due > now) continue;
      if (!connection_.Send(flight.frame)) return false;
      ++flight.sent;
      flight.due = now + wait_ + flight.repeat;
      flight.repeat = std::min(2 * flight.repeat, kRepeatMax);
    }
    return true;
  }

  Steady::time_point NextTime(bool held_back) const {
    Steady::time_point next = deadline_;
    if (held_back) return next;
    for (const auto& [number, flight] : flights_) next = std::min(next, flight.due);
    return next;
  }

  void ReceiveAll() {
    zmq::message_t message;
    while (connection_.Receive(message)) {
      Take({static_cast<const char*>(message.data()), message.size()});
    }
  }

  // A reply to a request that has its result already, or of an earlier call, is passed over.
  void Take(std::string_view frame) {
    absl::StatusOr<Reply> reply = DecodeReply(frame);
    const auto found = flights_.find(reply.ok() ? reply->number : NumberOf(frame));
    if (found == flights_.end()) return;
    Flight& flight = found->second;
    if (reply.ok() && IsBusy(*reply)) {
      ++flight.busy;
      flight.pause = flight.pause == Duration::zero() ? kBusyFirst + spread_
                                                      : std::min(2 * flight.pause, kBusyMax);
      flight.due = Steady::now() + flight.pause;
      return;
    }
    results_[flight.index] = std::move(reply);
    flights_.erase(found);
  }

  void GiveUp() {
    const std::string after = FormatDuration(wait_ + timeout_);
    bool any_sent = false;
    for (const auto& [number, flight] : flights_) {
      any_sent |= flight.sent > 0;
      results_[flight.index] =
          flight.sent == 0 ? absl::UnavailableError(fmt::format("no server at {} after {}",
                                                                connection_.endpoint, after))
          : flight.sent == flight.busy
              ? absl::UnavailableError(fmt::format("the server was busy for {}", after))
              : absl::DeadlineExceededError(fmt::format("no answer after {}", after));
    }
    flights_.clear();
    for (; begun_ < results_.size(); ++begun_) {
      results_[begun_] = absl::UnavailableError(
          any_sent ? fmt::format("not sent: no answer to those before it after {}", after)
                   : fmt::format("no server at {} after {}", connection_.endpoint, after));
    }
  }

  // Of what was sent it is unknown what became.
  void Fail(const absl::Status& status) {
    for (const auto& [number, flight] : flights_) results_[flight.index] = status;
    for (; begun_ < results_.size(); ++begun_) results_[begun_] = status;
  }

  Connection& connection_;
  const Duration spread_;
  const Duration wait_;
  const Duration timeout_;
  const Steady::time_point deadline_;
  Flights flights_;
  std::size_t begun_ = 0;
  std::vector<absl::StatusOr<Reply>> results_;
};

absl::StatusOr<std::unique_ptr<GatewayClient>> GatewayClient::Open(const std::string& endpoint,
                                                                   std::uint64_t client) {
  CHECK(client != 0);
  if (!endpoint.starts_with("ipc://")) {
    return absl::InvalidArgumentError(
        fmt::format("{} is no endpoint of a server: ipc:// and a path", endpoint));
  }
  try {
    return std::unique_ptr<GatewayClient>(
        new GatewayClient(client, std::make_unique<Connection>(endpoint)));
  } catch (const zmq::error_t& error) {
    return absl::InvalidArgumentError(
        fmt::format("cannot connect to {}: {}", endpoint, error.what()));
  }
}

GatewayClient::GatewayClient(std::uint64_t client, std::unique_ptr<Connection> connection)
    : client_(client), connection_(std::move(connection)) {}

GatewayClient::~GatewayClient() = default;

CommandId GatewayClient::NextId() { return {client_, ++commands_}; }

Answer GatewayClient::Submit(const Command& command, Duration timeout) {
  return SubmitAll({&command, 1}, timeout).front();
}

std::vector<Answer> GatewayClient::SubmitAll(std::span<const Command> commands, Duration timeout) {
  Exchange exchange(*connection_, client_, Duration::zero(), timeout);
  std::vector<Answer> answers;
  answers.reserve(commands.size());
  for (auto& result :
       exchange.Run(commands.size(), [&](std::size_t index) { return commands[index]; })) {
    absl::StatusOr<Answer> answer = Expect<Answer>(std::move(result));
    answers.push_back(answer.ok() ? *std::move(answer) : Answer{answer.status(), 0, 0});
  }
  return answers;
}

absl::StatusOr<Records> GatewayClient::Read(const ReadQuery& query, Duration timeout) {
  return Expect<Records>(Ask(query, query.wait, timeout));
}

absl::StatusOr<ServerState> GatewayClient::GetState(Duration timeout) {
  return Expect<ServerState>(Ask(StateQuery{}, Duration::zero(), timeout));
}

absl::StatusOr<Noted> GatewayClient::Beat(const Heartbeat& heartbeat, Duration timeout) {
  return Expect<Noted>(Ask(heartbeat, Duration::zero(), timeout));
}

absl::StatusOr<Reply> GatewayClient::Ask(decltype(Request::body) body, Duration wait,
                                         Duration timeout) {
  Exchange exchange(*connection_, client_, wait, timeout);
  return std::move(exchange.Run(1, [&](std::size_t) { return body; }).front());
}

}  // namespace epu
