#include "cli/verb_bisect.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/bisect_view.h"
#include "cli/look.h"
#include "cli/reference.h"
#include "commands/bisect.h"
#include "engines/catalog.h"
#include "eventlog/read_events.h"

namespace epu {
namespace {

// So many events before a decision are looked at, and more where that tells nothing: most decisions
// hang on something near.
constexpr Sequence kWindows[] = {256, 2048, 16'384};

absl::StatusOr<std::vector<Event>> ReadRange(const EventLog& log, Sequence after, Sequence last) {
  std::vector<Event> events;
  const auto read = ReadEvents(log, after, last, EveryEvent(), [&](Event event, RecordView) {
    events.push_back(std::move(event));
    return true;
  });
  if (!read.ok()) return read.status();
  return events;
}

// The decision that was asked for; what is none is a slip of who typed it.
absl::StatusOr<Event> FindDecision(const View& view, const std::string& text) {
  const absl::StatusOr<Reference> reference = ParseReference(text);
  if (!reference.ok()) return reference.status();
  const auto* name = std::get_if<SequenceOf>(&*reference);
  if (name == nullptr) {
    return absl::InvalidArgumentError(fmt::format(
        "{} is no event's sequence; epumgmt history --kind decision lists the decisions", text));
  }
  std::optional<Event> event;
  if (name->sequence <= view.position.sequence) event = view.names->Read(name->sequence);
  if (!event) {
    return absl::NotFoundError(fmt::format("there is no event {}; the last is {}", name->sequence,
                                           view.position.sequence));
  }
  if (!std::holds_alternative<DecisionMade>(event->payload)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is a {} event, no decision; epumgmt history --kind decision lists them",
                    name->sequence, KindName(event->payload)));
  }
  return *std::move(event);
}

// This build must have the engine in the version that decided.
absl::Status RequireEngine(const DecisionMade& decision, const EngineCatalog& catalog) {
  const EngineEntry* const engine = FindEngine(catalog, decision.engine);
  if (engine != nullptr && engine->version == decision.engine_version) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format("this build does not have {} {}, which decided",
                                                   decision.engine, decision.engine_version));
}

}  // namespace

void BindBisect(CLI::App& app, BisectArguments& arguments) {
  app.add_option("decision", arguments.decision, "the sequence of a decision")
      ->required()
      ->type_name("DECISION");
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
}

Exit RunBisect(Context& context, const BisectArguments& arguments) {
  const Options& options = context.GetOptions();
  const absl::StatusOr<View> view = Look(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<Event> decision = FindDecision(*view, arguments.decision);
  if (!decision.ok()) return context.Fail(decision.status());
  const EngineCatalog catalog = BuiltInEngines();
  const absl::Status engine = RequireEngine(std::get<DecisionMade>(decision->payload), catalog);
  if (!engine.ok()) return context.Fail(engine);

  const Sequence last = decision->sequence - decision->place.index - 1;  // Before its command.
  Sequence after = last;
  Bisection found;
  for (const Sequence window : kWindows) {
    if (after == 0 || !found.inputs.empty()) break;
    after = last - std::min(last, window);
    Projection<State> before = NearestFold(context, *view->log, after);
    const absl::Status folded = CatchUp(*view->log, before, after);
    if (!folded.ok()) return context.Fail(folded);
    const absl::StatusOr<std::vector<Event>> events = ReadRange(*view->log, after, last);
    if (!events.ok()) return context.Fail(events.status());
    absl::StatusOr<Bisection> bisected = Bisect(before.state, *events, *decision, catalog);
    if (!bisected.ok()) return context.Fail(bisected.status());
    bisected->asked += found.asked;
    found = *std::move(bisected);
  }

  const BisectionFacts facts{*decision, found, after + 1};
  if (options.json) {
    context.Out() << ToLine(BisectionJson(facts, *view->names)) << "\n";
  } else {
    context.Print(BisectionText(facts, *view->names, ZoneOf(options)));
  }
  return Exit::kDone;
}

}  // namespace epu
