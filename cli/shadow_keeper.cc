#include "cli/shadow_keeper.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "commands/due.h"
#include "commands/shadow.h"

namespace epu {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);  // How late a shadow is at most.

bool ConcernsDefinitions(std::size_t kind) {
  return IsKindOf<EpuDefined, EpuReconfigured, RemovalBegun, EpuRemoved>(kind);
}

}  // namespace

ShadowKeeper::ShadowKeeper(const EventLog& log, const EngineCatalog& catalog,
                           Projection<State> known, Report report)
    : log_(log),
      catalog_(catalog),
      definitions_(known),
      known_(std::move(known)),
      report_(std::move(report)) {}

bool ShadowKeeper::HasShadows() const {
  return std::any_of(definitions_.state.epus.begin(), definitions_.state.epus.end(),
                     [](const auto& entry) {
                       return !entry.second.removed && !entry.second.definition.shadows.empty();
                     });
}

absl::Status ShadowKeeper::Pass(Time now) {
  absl::Status status = CatchUp(log_, definitions_, ~Sequence{0}, &ConcernsDefinitions);
  if (!status.ok() || !HasShadows()) return status;
  if (status = CatchUp(log_, known_); !status.ok()) return status;
  const State& state = known_.state;
  for (const auto& [number, epu] : state.epus) {
    for (const ShadowDefinition& shadow : epu.definition.shadows) {
      std::optional<ShadowDecided> fact = DecideShadow(state, epu, shadow, now, catalog_);
      if (fact) report_(ReportShadow{*std::move(fact)});
    }
  }
  return absl::OkStatus();
}

void ShadowKeeper::Run(const std::stop_token& stop, Clock& clock, const Journal& journal) {
  std::string said;
  Sequence seen = 0;
  Time asked{};
  while (!stop.stop_requested()) {
    const Time now = clock.Now();
    const absl::StatusOr<Sequence> head = log_.Head();
    if (!head.ok() || *head != seen || now - asked >= kPulse) {
      const absl::Status status = head.ok() ? Pass(now) : head.status();
      const std::string failure(status.message());
      if (!failure.empty() && failure != said) {
        journal.Write(Level::kWarn, fmt::format("shadows are not asked: {}", failure));
      }
      said = failure;
      seen = head.ok() ? *head : 0;
      asked = now;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace epu
