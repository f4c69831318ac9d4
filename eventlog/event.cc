#include "eventlog/event.h"

#include <array>

#include <fmt/format.h>

#include "eventlog/check.h"

namespace epu {
namespace {

template <typename Code, std::size_t count>
std::string_view NameOf(const std::array<std::string_view, count>& names, Code code) {
  const auto index = static_cast<std::size_t>(code);
  CHECK(index < names.size());
  return names[index];
}

}  // namespace

WorkerId SubjectOf(const Payload& payload) {
  return std::visit(
      [](const auto& fact) -> WorkerId {
        if constexpr (requires {
                        fact.epu;
                        fact.worker;
                      }) {
          return {fact.epu, fact.worker};
        } else if constexpr (requires { fact.epu; }) {
          return {fact.epu, WorkerNumber{}};
        } else {
          return {};
        }
      },
      payload);
}

const std::vector<std::string_view>& KindNames() {
  static const std::vector<std::string_view> names = {
      "server",    "clock",        "actor",          "limit",   "site",    "site-answer",
      "launching", "policy",       "reconfigure",    "removal", "removed", "reading",
      "decision",  "engine-error", "devmode-failed", "request", "worker",  "machine",
      "health",    "denied",       "pause",          "resume",  "report",  "drain",
      "stranger",  "disk",         "shadow"};
  static_assert(std::variant_size_v<Payload> == 27);
  return names;
}

std::string_view KindName(const Payload& payload) { return KindNames()[payload.index()]; }

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

std::string_view ConstraintName(ConstraintKind kind) {
  static constexpr std::array<std::string_view, 28> kNames = {
      "preserve_n",       "uniques",         "high_water",   "low_water",
      "first_worker",     "minimum",         "work_remains", "pending",
      "reading_absent",   "reading_broken",  "reading_old",  "max_instances",
      "site_max_workers", "run_max_workers", "back_off",     "disabled",
      "site_disabled",    "unhealthy",       "lost",         "review_max",
      "decided_on",       "scheduled",       "paused",       "needed",
      "above_threshold",  "below_threshold", "cool_down",    "reporting"};
  return NameOf(kNames, kind);
}

std::string_view CauseName(DecisionCause cause) {
  static constexpr std::array<std::string_view, 2> kNames = {"repair", "scaling"};
  return NameOf(kNames, cause);
}

std::string CutText(std::string_view text) {
  if (text.size() <= kTextMax) return std::string(text);
  const std::string mark = fmt::format("… (cut, {} bytes)", text.size());
  std::size_t end = kTextMax - mark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;  // Not inside a character.
  return std::string(text.substr(0, end)) + mark;
}

}  // namespace epu
