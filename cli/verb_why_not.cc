#include "cli/verb_why_not.h"

#include <ostream>

#include <fmt/format.h>

#include "cli/look.h"
#include "cli/why_not_view.h"
#include "commands/why_not.h"
#include "engines/catalog.h"

namespace epu {
namespace {

std::string Heading(const View& view, const Epu& epu, const WhyNot& why_not, Zone zone) {
  const std::string change =
      why_not.change == 0 ? "no change" : fmt::format("a change of {:+}", why_not.change);
  return fmt::format("{} at {} ({}): {}, {} worker{}\n", epu.definition.name,
                     FormatSeconds(view.position.time, zone), view.position.sequence, change,
                     why_not.size, why_not.size == 1 ? "" : "s");
}

}  // namespace

void BindWhyNot(CLI::App& app, WhyNotArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
}

Exit RunWhyNot(Context& context, const WhyNotArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const State& state = view->fold.state;
  const absl::StatusOr<const Epu*> epu = RequireEpu(state, arguments.epu);
  if (!epu.ok()) return context.Fail(epu.status());
  const EngineCatalog catalog = BuiltInEngines();
  const absl::StatusOr<WhyNot> why_not =
      ExplainWhyNot(state, (*epu)->number, view->position.time, catalog);
  if (!why_not.ok()) return context.Fail(why_not.status());
  if (context.GetOptions().json) {
    Json json = {{"sequence", view->position.sequence}, {"time", FormatTime(view->position.time)}};
    json.update(WhyNotJson(*why_not, **epu));
    context.Out() << ToLine(json) << "\n";
    return Exit::kDone;
  }
  const Zone zone = ZoneOf(context.GetOptions());
  context.Print(Heading(*view, **epu, *why_not, zone) + WhyNotText(*why_not, state, **epu, zone));
  return Exit::kDone;
}

}  // namespace epu
