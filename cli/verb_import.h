#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `import`: a log made anew from an export.

namespace epu {

struct ImportArguments {
  std::string file;
};

void BindImport(CLI::App& app, ImportArguments& arguments);
Exit RunImport(Context& context, const ImportArguments& arguments);

}  // namespace epu
