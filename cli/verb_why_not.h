#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `why-not`: what held a pool at some moment, and the values that would have flipped its decision.

namespace epu {

struct WhyNotArguments {
  std::string epu;
  std::string at;
};

void BindWhyNot(CLI::App& app, WhyNotArguments& arguments);
Exit RunWhyNot(Context& context, const WhyNotArguments& arguments);

}  // namespace epu
