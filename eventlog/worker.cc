#include "eventlog/worker.h"

#include <array>

#include "eventlog/check.h"
#include "eventlog/code_name.h"

namespace epu {

std::string_view StateName(WorkerState state) {
  switch (state) {
    case WorkerState::kRequesting:
      return "100-REQUESTING";
    case WorkerState::kRequested:
      return "200-REQUESTED";
    case WorkerState::kErrorRetrying:
      return "300-ERROR_RETRYING";
    case WorkerState::kPending:
      return "400-PENDING";
    case WorkerState::kStarted:
      return "500-STARTED";
    case WorkerState::kRunning:
      return "600-RUNNING";
    case WorkerState::kRunningFailed:
      return "650-RUNNING_FAILED";
    case WorkerState::kTerminating:
      return "700-TERMINATING";
    case WorkerState::kTerminated:
      return "800-TERMINATED";
    case WorkerState::kFailed:
      return "900-FAILED";
    case WorkerState::kRejected:
      return "950-REJECTED";
  }
  CHECK(!"a worker state");
}

std::string_view ReasonName(Reason reason) {
  static constexpr std::array<std::string_view, 13> kNames = {"",
                                                              "IAAS_TIMEOUT",
                                                              "IAAS_FULL",
                                                              "IAAS_PROBLEM",
                                                              "NODE_DISAPPEARED",
                                                              "BOOT_TIMEOUT",
                                                              "PROVISIONER_DISABLED",
                                                              "AGENT_LOST",
                                                              "UNHEALTHY",
                                                              "RETIRED",
                                                              "KILLED",
                                                              "REMOVED",
                                                              "RUN_ENDED"};
  return NameOf(kNames, reason);
}

std::string_view HealthName(Health health) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "UNKNOWN", "OK", "MONITOR_ERROR", "PROCESS_ERROR", "MISSING", "ZOMBIE"};
  return NameOf(kNames, health);
}

std::string_view PresenceName(Presence presence) {
  static constexpr std::array<std::string_view, 5> kNames = {"unasked", "opened", "listed",
                                                             "unlisted", "gone"};
  return NameOf(kNames, presence);
}

std::string_view ActivityName(Activity activity) {
  static constexpr std::array<std::string_view, 3> kNames = {"unknown", "idle", "busy"};
  return NameOf(kNames, activity);
}

std::string_view FateName(StrangerFate fate) {
  static constexpr std::array<std::string_view, 4> kNames = {"undecided", "adopted", "collected",
                                                             "gone"};
  return NameOf(kNames, fate);
}

}  // namespace epu
