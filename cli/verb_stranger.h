#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"

// adopt and collect: what becomes of machines from another history of this log.

namespace epu {

// `adopt MACHINE…`, `collect MACHINE…`; a machine is named by its token.
struct StrangerArguments {
  std::vector<std::string> machines;
};
void BindStrangers(CLI::App& app, StrangerArguments& arguments);
Exit RunAdopt(Context& context, const StrangerArguments& arguments);
Exit RunCollect(Context& context, const StrangerArguments& arguments);

}  // namespace epu
