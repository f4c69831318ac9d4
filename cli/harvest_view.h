#pragma once

#include <string>
#include <vector>

#include "cli/harvest.h"
#include "cli/json_view.h"

// What a harvest came to, for people and for programs.

namespace epu {

// One line: "28 new events recorded, of 34 files (8983 bytes read); …, 0 bad", and what was not
// read, where there is such.
std::string HarvestText(const HarvestCounts& counts);

// Every bad line and unread file that is named, a line each, and how many more there are.
std::vector<std::string> HarvestNotes(const HarvestCounts& counts);

Json HarvestJson(const HarvestCounts& counts);

}  // namespace epu
