#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `verify`: the log is whole, and the one that was written, as far as that can be shown. With
// --proof, a proof is, and no log is read.

namespace epu {

struct VerifyArguments {
  std::string checkpoint;
  std::string proof;
  std::vector<std::string> keys;
};

void BindVerify(CLI::App& app, VerifyArguments& arguments);
Exit RunVerify(Context& context, const VerifyArguments& arguments);

}  // namespace epu
