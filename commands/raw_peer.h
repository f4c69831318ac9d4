#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zmq.hpp>

#include "commands/wire.capnp.h"
#include "commands/wire.h"

// For tests: sockets that say anything, also what no client or server of ours would.

namespace epu {

inline constexpr int kPatienceMs = 60'000;  // No test waits this long, but one that fails.

class RawPeer {
 public:
  RawPeer(zmq::socket_type type) : socket_(context_, type) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, kPatienceMs);
  }

  void Connect(const std::string& endpoint) { socket_.connect(endpoint); }
  void Bind(const std::string& endpoint) { socket_.bind(endpoint); }

  void Send(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      socket_.send(zmq::buffer(frames[i]),
                   i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
  }

  // The frames of the next message.
  std::vector<std::string> Receive() {
    std::vector<std::string> frames;
    zmq::message_t frame;
    do {
      if (!socket_.recv(frame)) return {};
      frames.emplace_back(static_cast<const char*>(frame.data()), frame.size());
    } while (frame.more());
    return frames;
  }

  Reply ReceiveReply() {
    const std::vector<std::string> frames = Receive();
    EXPECT_EQ(frames.size(), 1u);
    auto reply = DecodeReply(frames.empty() ? "" : frames.back());
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? *std::move(reply) : Reply{0, Noted{}};
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

// A state query, or (`Root` being wire::Reply) a "noted", of any protocol version.
template <typename Root>
std::string FrameOfVersion(std::uint32_t version, std::uint64_t number) {
  capnp::MallocMessageBuilder message;
  auto builder = message.initRoot<Root>();
  builder.setVersion(version);
  builder.setNumber(number);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asChars();
  return {bytes.begin(), bytes.size()};
}

}  // namespace epu
