#include "commands/wire.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>

#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "commands/order_codec.h"
#include "commands/wire.capnp.h"
#include "eventlog/overloaded.h"
#include "eventlog/wire_values.h"

namespace epu {
namespace {

// A reader looks at each word once; pointers that make it look at some many times over are an
// attack.
constexpr std::uint64_t kTraversalWordsMax = 2 * kMessageBytesMax / sizeof(capnp::word);
constexpr int kNestingMax = 16;  // The schema nests to 7.

// Most messages fit into this many words, and then cost no allocation while they are made or read.
constexpr std::size_t kUsualWords = 128;
using UsualWords = std::array<capnp::word, kUsualWords>;

// ---- Writing ----

unsigned SizeOf(const auto& values) { return static_cast<unsigned>(values.size()); }

void WriteQuery(const ReadQuery& query, wire::Read::Builder builder) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  builder.setAfter(query.after);
  builder.setRecords(static_cast<std::uint32_t>(std::min(query.limit.records, kMost)));
  builder.setBytes(static_cast<std::uint32_t>(std::min(query.limit.bytes, kMost)));
  builder.setWait(query.wait.count());
}

void WriteStatus(const absl::Status& status, wire::Status::Builder builder) {
  builder.setCode(static_cast<std::uint16_t>(status.code()));
  builder.setMessage(ToText(std::string(status.message())));
}

void WriteRecords(const Records& answer, wire::Records::Builder builder) {
  auto list = builder.initRecords(SizeOf(answer.records));
  for (unsigned i = 0; i < list.size(); ++i) {
    const Record& record = answer.records[i];
    list.set(i, kj::arrayPtr(reinterpret_cast<const capnp::byte*>(record.data()),
                             record.size() * sizeof(Word)));
  }
  builder.setScannedTo(answer.scanned_to);
  builder.setHead(answer.head);
}

void WriteState(const ServerState& state, wire::State::Builder builder) {
  builder.setHead(state.head);
  builder.setTime(state.time.time_since_epoch().count());
  builder.setLogId(ToText(state.log_id));
  builder.setEpoch(state.epoch);
  auto heard = builder.initHeard(SizeOf(state.heard));
  for (unsigned i = 0; i < heard.size(); ++i) {
    EncodeWorker(state.heard[i].worker, heard[i].initWorker());
    heard[i].setAge(state.heard[i].age.count());
  }
}

std::string ToFrame(capnp::MessageBuilder& message) {
  std::string frame(capnp::computeSerializedSizeInWords(message) * sizeof(capnp::word), '\0');
  kj::ArrayOutputStream bytes(
      kj::arrayPtr(reinterpret_cast<kj::byte*>(frame.data()), frame.size()));
  capnp::writeMessage(bytes, message);
  return frame;
}

// ---- Reading ----

absl::StatusOr<Request> ReadRequest(wire::Request::Reader reader) {
  Request request{reader.getNumber(), StateQuery{}};
  switch (reader.which()) {
    case wire::Request::SUBMIT: {
      const auto command = reader.getSubmit();
      const CommandId id{command.getClient(), command.getNumber()};
      if (id.client == 0 || id.number == 0) {
        return absl::InvalidArgumentError(
            fmt::format("command id {}: both parts count from 1", FormatCommandId(id)));
      }
      request.body = Command{id, std::nullopt, ReadText(command.getNote()), DecodeOrder(command)};
      return request;
    }
    case wire::Request::READ: {
      const auto read = reader.getRead();
      request.body = ReadQuery{
          read.getAfter(), {read.getRecords(), read.getBytes()}, Duration(read.getWait())};
      return request;
    }
    case wire::Request::STATE:
      return request;
    case wire::Request::HEARTBEAT:
      request.body = DecodeHeartbeat(reader.getHeartbeat());
      return request;
  }
  ThrowUnknown("request", static_cast<unsigned>(reader.which()));
}

absl::Status ReadStatus(wire::Status::Reader reader) {
  return {static_cast<absl::StatusCode>(reader.getCode()), ReadText(reader.getMessage())};
}

Refused ReadRefused(wire::Status::Reader reader) {
  Refused refused{ReadStatus(reader)};
  if (refused.status.ok()) ThrowUnknown("refusal", 0);
  return refused;
}

Records ReadRecords(wire::Records::Reader reader) {
  Records answer{{}, reader.getScannedTo(), reader.getHead()};
  for (const auto bytes : reader.getRecords()) {
    if (bytes.size() % sizeof(Word) != 0) ThrowUnknown("size of a record", SizeOf(bytes));
    Record record(bytes.size() / sizeof(Word));
    if (!record.empty()) std::memcpy(record.data(), bytes.begin(), bytes.size());
    answer.records.push_back(std::move(record));
  }
  return answer;
}

ServerState ReadState(wire::State::Reader reader) {
  ServerState state{reader.getHead(),
                    Time(Duration(reader.getTime())),
                    ReadText(reader.getLogId()),
                    reader.getEpoch(),
                    {}};
  for (const auto heard : reader.getHeard()) {
    state.heard.push_back({DecodeWorker(heard.getWorker()), Duration(heard.getAge())});
  }
  return state;
}

absl::StatusOr<Reply> ReadReply(wire::Reply::Reader reader) {
  const std::uint64_t number = reader.getNumber();
  switch (reader.which()) {
    case wire::Reply::REFUSED:
      return Reply{number, ReadRefused(reader.getRefused())};
    case wire::Reply::OUTCOME: {
      const auto outcome = reader.getOutcome();
      return Reply{number,
                   Answer{ReadStatus(outcome.getStatus()), outcome.getFirst(), outcome.getLast()}};
    }
    case wire::Reply::RECORDS:
      return Reply{number, ReadRecords(reader.getRecords())};
    case wire::Reply::STATE:
      return Reply{number, ReadState(reader.getState())};
    case wire::Reply::NOTED:
      return Reply{number, Noted{reader.getNoted().getDrain()}};
  }
  ThrowUnknown("reply", static_cast<unsigned>(reader.which()));
}

absl::Status CheckSize(std::string_view frame) {
  if (frame.size() <= kMessageBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("a message of {} bytes; at most {} are taken", frame.size(), kMessageBytesMax));
}

// Calls `read` with the root of the message in `frame`; whatever capnp or a reader throws becomes
// kInvalidArgument.
template <typename Root, typename Read>
auto ReadFrame(std::string_view frame, Read read)
    -> decltype(read(std::declval<typename Root::Reader>())) {
  const std::size_t size = frame.size() / sizeof(capnp::word);
  if (size == 0 || frame.size() % sizeof(capnp::word) != 0) {
    return absl::InvalidArgumentError(
        fmt::format("not a message of this protocol: {} bytes", frame.size()));
  }
  // A frame lies anywhere, words are aligned.
  UsualWords usual;
  std::vector<capnp::word> large(size <= usual.size() ? 0 : size);
  capnp::word* const words = large.empty() ? usual.data() : large.data();
  std::memcpy(static_cast<void*>(words), frame.data(), frame.size());
  try {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = kTraversalWordsMax;
    options.nestingLimit = kNestingMax;
    capnp::FlatArrayMessageReader message(kj::arrayPtr(words, size), options);
    return read(message.getRoot<Root>());
  } catch (const kj::Exception& exception) {
    return absl::InvalidArgumentError(
        fmt::format("not a message of this protocol: {}", exception.getDescription().cStr()));
  }
}

}  // namespace

