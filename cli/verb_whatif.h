#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `whatif EPU`: the recorded history, or a workload trace, under other policies.

namespace epu {

struct WhatIfArguments {
  std::string epu;
  std::string engine;
  std::vector<std::string> settings;    // "key=value"
  std::vector<std::string> candidates;  // "engine=NAME key=value …" each.
  std::string from;
  std::string to;
  std::string mark;
  bool model = false;
  std::string trace;
  std::string service;
  std::string boot;
  bool skip_bad_lines = false;
  bool csv = false;
  std::string svg;
  std::string html;
};

void BindWhatIf(CLI::App& app, WhatIfArguments& arguments);
Exit RunWhatIf(Context& context, const WhatIfArguments& arguments);

}  // namespace epu
