#pragma once

#include <string>

#include "cli/verbs.h"

namespace epu {

// `apply FILE|-`: declares sites and EPUs.
struct ApplyArguments {
  std::string file;
  bool dry_run = false;
  bool check = false;
};

void BindApply(CLI::App& app, ApplyArguments& arguments);
Exit RunApply(Context& context, const ApplyArguments& arguments);

}  // namespace epu
