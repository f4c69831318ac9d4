#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_reader.h"
#include "projections/launch_scenario.h"

// A scenario as a file has it: YAML,
//
//   pool: crunch
//   submit: [feed.sh, "${broker.url}", "${global.queue}"]
//   expect: {never_above: 4}
//   steps:
//   - {at: 0s, submit: {jobs: 60, runs: 500ms, batch: first}}
//   - {at: 2s, kill_workers: 1}
//   - {at: 4s, kill_controller: provisioner}
//   - {at: 5s, expect: {running_at_least: 2, within: 20s}}
//   simulate: {every: 1s, boots: 2s, ends: 1s}
//
// or the lines of the original's workload files, times in seconds,
//
//   SUBMIT 0 60 0.5 first
//   KILL 2 1
//   KILL_CONTROLLER 4 1
//
// which say neither the pool, nor the program, nor the controller; and all jobs are expected to be
// done within kJobsDoneMax of the last line, as the original waited for them.

namespace epu {

// What stands before the file's own words, or for what it has no word for; empty where it was not
// given. A program of it is looked for, and started, where we are.
struct ScenarioWords {
  std::string pool;
  std::vector<std::string> submit;
  std::string controller;  // Of a line KILL_CONTROLLER.
};

struct ScenarioFile {
  LaunchScenario scenario;
  // Of the model; none where the record tells.
  std::optional<Duration> every;
  std::optional<Duration> boots;
  std::optional<Duration> ends;
  std::string directory;            // Absolute; where the program that submits starts.
  std::vector<ConfigFault> faults;  // All, in the order of the file; then nothing else counts.
};

// `directory` is the file's: a program whose name alone is given is looked for in it before PATH,
// and starts in it.
ScenarioFile ReadScenario(std::string_view text, const std::string& directory,
                          const ScenarioWords& words);

inline constexpr Duration kJobsDoneMax = std::chrono::hours(1);

}  // namespace epu
