#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>

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

// Which kinds of event (Head::kind) a fold is told of. A state that was not told of some lacks what
// only they say, and costs a fraction.
using KindFilter = bool (*)(std::size_t kind);

inline bool IsAnyKind(std::size_t) { return true; }

template <typename Wanted, typename... All>
constexpr std::size_t IndexOf(std::type_identity<std::variant<All...>>) {
  std::size_t index = 0;
  static_cast<void>(((std::is_same_v<Wanted, All> || (++index, false)) || ...));
  return index;
}

// Whether `kind` is that of one of `Payloads`.
template <typename... Payloads>
constexpr bool IsKindOf(std::size_t kind) {
  return ((IndexOf<Payloads>(std::type_identity<Payload>()) == kind) || ...);
}

// Folds what the log holds behind the projection's position, up to `until` (included), in visits of
// a few thousand records each. On an error the projection stands at the last event that was folded.
template <Evolving State>
absl::Status CatchUp(const EventLog& log, Projection<State>& projection,
                     Sequence until = ~Sequence{0}, KindFilter concerns = &IsAnyKind) {
  const auto fold = [&](RecordView record) {
    if (concerns != &IsAnyKind) {
      const absl::StatusOr<Head> head = DecodeHead(record);
      if (!head.ok() || !concerns(head->kind)) return head.status();
    }
    const absl::StatusOr<Event> event = Decode(record);
    if (event.ok()) Evolve(projection.state, *event);
    return event.status();
  };
  while (projection.position < until) {
    const Sequence before = projection.position;
    absl::Status fault;
    const absl::StatusOr<Sequence> seen =
        log.Visit(before, ReadLimit{}, [&](Sequence sequence, RecordView record) {
          if (const absl::Status folded = fold(record); !folded.ok()) {
            fault = absl::Status(folded.code(), fmt::format("damaged at {}: {}", sequence,
                                                            std::string(folded.message())));
            return false;
          }
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
