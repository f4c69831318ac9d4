#include "cli/look.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "commands/client.h"
#include "engines/suggest.h"

namespace epu {
namespace {

// What the server says beside its log. A server that does not answer is no hindrance to reading.
void AskServer(Context& context, View& view) {
  if (!context.IsServed()) return;
  const absl::StatusOr<GatewayClient*> server = context.Server();
  if (!server.ok()) return;
  const absl::StatusOr<ServerState> state = (*server)->GetState(context.GetOptions().timeout);
  if (!state.ok()) {
    context.Note(std::string(state.status().message()) + "; this is from its log");
    return;
  }
  view.position.time = std::max(state->time, view.position.time);
  view.heard.emplace();
  for (const HeardAge& heard : state->heard) view.heard->emplace(heard.worker, heard.age);
}

}  // namespace

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
  const absl::StatusOr<Sequence> head = (*log)->Head();
  if (!head.ok()) return head.status();
  view.position = {*head, context.Now()};
  if (*head > 0) {
    const absl::StatusOr<Position> last = Resolve(**log, Moment{*head});
    if (!last.ok()) return last.status();
    view.position.time = std::max(view.position.time, last->time);
  }
  return view;
}

absl::StatusOr<View> LookAndFold(Context& context, const std::string& at) {
  absl::StatusOr<View> view = Look(context, at);
  if (!view.ok()) return view;
  if (!view->past) AskServer(context, *view);
  const absl::Status status = CatchUp(*view->log, view->fold, view->position.sequence);
  if (!status.ok()) return status;
  return view;
}

StatusFacts FactsOf(const View& view, Zone zone) {
  return {view.run,           view.fold.state,
          view.position.time, view.heard ? &*view.heard : nullptr,
          *view.names,        zone};
}

std::string MomentLine(const View& view, Zone zone) {
  if (!view.past) return "";
  return fmt::format("at {}, {}\n", view.position.sequence,
                     FormatSeconds(view.position.time, zone));
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