absl::StatusOr<std::string> EncodeRequest(const Request& request) {
  UsualWords usual{};
  capnp::MallocMessageBuilder message(kj::arrayPtr(usual.data(), usual.size()));
  auto builder = message.initRoot<wire::Request>();
  builder.setVersion(kProtocolVersion);
  builder.setNumber(request.number);
  const absl::Status status =
      std::visit(Overloaded{
                     [&](const Command& command) -> absl::Status {
                       auto submit = builder.initSubmit();
                       submit.setClient(command.id.client);
                       submit.setNumber(command.id.number);
                       submit.setNote(ToText(command.note));
                       if (EncodeOrder(command.order, submit)) return absl::OkStatus();
                       return absl::InvalidArgumentError(
                           fmt::format("{} is the server's own order", OrderName(command.order)));
                     },
                     [&](const ReadQuery& query) {
                       return WriteQuery(query, builder.initRead()), absl::OkStatus();
                     },
                     [&](const StateQuery&) { return builder.setState(), absl::OkStatus(); },
                     [&](const Heartbeat& heartbeat) {
                       return EncodeHeartbeat(heartbeat, builder.initHeartbeat()), absl::OkStatus();
                     },
                 },
                 request.body);
  if (!status.ok()) return status;
  std::string frame = ToFrame(message);
  if (absl::Status size = CheckSize(frame); !size.ok()) return size;
  return frame;
}

