#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/context.h"
#include "projections/state.h"

// The runs of the servers that a launch booted: epud is a service like another, and its run is
// another than the launch's. Services say which by attributes: `epu_run`, a run's name or the path
// of its directory, and where that is no path `epu_home`, if it is another than ours. A server is
// what is named "provisioner…" or "epu-…", as the original found them.

namespace epu {

struct BaseRun {
  std::string service;  // That says so.
  std::string run;
  std::string home;  // Empty: ours.
  // Whether there may be none: none of its services is booted or being booted now, and they are on
  // this machine, where its log would be seen. A boot that failed may have started a server.
  bool may_lack = false;
  bool operator==(const BaseRun&) const = default;
};

bool IsServer(std::string_view service);       // By its name.
bool IsProvisioner(std::string_view service);  // By its name.

// Those of services that may be there, of a plan before this one too, each run once, the
// provisioner's first. `run` is the launch's.
std::vector<BaseRun> BaseRuns(const Launch& launch, const std::string& run);

// Those of services that were ended, and of no other: their servers may have left workers.
std::vector<BaseRun> PastBaseRuns(const Launch& launch, const std::string& run);

// The services named "provisioner…" that are there and say no run, or by what leads nowhere.
std::vector<std::string> SilentProvisioners(const Launch& launch, const std::string& run);

// The messaging names of EPU controllers: every attribute whose name begins with "epu_controller",
// of any service, as the original's inspection took them.
std::vector<std::pair<std::string, std::string>> Controllers(const Launch& launch);

// `text` with its references to services and globals of a launch filled in; what is secret is not
// found. `run` is the launch's. Errors as FillReferences.
absl::StatusOr<std::string> FillFromLaunch(const Launch& launch, const std::string& run,
                                           std::string_view text);

std::unique_ptr<Context> ContextOf(const Context& context, const BaseRun& base);

// Whether no server ever began that run: it may lack, and where its log would be there is none.
// `other` is the run's context. False where that cannot be seen.
bool NeverBegan(const Context& other, const BaseRun& base);

}  // namespace epu
