#include "cli/bench_raw_server.h"

#include <cerrno>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <zmq.hpp>

namespace epu {
namespace {

constexpr int kStopLookMs = 100;  // How soon the thread notices that it is to stop.
constexpr auto kPatience = std::chrono::seconds(10);

// False where nothing came in time, or a signal did.
bool Receive(zmq::socket_t& socket, zmq::message_t& message, zmq::recv_flags flags) {
  try {
    return socket.recv(message, flags).has_value();
  } catch (const zmq::error_t& error) {
    if (error.num() == EINTR) return false;
    throw;
  }
}

}  // namespace

struct RawServer::Socket {
  zmq::context_t context;
  zmq::socket_t router{context, zmq::socket_type::router};
};

absl::StatusOr<std::unique_ptr<RawServer>> RawServer::Start(const std::string& endpoint,
                                                            RawLog& log, std::string record,
                                                            std::string reply) {
  std::unique_ptr<RawServer> server(new RawServer(log, std::move(record), std::move(reply)));
  try {
    server->socket_ = std::make_unique<Socket>();
    server->socket_->router.set(zmq::sockopt::linger, 0);
    server->socket_->router.set(zmq::sockopt::rcvtimeo, kStopLookMs);
    server->socket_->router.bind(endpoint);
  } catch (const zmq::error_t& error) {
    return absl::InternalError(fmt::format("cannot serve {}: {}", endpoint, error.what()));
  }
  server->thread_ = std::thread([&serving = *server] { serving.Serve(); });
  return server;
}

RawServer::RawServer(RawLog& log, std::string record, std::string reply)
    : log_(log), record_(std::move(record)), reply_(std::move(reply)) {}

RawServer::~RawServer() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

// Where storing fails there is no answer, and the client says so.
void RawServer::Serve() {
  zmq::message_t peer;
  zmq::message_t frame;
  while (!stopping_) {
    if (!Receive(socket_->router, peer, zmq::recv_flags::none)) continue;
    if (!Receive(socket_->router, frame, zmq::recv_flags::none)) continue;
    if (!log_.Append(record_, 1).ok()) continue;
    socket_->router.send(peer, zmq::send_flags::sndmore);
    socket_->router.send(zmq::buffer(reply_), zmq::send_flags::dontwait);
  }
}

struct RawClient::Socket {
  zmq::context_t context;
  zmq::socket_t dealer{context, zmq::socket_type::dealer};
};

RawClient::RawClient(const std::string& endpoint) : socket_(std::make_unique<Socket>()) {
  socket_->dealer.set(zmq::sockopt::linger, 0);
  socket_->dealer.connect(endpoint);
}

RawClient::~RawClient() = default;

absl::Status RawClient::Ask(std::string_view frame) {
  socket_->dealer.send(zmq::buffer(frame), zmq::send_flags::none);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  zmq::message_t reply;
  while (!Receive(socket_->dealer, reply, zmq::recv_flags::dontwait)) {
    if (std::chrono::steady_clock::now() > deadline) {
      return absl::DeadlineExceededError("the raw server gives no answer");
    }
    zmq_pollitem_t item = {socket_->dealer.handle(), 0, ZMQ_POLLIN, 0};
    zmq_poll(&item, 1, kStopLookMs);
  }
  return absl::OkStatus();
}

}  // namespace epu
