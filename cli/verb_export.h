#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/filter_words.h"

// `export`: the log as other programs read it, event by event (CloudEvents) or as tables (SQLite).

namespace epu {

struct ExportArguments {
  FilterArguments filter;
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
