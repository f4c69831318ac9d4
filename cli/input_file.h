#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/config_reader.h"
#include "cli/context.h"

// What is handed to a verb as a file, or as "-" on standard input.

namespace epu {

// The whole text, but of one that has more than kConfigBytesMax (config_file.h) no more than one
// byte beyond, which its reader then refuses.
absl::StatusOr<std::string> ReadInput(Context& context, const std::string& file);

// "stdin" for "-".
std::string InputName(const std::string& file);

// Says each fault with its place, that nothing was changed, and returns Exit::kFile.
Exit FailByFaults(Context& context, const std::string& file,
                  const std::vector<ConfigFault>& faults);

}  // namespace epu
