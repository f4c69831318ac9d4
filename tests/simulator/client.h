#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commands/command.h"
#include "eventlog/time.h"

namespace epu::sim {

// A process that gives orders: numbers its commands, and sends each again and again by its id until
// it is answered, as commands/client.h does.
class SimulatedClient {
 public:
  // `client` is the number it drew. `in_flight_max` of its commands are unanswered at once.
  SimulatedClient(std::uint64_t client, std::optional<Author> author, std::size_t in_flight_max);

  bool has_room() const { return in_flight_.size() < in_flight_max_; }
  bool idle() const { return in_flight_.empty(); }

  // The command that `order` becomes, to be sent by the next TakeDue. REQUIRES: has_room.
  const Command& Give(Order order, Time now);

  // What is to be sent now, for the first time or again.
  std::vector<Command> TakeDue(Time now);

  // Takes an answer. One that says "busy", "full" or "unknown" is none: the command is sent again.
  void Hear(CommandId id, const Answer& answer);

 private:
  struct InFlight {
    Command command;
    Time next_send{};
  };

  const std::uint64_t client_;
  const std::optional<Author> author_;
  const std::size_t in_flight_max_;
  std::uint64_t given_ = 0;
  std::map<std::uint64_t, InFlight> in_flight_;  // By the command's number.
};

}  // namespace epu::sim
