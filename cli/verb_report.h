#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `report EPU --html FILE`: an incident as a page.

namespace epu {

struct ReportArguments {
  std::string epu;
  std::string from;
  std::string to;
  std::string html;
  bool force = false;
};

void BindReport(CLI::App& app, ReportArguments& arguments);
Exit RunReport(Context& context, const ReportArguments& arguments);

}  // namespace epu
