#pragma once

#include <string>

#include "cli/verbs.h"

namespace epu {

// `revert EPU --at SEQ`: the policy that was in force then, again. Applied as a file with that one
// definition would be: its difference is shown first, and refused where somebody changed the EPU
// meanwhile.
struct RevertArguments {
  std::string epu;
  std::string at;
  bool dry_run = false;
};

void BindRevert(CLI::App& app, RevertArguments& arguments);
Exit RunRevert(Context& context, const RevertArguments& arguments);

}  // namespace epu
