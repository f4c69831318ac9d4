#include "commands/strangers.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "commands/review.h"

namespace epu {
namespace {

using Payloads = std::vector<Payload>;

// By its token; end() where there is none.
auto FindStranger(const State& state, std::string_view token) {
  return std::find_if(state.strangers.begin(), state.strangers.end(),
                      [&](const auto& entry) { return TokenOf(state, entry.first) == token; });
}

}  // namespace

absl::StatusOr<Payloads> DecideStrangers(const State& state, const std::vector<std::string>& tokens,
                                         StrangerFate fate) {
  if (tokens.size() > kReviewChangesMax) {
    return absl::InvalidArgumentError(fmt::format("{} machines at once; at most {} in one command",
                                                  tokens.size(), kReviewChangesMax));
  }
  Payloads payloads;
  std::vector<std::string> faults;
  for (const std::string& token : std::set<std::string>(tokens.begin(), tokens.end())) {
    const auto found = FindStranger(state, token);
    if (found == state.strangers.end()) {
      faults.push_back(fmt::format("no stranger \"{}\": it has ended, or never was", token));
      continue;
    }
    const Stranger& stranger = found->second;
    if (stranger.fate == fate) continue;
    if (stranger.fate == StrangerFate::kCollected) {
      return absl::FailedPreconditionError(fmt::format("{} is being ended", token));
    }
    payloads.push_back(StrangerChanged{stranger.site, found->first, stranger.machine, fate});
  }
  if (!faults.empty()) return absl::NotFoundError(absl::StrJoin(faults, "\n"));
  return payloads;
}

Payloads DecideStrangerReport(const State& state, const ReportStranger& report) {
  const auto known = state.strangers.find(report.launch);
  if (known == state.strangers.end()) {
    const bool is_new = report.listed && !IsRequestKnown(state, report.launch) &&
                        state.sites.contains(report.site) && state.strangers.size() < kStrangersMax;
    if (!is_new) return {};
    return {StrangerChanged{report.site, report.launch, CutText(report.machine),
                            StrangerFate::kUndecided}};
  }
  if (report.listed || known->second.site != report.site) return {};
  return {StrangerChanged{report.site, report.launch, known->second.machine, StrangerFate::kGone}};
}

}  // namespace epu
