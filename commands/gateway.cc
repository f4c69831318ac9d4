#include "commands/gateway.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fmt/format.h>
#include <zmq.hpp>

#include "eventlog/check.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

// Messages received before answers are sent again.
constexpr int kMessagesPerWakeUp = 256;

// Messages that one peer may have waiting in the socket, in each direction. More than it may have
// in flight, so that it is told "busy" before it is held back.
constexpr int kHighWaterMark = 4 * static_cast<int>(kInFlightMax);

// libzmq closes the connection of a larger message without a word; up to here it is answered.
constexpr std::int64_t kReceivedBytesMax = 2 * kMessageBytesMax;

constexpr const char* kPeerAddress = "Peer-Address";

absl::Status SocketError(const zmq::error_t& error) {
  return absl::InternalError(fmt::format("the server's socket failed: {}", error.what()));
}

absl::Status Busy(std::string_view why) {
  return absl::UnavailableError(fmt::format("busy: {}; send it again later", why));
}

bool IsReport(const Order& order) {
  return std::visit(Overloaded{
                        [](const ReportWorker&) { return true; },
                        [](const ReportMachine&) { return true; },
                        [](const ReportHealth&) { return true; },
                        [](const ReportSite&) { return true; },
                        [](const ReportStranger&) { return true; },
                        [](const auto&) { return false; },
                    },
                    order);
}

std::string_view ViewOf(const zmq::message_t& message) {
  return {static_cast<const char*>(message.data()), message.size()};
}

std::optional<std::uint32_t> UserOf(const zmq::message_t& message) {
  const char* const address = zmq_msg_gets(message.handle(), kPeerAddress);
  return address == nullptr ? std::nullopt : ParsePeerUser(address);
}

}  // namespace

// The socket, and the descriptor that wakes its thread.
struct Gateway::Sockets {
  explicit Sockets(const std::string& path) {
    CHECK(wake_up >= 0);
    router.set(zmq::sockopt::linger, 0);
    router.set(zmq::sockopt::sndhwm, kHighWaterMark);
    router.set(zmq::sockopt::rcvhwm, kHighWaterMark);
    router.set(zmq::sockopt::maxmsgsize, kReceivedBytesMax);
    router.bind("ipc://" + path);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  ~Sockets() { close(wake_up); }

  void Wake() const {
    const std::uint64_t one = 1;
    // Fails only where the counter is full, and then the thread is woken anyway.
    [[maybe_unused]] const ssize_t written = write(wake_up, &one, sizeof(one));
  }

  void ForgetWakeUps() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(wake_up, &count, sizeof(count));
  }

  // False where nothing waits.
  bool Receive(zmq::message_t& message) {
    while (true) {
      try {
        return router.recv(message, zmq::recv_flags::dontwait).has_value();
      } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) throw;
      }
    }
  }

  zmq::context_t context;
  zmq::socket_t router{context, zmq::socket_type::router};
  const int wake_up = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
};

// Where a request comes from.
struct Gateway::Source {
  ReplyTo reply;
  std::uint32_t user_id = 0;
};

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Open(const EndpointLock& lock,
                                                       CommandInbox& commands, ReportInbox& reports,
                                                       QueryHandlers handlers) {
  std::unique_ptr<Gateway> gateway(new Gateway(commands, reports, std::move(handlers)));
  try {
    gateway->sockets_ = std::make_unique<Sockets>(lock.socket_path());
  } catch (const zmq::error_t& error) {
    return absl::InternalError(
        fmt::format("cannot serve {}: {}", lock.socket_path(), error.what()));
  }
  return gateway;
}

Gateway::Gateway(CommandInbox& commands, ReportInbox& reports, QueryHandlers handlers)
    : commands_(commands), reports_(reports), handlers_(std::move(handlers)), owner_(geteuid()) {}

Gateway::~Gateway() = default;

absl::Status Gateway::Run(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { sockets_->Wake(); });
  try {
    while (!stop.stop_requested()) {
      if (absl::Status status = Wait(); !status.ok()) return status;
      ReceiveSome();
      SendDeliveries();
      AnswerWaitingReads();
    }
    SendDeliveries();
  } catch (const zmq::error_t& error) {
    return SocketError(error);
  }
  return absl::OkStatus();
}

