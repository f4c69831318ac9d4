#pragma once

#include <string>

#include "cli/json_view.h"
#include "cli/terminal.h"
#include "cli/zone.h"
#include "projections/launch_scenario.h"

// A scenario that was played: what was done and expected, and what happened.

namespace epu {

struct PlayedScenario {
  const LaunchScenario& scenario;
  const ScenarioOutcome& outcome;
  std::string file;    // The scenario's.
  std::string run;     // Of the server whose pool it is.
  bool model = false;  // In virtual time.
  std::string sensor;  // Of its queue; empty where the pool has none.
};

// What a step does or expects: "submit 60 jobs of 500ms (first)", "2 running or more within 20s".
std::string StepText(const ScenarioStep& step);

// What became of a step so far, on a line: "    3.1s  held       2 running or more …: 2 running".
std::string StepLine(const ScenarioStep& step, const StepOutcome& outcome, Time begin);

std::string ScenarioText(const PlayedScenario& played, const Terminal& terminal, Zone zone);

// A row for each step, what is expected throughout, and the points of the plots.
Json ScenarioJson(const PlayedScenario& played);

// Workers and backlog over time, with what was done as marks; a file of its own.
std::string ScenarioSvg(const PlayedScenario& played, Zone zone);

}  // namespace epu
