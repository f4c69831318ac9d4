#pragma once

#include <map>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/launch_look.h"
#include "cli/new_file.h"
#include "eventlog/service.h"

// The run database of cloudinit.d (cloudinitd-RUN.db, SQLite): read, so that a launch that it made
// can be inspected and ended here; and written, for its tools.

namespace epu {

struct CloudinitdService {
  ServiceDefinition definition;  // Attributes are what its deps files and boot programs said.
  ServiceState state{};
  std::string machine;  // instance_id; empty where it has none.
  std::string host;     // Where that is reached.
  std::string last_error;
};

struct CloudinitdLaunch {
  std::string plan;  // Path of the top file.
  std::vector<CloudinitdService> services;
  // By the name of a key file: what is kept from the log (see launch_plan.h).
  std::map<std::string, std::string> secrets;
};

//   kNotFound         there is no such file
//   kInvalidArgument  it is no run database
absl::StatusOr<CloudinitdLaunch> ReadCloudinitdFile(const std::string& path);

// Makes a run database of a launch, with mode 0600 and without secrets. Errors as NewFile::Make.
absl::Status WriteCloudinitdFile(const std::string& path, const LaunchLook& look,
                                 Existing existing);

}  // namespace epu
