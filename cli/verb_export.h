#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `export`: the log as other programs read it, event by event (CloudEvents) or as tables (SQLite).

namespace epu {

struct ExportArguments {
  std::string about;
  std::vector<std::string> kinds;
  std::string actor;
  std::string from;
  std::string to;
  std::string at;
  std::string output;
  std::string sqlite;
  bool force = false;
  bool slice = false;
};

void BindExport(CLI::App& app, ExportArguments& arguments);
Exit RunExport(Context& context, const ExportArguments& arguments);

}  // namespace epu
