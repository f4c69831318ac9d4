#include "cli/filter_words.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cli/look.h"
#include "cli/reference.h"
#include "cli/terminal.h"
#include "engines/suggest.h"

namespace epu {
namespace {

absl::StatusOr<std::size_t> ParseKind(const std::string& kind) {
  const std::vector<std::string_view>& names = KindNames();
  const auto found = std::find(names.begin(), names.end(), kind);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto near = Suggest(kind, names);
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return absl::InvalidArgumentError(
      fmt::format("no kind \"{}\"; {}", EscapeAndCut(kind, 40),
                  near ? fmt::format("did you mean {}?", *near) : "there are " + all));
}

}  // namespace

void BindFilter(CLI::App& app, FilterArguments& arguments) {
  app.add_option("ref", arguments.about, "of this EPU, worker, sensor, or this event's command")
      ->type_name("REF");
  app.add_option("--kind", arguments.kinds, "only of these kinds: decision,worker,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("KIND");
  app.add_option("--actor", arguments.actor, "only by this actor (epud is one)")->type_name("NAME");
}

absl::StatusOr<EventFilter> ParseFilter(const FilterArguments& arguments) {
  EventFilter filter;
  filter.actor = arguments.actor;
  if (!arguments.about.empty()) {
    const absl::StatusOr<Reference> reference = ParseReference(arguments.about);
    if (!reference.ok()) return reference.status();
    filter.about = *reference;
  }
  for (const std::string& kind : arguments.kinds) {
    const absl::StatusOr<std::size_t> index = ParseKind(kind);
    if (!index.ok()) return index.status();
    filter.kinds.push_back(*index);
  }
  return filter;
}

absl::Status CheckThere(const EventLog& log, const EventFilter& filter) {
  std::string epu;
  if (!filter.about) return absl::OkStatus();
  if (const auto* name = std::get_if<EpuName>(&*filter.about)) epu = name->epu;
  if (const auto* name = std::get_if<WorkerOf>(&*filter.about)) epu = name->epu;
  if (const auto* name = std::get_if<SensorOf>(&*filter.about)) epu = name->epu;
  if (epu.empty()) return absl::OkStatus();
  return RequireEpuOfLog(log, epu).status();
}

}  // namespace epu
