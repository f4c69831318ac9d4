#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/json_view.h"
#include "cli/names.h"
#include "cli/zone.h"
#include "eventlog/event.h"
#include "eventlog/log.h"
#include "eventlog/record.h"

// One event whole: every field of it, what led to it, what followed from it, and how it is stored.

namespace epu {

struct ShownEvent {
  Event event;
  std::string note;  // Of its command.
  std::vector<Event>
      causes;  // What it was made from: inputs, policy, the decision it followed from.
  std::vector<Event>
      effects;  // Later events of its command; of a decision its workers' later ones too.
  std::size_t more_effects = 0;  // That are left out.
  std::size_t stored_bytes = 0;
  Word checksum = 0;
};

// As things stood at `position`. kNotFound where there is no such event up to there.
absl::StatusOr<ShownEvent> ReadToShow(const EventLog& log, Sequence sequence, Sequence position,
                                      Names& names);

std::string FormatShown(const ShownEvent& shown, Names& names, Zone zone);

// The event's own JSON with "causes", "effects", "stored_bytes" and "checksum".
Json ShownJson(const ShownEvent& shown, Names& names);

}  // namespace epu
