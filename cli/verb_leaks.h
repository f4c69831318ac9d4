#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `leaks`: the ledger of machines. What an intent opened and no listing has shown to be gone, and
// what a site lists that no intent explains.

namespace epu {

struct LeaksArguments {
  std::string at;
  bool check = false;
};

void BindLeaks(CLI::App& app, LeaksArguments& arguments);
Exit RunLeaks(Context& context, const LeaksArguments& arguments);

}  // namespace epu
