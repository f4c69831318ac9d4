#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/launch_run.h"

// What the verbs of a launch have in common: the launch that is there, and a walk of it with
// somebody looking on.

namespace epu {

// The run of a launch that is there. kFailedPrecondition where there is none.
absl::StatusOr<std::unique_ptr<LaunchRun>> OpenLaunch(Context& context);

// Says which workers of the launch's servers may live, and ends; none where none can.
std::optional<Exit> RefuseWhileWorkersLive(Context& context, const Launch& launch);

// Whether machines that no service uses are ended behind a walk.
enum class Clean { kAfter, kNot };

// Has a walk made, then a clean, with its progress on stderr; prints the launch as it is then. What
// it ends with says whether the walk succeeded; the first Ctrl-C leaves one that can be gone on
// with.
Exit MakeWalk(Context& context, LaunchRun& run, WalkKind kind, Clean clean);

void PrintLaunch(Context& context, const State& state);

// "3 workers"
std::string Plural(std::size_t count, std::string_view what);

}  // namespace epu
