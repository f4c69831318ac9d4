#pragma once

#include <string>

#include "cli/status_facts.h"
#include "cli/terminal.h"

// `status` as text.

namespace epu {

// The run in a line, a table of its pools, and a line for each thing that is not as it should be.
std::string FormatStatus(const StatusFacts& facts, const Terminal& terminal);

// One pool: itself, its policy, its sensors, what holds it, and a table of its workers.
std::string FormatEpuStatus(const StatusFacts& facts, const Epu& epu, const Terminal& terminal);

}  // namespace epu
