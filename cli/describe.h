#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/names.h"
#include "cli/zone.h"
#include "eventlog/event.h"

// What happened, in words: one line an event, and the parts of it that other views are made of.
// Text from outside is escaped and cut. Pure, but for the names, which are looked up in the log.

namespace epu {

// The WHAT of history: "crunch/12 200-REQUESTED → 400-PENDING".
std::string Describe(const Event& event, Names& names, Zone zone);

// When what `event` tells was true, where it says: a reading or a worker's own report may be older
// than its record. None for other kinds, of which the record is all that is known.
std::optional<Time> TakenAt(const Event& event);

// "queuelen +1 (4 → 5): queue 132 > high water 100"
std::string DecisionText(const DecisionMade& fact, Names& names, Zone zone);

// What a decision changed, for who knows the pool: "+1: queue 132 > high water 100", "replaced
// web/2: MISSING, silent for 15s".
std::string ChangeText(const DecisionMade& fact, Names& names, Zone zone);

// What drove it: "queue 132 > high water 100". Empty where no constraint says.
std::string ReasonText(const DecisionMade& fact, Names& names, Zone zone);

// The sensor whose reading a decision was made from, "average load" where it was made from what
// workers report; "reading" where it was made from neither.
std::string SensorOfDecision(const DecisionMade& fact, Names& names);

// "queue 132", "queue 132, 4 in progress", "queue absent", "queue broken: exit 1".
std::string ReadingText(std::string_view sensor, const Measure& measure,
                        const std::optional<double>& in_progress);

// "busy, photo-17.jpg, load 0.73, 3s old", escaped and cut.
std::string WorkText(const WorkReport& report);

// "OK", "MISSING, silent for 15s", "PROCESS_ERROR: exit 1".
std::string HealthText(const HealthChanged& fact);

// What an EPU's engine is told, in short: "high 100, low 10, min 1, max 8".
std::string PolicyText(const EpuDefinition& definition);

// "5m", or with fractions below ten seconds: "0.8s".
std::string ShortDuration(Duration duration);

// How old something is, in whole seconds; what is from the future is new: "0s", "4m", "2h11m".
std::string AgeText(Duration age);

}  // namespace epu
