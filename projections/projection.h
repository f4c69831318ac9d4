#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <variant>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include "eventlog/event.h"
#include "eventlog/log.h"
#include "eventlog/read_events.h"

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
  const auto fold = [&](const Event& event, RecordView) {
    Evolve(projection.state, event);
    projection.position = event.sequence;
    return true;
  };
  const absl::StatusOr<Sequence> seen =
      concerns == &IsAnyKind ? ReadEvents(log, projection.position, until, EveryEvent(), fold)
                             : ReadEvents(
                                   log, projection.position, until,
                                   [&](const Head& head) { return concerns(head.kind); }, fold);
  if (seen.ok()) projection.position = *seen;
  return seen.status();
}

}  // namespace epu
