#include "commands/command.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "eventlog/overloaded.h"

namespace epu {

std::string_view OrderName(const Order& order) {
  static constexpr std::array<std::string_view, std::variant_size_v<Order>> kNames = {
      "apply",         "reconfigure",      "kill",          "kill-some",
      "remove",        "switch-launching", "end-run",       "put-reading",
      "start-server",  "note-clock",       "report-worker", "report-machine",
      "report-health", "report-site",      "review",        "note-denied",
      "pause",         "resume",           "report-work",   "adopt",
      "collect",       "report-stranger",  "note-disk",     "report-shadow",
      "plan-launch",   "begin-walk",       "end-walk",      "begin-step",
      "end-step",      "note-lines"};
  return kNames[order.index()];
}

std::string FormatCommandId(CommandId id) { return fmt::format("{:x}-{}", id.client, id.number); }

std::optional<CommandId> ParseCommandId(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  CommandId id;
  const char* const end = text.data() + text.size();
  const auto client = std::from_chars(text.data(), text.data() + dash, id.client, 16);
  const auto number = std::from_chars(text.data() + dash + 1, end, id.number, 10);
  if (client.ec != std::errc() || client.ptr != text.data() + dash) return std::nullopt;
  if (number.ec != std::errc() || number.ptr != end || id.client == 0) return std::nullopt;
  return id;
}

bool IsUrgent(const Order& order) {
  return std::visit(
      Overloaded{
          [](const Kill&) { return true; },
          [](const KillSome&) { return true; },
          [](const EndRun&) { return true; },
          [](const SwitchLaunching& launching) { return !launching.enabled; },
          [](const ReportWorker& report) { return report.to >= WorkerState::kTerminating; },
          [](const ReportMachine&) { return true; },
          [](const Collect&) { return true; },
          [](const ReportStranger& report) { return !report.listed; },
          [](const NoteDisk&) { return true; },
          [](const BeginWalk& begin) {
            return begin.kind == WalkKind::kTerminate || begin.kind == WalkKind::kClean;
          },
          [](const BeginStep& begin) { return begin.step >= ServiceStep::kTerminate; },
          [](const EndStep&) { return true; },
          [](const EndWalk&) { return true; },
          [](const auto&) { return false; },
      },
      order);
}

}  // namespace epu
