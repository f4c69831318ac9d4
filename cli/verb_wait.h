#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <absl/status/statusor.h>

#include "cli/verbs.h"
#include "projections/state.h"

namespace epu {

// `wait EPU --for stable|workers=N|gone`
struct WaitArguments {
  std::string epu;
  std::string goal = "stable";
};

void BindWait(CLI::App& app, WaitArguments& arguments);
Exit RunWait(Context& context, const WaitArguments& arguments);

// ---- Pure ----

struct UntilStable {
  bool operator==(const UntilStable&) const = default;
};
struct UntilWorkers {  // So many are RUNNING and healthy, and no others count.
  std::size_t count = 0;
  bool operator==(const UntilWorkers&) const = default;
};
struct UntilGone {
  bool operator==(const UntilGone&) const = default;
};
using WaitGoal = std::variant<UntilStable, UntilWorkers, UntilGone>;

absl::StatusOr<WaitGoal> ParseGoal(std::string_view text);

enum class WaitVerdict {
  kNotYet,
  kReached,
  kNever,    // It will not be reached unless somebody changes something: DEVMODE_FAILED, or gone.
  kUnknown,  // There never was such an EPU.
};
WaitVerdict Judge(const State& state, std::string_view epu, const WaitGoal& goal);

// "crunch is PENDING, 3 running of 5 wanted"
std::string Progress(const State& state, std::string_view epu);

}  // namespace epu
