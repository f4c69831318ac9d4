#include "tests/simulator/client.h"

#include <utility>

#include "eventlog/check.h"
#include "projections/state.h"

namespace epu::sim {
namespace {

constexpr Duration kSendAgain = std::chrono::seconds(3);

// Whether an answer with this status says what became of the command.
bool IsFinal(const absl::Status& status) {
  return status.ok() || absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status);
}

}  // namespace

SimulatedClient::SimulatedClient(std::uint64_t client, std::optional<Author> author,
                                 std::size_t in_flight_max)
    : client_(client), author_(std::move(author)), in_flight_max_(in_flight_max) {
  CHECK(in_flight_max <= kOutcomesMax);
}

const Command& SimulatedClient::Give(Order order, Time now) {
  CHECK(has_room());
  const std::uint64_t number = ++given_;
  InFlight& given = in_flight_[number];
  given.command = {{client_, number}, author_, "", std::move(order)};
  given.next_send = now;
  return given.command;
}

std::vector<Command> SimulatedClient::TakeDue(Time now) {
  std::vector<Command> due;
  for (auto& [number, one] : in_flight_) {
    if (one.next_send > now) continue;
    due.push_back(one.command);
    one.next_send = now + kSendAgain;
  }
  return due;
}

void SimulatedClient::Hear(CommandId id, const Answer& answer) {
  if (id.client == client_ && IsFinal(answer.status)) in_flight_.erase(id.number);
}

}  // namespace epu::sim
