#pragma once

#include "commands/command.h"
#include "commands/liveness.h"
#include "commands/wire.capnp.h"

// The parts of a message that agents and people fill: orders and heartbeats. The other half of
// wire.cc and used by it alone. The readers throw kj::Exception for what is malformed or unknown,
// as capnp's own do; wire.cc catches.

namespace epu {

// False, and nothing is written, for an order that is the server's own: it has no form on the wire.
bool EncodeOrder(const Order& order, wire::Command::Builder builder);
Order DecodeOrder(wire::Command::Reader reader);

void EncodeHeartbeat(const Heartbeat& heartbeat, wire::Heartbeat::Builder builder);
Heartbeat DecodeHeartbeat(wire::Heartbeat::Reader reader);

void EncodeWorker(WorkerId worker, wire::WorkerId::Builder builder);
WorkerId DecodeWorker(wire::WorkerId::Reader reader);

}  // namespace epu
