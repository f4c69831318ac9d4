#pragma once

#include <string>

#include "cli/verbs.h"

namespace epu {

// `submit FILE|-`: sends one command, written as JSON (order_json.h), and says what became of it.
// `submit --schema` says how each is written.
struct SubmitArguments {
  std::string file;
  bool schema = false;
};
void BindSubmit(CLI::App& app, SubmitArguments& arguments);
Exit RunSubmit(Context& context, const SubmitArguments& arguments);

}  // namespace epu