void Gateway::Deliver(std::vector<Delivery> deliveries) {
  // There is room for every submission that is in flight, and each is answered once.
  if (!deliveries.empty()) CHECK(deliveries_.TryPush(std::move(deliveries)));
  Poke();
}

void Gateway::Poke() {
  poked_ = true;
  sockets_->Wake();
}

// Until something is received, delivered or poked, a waiting read is due, or the thread is to stop.
absl::Status Gateway::Wait() {
  std::chrono::milliseconds timeout(-1);
  for (const auto& [key, read] : waiting_reads_) {
    const auto left =
        std::max(std::chrono::ceil<std::chrono::milliseconds>(read.deadline - Steady::now()),
                 std::chrono::milliseconds(0));
    timeout = timeout.count() < 0 ? left : std::min(timeout, left);
  }
  zmq_pollitem_t items[] = {{sockets_->router.handle(), 0, ZMQ_POLLIN, 0},
                            {nullptr, sockets_->wake_up, ZMQ_POLLIN, 0}};
  if (zmq_poll(items, std::size(items), timeout.count()) < 0 && zmq_errno() != EINTR) {
    return SocketError(zmq::error_t());
  }
  sockets_->ForgetWakeUps();
  return absl::OkStatus();
}

// A request is two frames: the peer, as the socket names it, and the message.
void Gateway::ReceiveSome() {
  for (int i = 0; i < kMessagesPerWakeUp; ++i) {
    zmq::message_t peer;
    zmq::message_t message;
    if (!sockets_->Receive(peer)) break;
    int frames = 0;
    for (bool more = peer.more(); more; ++frames) {
      zmq::message_t frame;
      if (!sockets_->Receive(frame)) break;
      more = frame.more();
      if (frames == 0) message = std::move(frame);
    }
    const std::optional<std::uint32_t> user = UserOf(message);
    const Source source{{std::string(ViewOf(peer)), 0}, user.value_or(0)};
    if (frames != 1) {
      Refuse(source.reply,
             absl::InvalidArgumentError(fmt::format("a request is one frame, not {}", frames)));
    } else if (!user || !MayCommand(*user, owner_)) {
      const auto envelope = DecodeEnvelope(ViewOf(message));
      Deny({source.reply.peer, envelope ? envelope->number : 0}, user);
    } else {
      Handle(ViewOf(message), source);
    }
  }
  if (std::exchange(reports_pushed_, false)) commands_.Wake();
}

void Gateway::Deny(const ReplyTo& to, std::optional<std::uint32_t> user) {
  std::string what = fmt::format("uid {} may not use this run; its owner, uid {}, and root may",
                                 user ? fmt::to_string(*user) : "unknown", owner_);
  Refuse(to, absl::PermissionDeniedError(what));
  if (!user || denied_.size() >= kDeniedUsersMax || !denied_.insert(*user).second) return;
  Command note{{}, authors_.Find(*user), "", NoteDenied{std::move(what)}};
  reports_pushed_ |= reports_.TryPush(Report(Submission{std::move(note), std::nullopt}));
}

void Gateway::Handle(std::string_view frame, const Source& source) {
  absl::StatusOr<Request> request = DecodeRequest(frame);
  if (!request.ok()) {
    const auto envelope = DecodeEnvelope(frame);
    Refuse({source.reply.peer, envelope ? envelope->number : 0}, request.status());
    return;
  }
  const Source whole{{source.reply.peer, request->number}, source.user_id};
  std::visit(Overloaded{
                 [&](StateQuery) { TakeStateQuery(whole); },
                 [&](auto& body) { Take(std::move(body), whole); },
             },
             request->body);
}

void Gateway::Take(Command&& command, const Source& source) {
  std::vector<std::uint64_t>& numbers = in_flight_[source.reply.peer];
  if (std::find(numbers.begin(), numbers.end(), source.reply.request) != numbers.end()) return;
  if (numbers.size() >= kInFlightMax) {
    Refuse(source.reply,
           Busy(fmt::format("{} commands of this client are under way", numbers.size())));
    return;
  }
  command.author = authors_.Find(source.user_id);
  const bool report = IsReport(command.order);
  Submission submission{std::move(command), source.reply};
  const bool taken =
      in_flight_total_ < kInFlightTotalMax &&
      (report ? reports_.TryPush(std::move(submission)) : commands_.TryPush(std::move(submission)));
  if (taken) {
    numbers.push_back(source.reply.request);
    ++in_flight_total_;
    reports_pushed_ |= report;
    return;
  }
  if (numbers.empty()) in_flight_.erase(source.reply.peer);
  Refuse(source.reply, Busy("the server has as much to do as it takes on"));
}

