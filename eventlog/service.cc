#include "eventlog/service.h"

#include <array>

#include "eventlog/check.h"
#include "eventlog/code_name.h"

namespace epu {

std::string_view ServiceStateName(ServiceState state) {
  switch (state) {
    case ServiceState::kInitial:
      return "initial";
    case ServiceState::kLaunched:
      return "launched";
    case ServiceState::kContextualized:
      return "contextualized";
    case ServiceState::kTerminated:
      return "terminated";
  }
  CHECK(!"a service's state");
}

std::string_view StepName(ServiceStep step) {
  static constexpr std::array<std::string_view, 7> kNames = {"",      "machine",   "reach", "boot",
                                                             "ready", "terminate", "end"};
  return NameOf(kNames, step);
}

std::string_view WalkName(WalkKind kind) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "", "boot", "verify", "repair", "reboot", "terminate", "clean"};
  return NameOf(kNames, kind);
}

std::string_view WalkEndName(WalkEnd end) {
  static constexpr std::array<std::string_view, 4> kNames = {"", "done", "failed", "interrupted"};
  return NameOf(kNames, end);
}

}  // namespace epu
