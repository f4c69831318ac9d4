#include "cli/look.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/snapshot_files.h"
#include "commands/client.h"
#include "commands/endpoint_lock.h"
#include "engines/suggest.h"

namespace epu {
namespace {

// What the server says beside its log. A server that does not answer is no hindrance to reading.
void AskServer(Context& context, View& view) {
  const Options& options = context.GetOptions();
  view.heard.reset();
  view.server_note.clear();
  view.unprovisioned = options.log.empty() && options.server.empty() && context.IsServed() &&
                       !HasProvisioner(context.Paths().directory);
  if (!options.log.empty()) return;
  if (!context.IsServed()) {
    view.server_note = fmt::format("no server at {}; this is from the log of run {}",
                                   context.Paths().endpoint, options.run);
    return;
  }
  const absl::StatusOr<GatewayClient*> server = context.Server();
  const absl::StatusOr<ServerState> state =
      server.ok() ? (*server)->GetState(options.timeout) : server.status();
  if (!state.ok()) {
    view.server_note = std::string(state.status().message()) + "; this is from its log";
    return;
  }
  view.position.time = std::max(state->time, view.position.time);
  view.heard.emplace();
  for (const HeardAge& heard : state->heard) view.heard->emplace(heard.worker, heard.age);
}

// The last event, and a moment that is not before it.
absl::Status GoToHead(Context& context, View& view) {
  const absl::StatusOr<Sequence> head = view.log->Head();
  if (!head.ok()) return head.status();
  view.position = {*head, context.Now()};
  if (*head == 0) return absl::OkStatus();
  const absl::StatusOr<Position> last = Resolve(*view.log, Moment{*head});
  if (!last.ok()) return last.status();
  view.position.time = std::max(view.position.time, last->time);
  return absl::OkStatus();
}

// Folds up to the view's position, from where it is or, at first, from the nearest snapshot.
absl::Status Fold(Context& context, View& view) {
  const Sequence until = view.position.sequence;
  if (view.fold.position == 0) view.fold = NearestFold(context, *view.log, until);
  return CatchUp(*view.log, view.fold, until);
}

}  // namespace

Projection<State> NearestFold(Context& context, const EventLog& log, Sequence until) {
  if (context.IsRemote()) return {};
  return SnapshotFiles(context.Paths().log).Nearest(log, until);
}

absl::StatusOr<View> Look(Context& context, const std::string& at) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return log.status();
  View view;
  view.log = *log;
  view.names = std::make_unique<Names>(**log);
  view.run = context.GetOptions().run;
  if (!at.empty()) {
    const absl::StatusOr<Moment> moment =
        ParseMoment(at, context.Now(), ZoneOf(context.GetOptions()));
    if (!moment.ok()) return moment.status();
    const absl::StatusOr<Position> position = Resolve(**log, *moment);
    if (!position.ok()) return position.status();
    view.position = *position;
    view.past = true;
    return view;
  }
  if (absl::Status status = GoToHead(context, view); !status.ok()) return status;
  return view;
}

absl::Status BringToPresent(Context& context, View& view) {
  if (absl::Status status = GoToHead(context, view); !status.ok()) return status;
  AskServer(context, view);
  return Fold(context, view);
}

absl::StatusOr<View> LookAndFold(Context& context, const std::string& at) {
  absl::StatusOr<View> view = Look(context, at);
  if (!view.ok()) return view;
  if (!view->past) {
    AskServer(context, *view);
    // That nobody serves the run was said when its log was opened.
    if (!view->server_note.empty() && context.IsServed()) context.Note(view->server_note);
  }
  if (absl::Status status = Fold(context, *view); !status.ok()) return status;
  return view;
}

absl::StatusOr<View> LookIntoLog(Context& context) {
  absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return view;
  if (absl::Status status = Fold(context, *view); !status.ok()) return status;
  return view;
}

absl::StatusOr<SequenceRange> ParseRange(const View& view, const std::string& from,
                                         const std::string& to, Time now, Zone zone) {
  SequenceRange range{1, view.position.sequence};
  const auto parse = [&](const std::string& text) -> absl::StatusOr<Sequence> {
    const absl::StatusOr<Moment> moment = ParseMoment(text, now, zone);
    if (!moment.ok()) return moment.status();
    if (const auto* sequence = std::get_if<Sequence>(&*moment)) return *sequence;
    return FirstAt(*view.log, std::get<Time>(*moment));
  };
  if (!from.empty()) {
    const absl::StatusOr<Sequence> first = parse(from);
    if (!first.ok()) return first.status();
    range.first = *first;
  }
  if (!to.empty()) {
    const absl::StatusOr<Sequence> end = parse(to);
    if (!end.ok()) return end.status();
    range.last = std::min(range.last, *end - 1);
  }
  return range;
}

absl::StatusOr<SequenceRange> RequireRange(const View& view, const std::string& from,
                                           const std::string& to, Time now, Zone zone) {
  const absl::StatusOr<SequenceRange> range = ParseRange(view, from, to, now, zone);
  if (!range.ok() || range->first <= range->last) return range;
  return absl::InvalidArgumentError(
      fmt::format("there is no event from {} to {}; the log ends at {}, {}",
                  from.empty() ? "1" : from, to.empty() ? "its end" : to, view.position.sequence,
                  FormatSeconds(view.position.time, zone)));
}

StatusFacts FactsOf(const View& view, Zone zone) {
  return {view.run,           view.fold.state,
          view.position.time, view.heard ? &*view.heard : nullptr,
          *view.names,        zone,
          view.unprovisioned};
}

std::string MomentLine(const View& view, Zone zone) {
  return view.past ? MomentText(view, zone) : "";
}

std::string MomentText(const View& view, Zone zone) {
  return fmt::format("at {}, {}\n", view.position.sequence,
                     FormatSeconds(view.position.time, zone));
}

absl::StatusOr<EpuNumber> RequireEpuOfLog(const EventLog& log, const std::string& name) {
  const absl::StatusOr<std::map<std::string, EpuNumber>> epus = ReadEpuNames(log);
  if (!epus.ok()) return epus.status();
  if (const auto found = epus->find(name); found != epus->end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, number] : *epus) names.push_back(known);
  const auto near = Suggest(name, names);
  return absl::NotFoundError(fmt::format("no EPU \"{}\" in this log{}", EscapeAndCut(name, 80),
                                         near ? fmt::format("; did you mean {}?", *near) : ""));
}

absl::StatusOr<const Epu*> RequireEpu(const State& state, const std::string& name) {
  if (const Epu* epu = FindEpu(state, name)) return epu;
  std::vector<std::string_view> names;
  for (const Epu* epu : EpusByName(state)) names.push_back(epu->definition.name);
  const auto near = Suggest(name, names);
  return absl::NotFoundError(fmt::format("no EPU \"{}\"{}", EscapeAndCut(name, 80),
                                         near ? fmt::format("; did you mean {}?", *near) : ""));
}

}  // namespace epu
