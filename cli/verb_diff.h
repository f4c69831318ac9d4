#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `diff`: what changed in what was believed, between two moments.

namespace epu {

struct DiffArguments {
  std::vector<std::string> at;  // From the first to the second; from the only one to now.
};

void BindDiff(CLI::App& app, DiffArguments& arguments);
Exit RunDiff(Context& context, const DiffArguments& arguments);

}  // namespace epu
