#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `shadow EPU`: how its shadow policies compare with its own.

namespace epu {

struct ShadowArguments {
  std::string epu;
  std::string from;
  std::string to;
};

void BindShadow(CLI::App& app, ShadowArguments& arguments);
Exit RunShadow(Context& context, const ShadowArguments& arguments);

}  // namespace epu
