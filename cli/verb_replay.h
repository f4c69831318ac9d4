#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `replay`: every recorded decision made again from the log alone, compared byte for byte.

namespace epu {

struct ReplayArguments {
  std::string from;
  std::string to;
  std::string epu;
  bool skip_versions = false;
};

void BindReplay(CLI::App& app, ReplayArguments& arguments);
Exit RunReplay(Context& context, const ReplayArguments& arguments);

}  // namespace epu
