#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/context.h"
#include "eventlog/lmdb_log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"

// What is read of a launch, and of the servers that it booted, without writing anything or asking
// anybody: from their logs.

namespace epu {

struct LaunchLook {
  std::unique_ptr<LmdbLog> log;
  Projection<State> fold;
};

//   kFailedPrecondition  the run has no log, or no plan was read for it
absl::StatusOr<LaunchLook> LookAtLaunch(const RunPaths& paths, const std::string& run);

// The log alone. The same errors.
absl::StatusOr<std::unique_ptr<LmdbLog>> OpenLaunchLog(const RunPaths& paths,
                                                       const std::string& run);

// A machine that was ever asked for.
struct MachineRecord {
  std::string service;
  std::uint32_t attempt = 0;
  std::string token;
  std::string machine;  // As its site calls it; empty where that never became known,
  std::string host;     // as is where it is reached.
  Time asked{};
  std::optional<Time> started;
  std::optional<Time> ended;  // Proven gone.
};

// In the order in which they were asked for. The log is read once, and not folded.
absl::StatusOr<std::vector<MachineRecord>> MachinesOf(const EventLog& log);

// A worker that a run ever had, as its log tells it.
struct WorkerRecord {
  WorkerId worker;
  LaunchId launch;
  std::string machine;
  WorkerState state{};
  Time state_since{};
  Health health = Health::kUnknown;
  std::optional<Time> health_since;
  std::optional<Time> running;
  std::optional<Time> terminated;
};

absl::StatusOr<std::vector<WorkerRecord>> WorkersOf(const EventLog& log);

}  // namespace epu
