#pragma once

#include <string>
#include <string_view>

#include "cli/config_reader.h"
#include "cli/zone.h"
#include "projections/expectations.h"

// What is expected of a pool throughout, as files say it and as people are told of it.

namespace epu {

// The map "never_above", "queue_under", "within", "no_flap"; faults are the reader's.
Expectations ReadExpectations(ConfigReader& reader, const ConfigReader::Item& item);

// "5 workers, never above 4 expected"
std::string BreachText(const Breach& breach, const Expectations& expected);

// The decision on a line: "queuelen (1 → 2): queue 132 > high water 100".
std::string DecisionLine(const DecisionMade& decision, std::string_view sensor, Zone zone);

}  // namespace epu
