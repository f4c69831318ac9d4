#pragma once

#include <vector>

#include <absl/status/statusor.h>

#include "commands/command.h"
#include "projections/state.h"

// What the orders of a launcher come to; which steps it makes is commands/launch.h. Pure.

namespace epu {

// The payloads of a plan whose first event will be `first`.
//   kFailedPrecondition  there is a launch already (not `again`), or none, or a step is under way
//   kInvalidArgument     a service is too large to be recorded, or there are too many
absl::StatusOr<std::vector<Payload>> DecidePlan(const State& state, const PlanLaunch& plan,
                                                Sequence first);

//   kFailedPrecondition  there is no launch, or a walk of another kind goes on
absl::StatusOr<std::vector<Payload>> DecideWalk(const State& state, const BeginWalk& begin);
std::vector<Payload> DecideWalkEnd(const State& state, const EndWalk& end);

//   kFailedPrecondition  another step of the service is under way, or there is no such service
absl::StatusOr<std::vector<Payload>> DecideStep(const State& state, const BeginStep& begin);
std::vector<Payload> DecideStepEnd(const State& state, const EndStep& end);

//   kInvalidArgument  a line lacks its source, its name or its key, or is too large
absl::StatusOr<std::vector<Payload>> DecideLines(const NoteLines& note);

// What a service or a line may take of a record, its texts together.
inline constexpr std::size_t kRecordTextMax = 48 * 1024;

// Services of one plan: a plan is one command.
inline constexpr std::size_t kServicesMax = 2'000;

}  // namespace epu
