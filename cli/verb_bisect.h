#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `bisect`: the smallest set of inputs without which a decision would have been another.

namespace epu {

struct BisectArguments {
  std::string decision;
  std::string at;
};

void BindBisect(CLI::App& app, BisectArguments& arguments);
Exit RunBisect(Context& context, const BisectArguments& arguments);

}  // namespace epu