absl::StatusOr<Request> DecodeRequest(std::string_view frame) {
  if (absl::Status status = CheckSize(frame); !status.ok()) return status;
  return ReadFrame<wire::Request>(
      frame, [](wire::Request::Reader reader) -> absl::StatusOr<Request> {
        if (reader.getVersion() == kProtocolVersion) return ReadRequest(reader);
        return absl::FailedPreconditionError(
            fmt::format("the request is of protocol version {}, this server speaks version {}",
                        reader.getVersion(), kProtocolVersion));
      });
}

std::string EncodeReply(const Reply& reply) {
  UsualWords usual{};
  capnp::MallocMessageBuilder message(kj::arrayPtr(usual.data(), usual.size()));
  auto builder = message.initRoot<wire::Reply>();
  builder.setVersion(kProtocolVersion);
  builder.setNumber(reply.number);
  std::visit(
      Overloaded{
          [&](const Refused& refused) { WriteStatus(refused.status, builder.initRefused()); },
          [&](const Answer& answer) {
            auto outcome = builder.initOutcome();
            WriteStatus(answer.status, outcome.initStatus());
            outcome.setFirst(answer.first);
            outcome.setLast(answer.last);
          },
          [&](const Records& records) { WriteRecords(records, builder.initRecords()); },
          [&](const ServerState& state) { WriteState(state, builder.initState()); },
          [&](const Noted& noted) { builder.initNoted().setDrain(noted.drain); },
      },
      reply.body);
  std::string frame = ToFrame(message);
  if (frame.size() <= kMessageBytesMax) return frame;
  return EncodeReply({reply.number, Refused{absl::ResourceExhaustedError(
                                        fmt::format("the reply has {} bytes; at most {} are sent",
                                                    frame.size(), kMessageBytesMax))}});
}

absl::StatusOr<Reply> DecodeReply(std::string_view frame) {
  if (absl::Status status = CheckSize(frame); !status.ok()) return status;
  return ReadFrame<wire::Reply>(frame, [](wire::Reply::Reader reader) -> absl::StatusOr<Reply> {
    if (reader.getVersion() == kProtocolVersion) return ReadReply(reader);
    return absl::FailedPreconditionError(
        fmt::format("the server speaks protocol version {}, this program version {}",
                    reader.getVersion(), kProtocolVersion));
  });
}

std::optional<Envelope> DecodeEnvelope(std::string_view frame) {
  const auto envelope = ReadFrame<wire::Envelope>(
      frame, [](wire::Envelope::Reader reader) -> absl::StatusOr<Envelope> {
        return Envelope{reader.getVersion(), reader.getNumber()};
      });
  if (!envelope.ok()) return std::nullopt;
  return *envelope;
}

}  // namespace epu
