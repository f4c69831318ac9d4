#pragma once

#include <string>

#include "cli/verbs.h"

namespace epu {

// `apply FILE|-`: declares sites and EPUs. Shows the difference first, and has it decided against
// the definitions it was worked out from: where somebody changed them meanwhile nothing is done,
// and the new difference is shown (and asked about on a terminal).
struct ApplyArguments {
  std::string file;
  bool dry_run = false;
  bool check = false;
  bool prune = false;
  std::string review = {};  // How far back; empty: not at all.
};

void BindApply(CLI::App& app, ApplyArguments& arguments);
Exit RunApply(Context& context, const ApplyArguments& arguments);

}  // namespace epu
