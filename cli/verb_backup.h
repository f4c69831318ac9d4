#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `backup DIR`: a copy of a log that may be being written, which opens as a log.

namespace epu {

struct BackupArguments {
  std::string directory;
};

void BindBackup(CLI::App& app, BackupArguments& arguments);
Exit RunBackup(Context& context, const BackupArguments& arguments);

}  // namespace epu
