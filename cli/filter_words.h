#pragma once

#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <CLI/CLI.hpp>

#include "cli/log_search.h"
#include "eventlog/log.h"

// A filter as it is typed: REF, --kind, --actor.

namespace epu {

// What stands empty asks nothing.
struct FilterArguments {
  std::string about;
  std::vector<std::string> kinds;
  std::string actor;
};
void BindFilter(CLI::App& app, FilterArguments& arguments);

// kInvalidArgument with the nearest kind for one that is none.
absl::StatusOr<EventFilter> ParseFilter(const FilterArguments& arguments);

// Where nothing matched: kNotFound where what was asked for is nowhere in the log, because it was
// mistyped.
absl::Status CheckThere(const EventLog& log, const EventFilter& filter);

}  // namespace epu
