#pragma once

#include <string>

#include "cli/status_facts.h"
#include "cli/terminal.h"

// Words for how something is, in the colour that says the same: good, to be watched, bad. Cells of
// tables and parts of lines. Pure.

namespace epu {

// "STABLE", "PENDING, paused out"
std::string PoolStateCell(const Epu& epu, Time now, const Terminal& terminal);

// "600-RUNNING", and beside it what it does by its own word, or that it drains.
std::string WorkerStateCell(const Worker& worker, const Terminal& terminal);

// "MISSING"
std::string HealthCell(const Epu& epu, const Worker& worker, const Terminal& terminal);

// "queue 132, 4m old (limit 30s)"
std::string SensorCell(const Epu& epu, const Sensor& sensor, Time now, const Terminal& terminal);

// "answering", "not answering", "not listed yet"
std::string AnsweringCell(const Site& site, const Terminal& terminal);

// "enabled", "disabled"
std::string EnabledCell(bool enabled, const Terminal& terminal);

}  // namespace epu
