#include "eventlog/event.h"

#include <fmt/format.h>

namespace epu {
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
      "server",    "clock",        "actor",          "limit",    "site",    "site-answer",
      "launching", "policy",       "reconfigure",    "removal",  "removed", "reading",
      "decision",  "engine-error", "devmode-failed", "request",  "worker",  "machine",
      "health",    "denied",       "pause",          "resume",   "report",  "drain",
      "stranger",  "disk",         "shadow",         "plan",     "service", "dropped",
      "walk",      "walk-end",     "step",           "step-end", "line"};
  static_assert(std::variant_size_v<Payload> == 35);
  return names;
}

std::string_view KindName(const Payload& payload) { return KindNames()[payload.index()]; }

std::string CutText(std::string_view text) {
  if (text.size() <= kTextMax) return std::string(text);
  const std::string mark = fmt::format("… (cut, {} bytes)", text.size());
  std::size_t end = kTextMax - mark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;  // Not inside a character.
  return std::string(text.substr(0, end)) + mark;
}

}  // namespace epu
