#include "cli/list_filter.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "engines/suggest.h"
#include "eventlog/check.h"

namespace epu {
namespace {

constexpr std::size_t kShown = 60;  // Of a word that is refused.

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& letter : upper) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return upper;
}

// "RUNNING" of "600-RUNNING".
std::string_view WithoutCode(std::string_view state) {
  const std::size_t dash = state.find('-');
  return dash == std::string_view::npos ? state : state.substr(dash + 1);
}

std::vector<std::string_view> HealthNames() {
  std::vector<std::string_view> names;
  for (const Health health : {Health::kUnknown, Health::kOk, Health::kMonitorError,
                              Health::kProcessError, Health::kMissing, Health::kZombie}) {
    names.push_back(HealthName(health));
  }
  return names;
}

std::vector<std::string_view> WorkerStates() {
  std::vector<std::string_view> names;
  for (const WorkerState state :
       {WorkerState::kRequested, WorkerState::kErrorRetrying, WorkerState::kPending,
        WorkerState::kStarted, WorkerState::kRunning, WorkerState::kRunningFailed,
        WorkerState::kTerminating, WorkerState::kTerminated, WorkerState::kFailed,
        WorkerState::kRejected}) {
    names.push_back(StateName(state));
  }
  return names;
}

std::vector<std::string_view> Fates() {
  return {FateName(StrangerFate::kUndecided), FateName(StrangerFate::kAdopted),
          FateName(StrangerFate::kCollected)};
}

const ListKind& KindOf(std::string_view list) {
  const std::span<const ListKind> kinds = ListKinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const ListKind& kind) { return kind.name == list; });
  CHECK(found != kinds.end());
  return *found;
}

// What is wrong with the value of an option that takes one of `known`.
std::string ValueFault(std::string_view option, const std::string& typed,
                       std::span<const std::string_view> known) {
  const auto meant = [&](std::string_view name) { return IsMeant(typed, name); };
  if (std::any_of(known.begin(), known.end(), meant)) return "";
  std::vector<std::string_view> words;
  for (const std::string_view name : known) words.push_back(WithoutCode(name));
  // A fate is written small, all else large.
  std::optional<std::string_view> near = Suggest(Upper(typed), words);
  if (!near) near = Suggest(typed, words);
  return fmt::format("{} is \"{}\"; {}", option, EscapeAndCut(typed, kShown),
                     near ? fmt::format("did you mean {}?", *near)
                          : fmt::format("it is one of {}", fmt::join(words, ", ")));
}

}  // namespace

std::span<const ListKind> ListKinds() {
  static const std::vector<ListKind> kinds = {
      {"epus",
       {"--epu", "--site", "--state"},
       {"STABLE", "PENDING", "UNKNOWN", "DEVMODE_FAILED", "REMOVING"}},
      {"workers", {"--epu", "--site", "--state", "--health"}, WorkerStates()},
      {"sites", {"--site", "--state"}, {"ANSWERING", "SILENT", "UNKNOWN"}},
      {"sensors", {"--epu"}, {}},
      {"strangers", {"--site", "--state"}, Fates()},
  };
  return kinds;
}

std::string FilterFault(const State& state, std::string_view list, const ListFilter& filter) {
  const ListKind& kind = KindOf(list);
  const std::pair<std::string_view, const std::string&> typed[] = {{"--epu", filter.epu},
                                                                   {"--site", filter.site},
                                                                   {"--state", filter.state},
                                                                   {"--health", filter.health}};
  for (const auto& [option, value] : typed) {
    const auto& options = kind.options;
    if (value.empty() || std::find(options.begin(), options.end(), option) != options.end()) {
      continue;
    }
    return fmt::format("get {} has no {}; what narrows it: {}", list, option,
                       fmt::join(options, ", "));
  }
  if (!filter.epu.empty() && FindEpu(state, filter.epu) == nullptr) {
    return fmt::format("no EPU \"{}\"; epumgmt get epus lists them",
                       EscapeAndCut(filter.epu, kShown));
  }
  if (!filter.site.empty() && FindSite(state, filter.site) == nullptr) {
    return fmt::format("no site \"{}\"; epumgmt get sites lists them",
                       EscapeAndCut(filter.site, kShown));
  }
  if (!filter.state.empty()) {
    if (std::string fault = ValueFault("--state", filter.state, kind.states); !fault.empty()) {
      return fault;
    }
  }
  return filter.health.empty() ? "" : ValueFault("--health", filter.health, HealthNames());
}

bool IsMeant(std::string_view typed, std::string_view name) {
  if (typed.empty()) return true;
  const std::string word = Upper(typed);
  const std::string whole = Upper(name);
  const std::size_t dash = whole.find('-');
  return word == whole || (dash != std::string::npos &&
                           (word == whole.substr(0, dash) || word == whole.substr(dash + 1)));
}

}  // namespace epu