void Gateway::Take(Heartbeat&& heartbeat, const Source& source) {
  const WorkerId worker = heartbeat.worker;
  if (!reports_.TryPush(std::move(heartbeat))) {
    Refuse(source.reply, Busy("too many reports wait"));
    return;
  }
  reports_pushed_ = true;
  Send(source.reply, handlers_.note(worker));
}

void Gateway::Take(ReadQuery&& query, const Source& source) {
  absl::StatusOr<Records> records = handlers_.read(query);
  if (!records.ok()) {
    Refuse(source.reply, records.status());
    return;
  }
  const bool nothing = records->records.empty() && records->scanned_to >= records->head;
  if (!nothing || query.wait <= Duration::zero()) {
    Send(source.reply, *std::move(records));
    return;
  }
  const std::pair key(source.reply.peer, source.reply.request);
  if (waiting_reads_.size() >= kWaitingReadsMax && !waiting_reads_.contains(key)) {
    Refuse(source.reply, Busy("too many reads wait"));
    return;
  }
  const auto deadline = Steady::now() + std::min(query.wait, kReadWaitMax);
  waiting_reads_.insert_or_assign(key, WaitingRead{query, deadline});
}

void Gateway::TakeStateQuery(const Source& source) {
  absl::StatusOr<ServerState> state = handlers_.state();
  if (state.ok()) {
    Send(source.reply, *std::move(state));
  } else {
    Refuse(source.reply, state.status());
  }
}

void Gateway::SendDeliveries() {
  for (std::vector<Delivery>& batch : deliveries_.TakeAll(Steady::time_point::min())) {
    for (Delivery& delivery : batch) {
      const auto peer = in_flight_.find(delivery.to.peer);
      CHECK(peer != in_flight_.end() && std::erase(peer->second, delivery.to.request) == 1);
      if (peer->second.empty()) in_flight_.erase(peer);
      --in_flight_total_;
      Send(delivery.to, std::move(delivery.answer));
    }
  }
}

void Gateway::AnswerWaitingReads() {
  const bool poked = poked_.exchange(false);
  const auto now = Steady::now();
  std::erase_if(waiting_reads_, [&](const auto& entry) {
    const auto& [key, waiting] = entry;
    const bool due = waiting.deadline <= now;
    if (!poked && !due) return false;
    absl::StatusOr<Records> records = handlers_.read(waiting.query);
    const ReplyTo to{key.first, key.second};
    if (!records.ok()) {
      Refuse(to, records.status());
      return true;
    }
    if (records->records.empty() && records->scanned_to >= records->head && !due) return false;
    Send(to, *std::move(records));
    return true;
  });
}

// A peer that has gone away, or does not take its answers, loses them: it asks again.
void Gateway::Send(const ReplyTo& to, decltype(Reply::body) body) {
  const std::string frame = EncodeReply({to.request, std::move(body)});
  constexpr auto kFirst = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
  if (!sockets_->router.send(zmq::buffer(to.peer), kFirst)) return;
  sockets_->router.send(zmq::buffer(frame), zmq::send_flags::dontwait);
}

void Gateway::Refuse(const ReplyTo& to, absl::Status status) {
  Send(to, Refused{std::move(status)});
}

absl::StatusOr<Records> ReadLog(const EventLog& log, const ReadQuery& query) {
  const ReadLimit limit{std::min(query.limit.records, kReadRecordsMax),
                        std::min(query.limit.bytes, kReadBytesMax)};
  Records answer;
  const absl::StatusOr<Sequence> scanned =
      log.Visit(query.after, limit, [&](Sequence, RecordView record) {
        answer.records.emplace_back(record.begin(), record.end());
        return true;
      });
  if (!scanned.ok()) return scanned.status();
  const absl::StatusOr<Sequence> head = log.Head();
  if (!head.ok()) return head.status();
  answer.scanned_to = *scanned;
  answer.head = *head;
  return answer;
}

}  // namespace epu
