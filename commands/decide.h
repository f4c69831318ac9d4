#pragma once

#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"

namespace epu {

// What `command` comes to in `state` at `now`: payloads, none where there is nothing to do, or a
// refusal (see Answer for the codes) that changes nothing. Pure: the same arguments give the same
// payloads, for ever, within one version of the engines.
//
// Hearing a command twice is harmless: deciding it again on its own result gives no payloads. Most
// orders are so by what they say; KillSome, PutReading and (later) PauseScaling with a length by
// the command's id alone, as long as it is among the last kOutcomesMax of its client (FindOutcome
// tells the first outcome). A review that was cut by kReviewChangesMax goes on when it is asked
// again.
//
// A payload that introduces a name carries its own sequence, so the payloads are meant to be
// appended right behind `state.head`.
absl::StatusOr<std::vector<Payload>> Decide(const State& state, const Command& command, Time now,
                                            const EngineCatalog& catalog);

// The events that these payloads become right behind `state.head`.
std::vector<Event> ToEvents(const State& state, const Command& command,
                            std::vector<Payload> payloads, Time now);

// A reading may be stated to be taken this far in the future: clocks differ a little.
inline constexpr Duration kReadingAheadMax = std::chrono::seconds(5);

// Nor may it be older than this: the clock it was taken by is wrong, and ages are computed with.
inline constexpr Duration kReadingOldMax = std::chrono::days(3660);

// The longest length of a pause; a longer one is a slip of the unit. Without a length it has no
// end.
inline constexpr Duration kPauseMax = std::chrono::days(366);

}  // namespace epu
