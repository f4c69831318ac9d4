#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"

// The verbs of a launch; AddLaunchVerbs (verbs.h) adds these and those of verb_launch_look.cc.

namespace epu {

struct PlanArguments {
  std::string plan;
  std::vector<std::string> clouds;
  std::vector<std::string> globals;
  std::vector<std::string> globals_files;
};

struct TargetArguments {
  std::string run;
};

// `launch boot PLAN`
struct BootArguments {
  PlanArguments plan;
  bool validate = false;
  bool dry_run = false;
  bool no_clean = false;
};

// `launch terminate`, `launch reboot`
struct EndArguments {
  TargetArguments target;
  bool leave_workers = false;
};

// `launch status`, `launch list`, `launch history`: verb_launch_look.cc
void AddLaunchLooks(Verbs& verbs);

// `logfetch`, `update-events`, `find-workers`, …: verb_launch_logs.cc
void AddLaunchLogVerbs(Verbs& verbs);

// `launch scenario`: verb_launch_scenario.cc
void AddLaunchScenarioVerb(Verbs& verbs);

// `launch import`, `launch export`: verb_launch_files.cc
void AddLaunchFileVerbs(Verbs& verbs);

}  // namespace epu
