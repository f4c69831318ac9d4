#pragma once

#include <concepts>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

#include "eventlog/codec.h"
#include "eventlog/event.h"
#include "eventlog/log.h"

namespace epu {

// A projection is a value with an Evolve beside it, and the position up to which it was folded.
template <typename State>
concept Evolving = std::default_initializable<State> && requires(State& state, const Event& event) {
  { Evolve(state, event) } -> std::same_as<void>;
};

template <Evolving State>
struct Projection {
  State state;
  Sequence position = 0;
};

// Folds what the log holds behind the projection's position, up to `until` (included), in visits of
// a few thousand records each. On an error the projection stands at the last event that was folded.
template <Evolving State>
absl::Status CatchUp(const EventLog& log, Projection<State>& projection,
                     Sequence until = ~Sequence{0}) {
  while (projection.position < until) {
    const Sequence before = projection.position;
    absl::Status fault;
    const absl::StatusOr<Sequence> seen =
        log.Visit(before, ReadLimit{}, [&](Sequence sequence, RecordView record) {
          absl::StatusOr<Event> event = Decode(record);
          if (!event.ok()) {
            fault = absl::Status(
                event.status().code(),
                fmt::format("damaged at {}: {}", sequence, std::string(event.status().message())));
            return false;
          }
          Evolve(projection.state, *event);
          projection.position = sequence;
          return sequence < until;
        });
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (projection.position == before) break;
  }
  return absl::OkStatus();
}

}  // namespace epu
