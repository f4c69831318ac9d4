#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json_view.h"
#include "cli/names.h"
#include "cli/zone.h"
#include "projections/state.h"

// Who holds the scaling of a pool, for status and why. Pure, but for names.

namespace epu {

// One pause in force, in one direction or in both.
struct PauseFacts {
  bool out = false;  // Growing is held,
  bool in = false;   // shrinking is held.
  Sequence event = 0;
  Time since{};
  std::optional<Time> until;
  std::string actor;
  std::string note;
  Sequence decision = 0;  // The first that it held; 0: it held none yet.
};

// Those in force at `now`: none, one, or one a direction.
std::vector<PauseFacts> FindPauses(const Epu& epu, Time now, Names& names);

// "paused", "paused out", "paused in", or nothing.
std::string_view PauseWord(const Epu& epu, Time now);

// "18200  09:10:00 by ops: holds growing until 11:10:00, 18210 first  "disk is full"". Times of
// another day than `day` have their date.
std::string PauseSentence(const PauseFacts& pause, Time day, Zone zone);

// {"out": {…}, "in": null}, or null where nothing is paused.
Json PausesJson(const Epu& epu, Time now, Names& names);

}  // namespace epu
