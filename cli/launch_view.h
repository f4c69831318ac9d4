#pragma once

#include <string>

#include "cli/json_view.h"
#include "cli/terminal.h"
#include "cli/zone.h"
#include "projections/state.h"

// A launch as text and as JSON. Pure.

namespace epu {

struct LaunchFacts {
  std::string run;
  const State& state;
  Time now{};  // Ages are counted to it.
  Zone zone = Zone::kUtc;
};

// The launch in a line, and a table of its services.
std::string FormatLaunch(const LaunchFacts& facts, const Terminal& terminal);

// The same with every attribute but secrets: levels, and their services.
Json LaunchJson(const LaunchFacts& facts);

// What is being done to a service, or how it is: "boot program", "ready", "failed", "waiting".
std::string ServiceWord(const Launch& launch, const Service& service);
Color ServiceColor(const Launch& launch, const Service& service);

// "boot done 3s ago", "boot under way for 2m", "never booted"
std::string WalkText(const Walk& walk, Time now);

}  // namespace epu
