// config: the configuration in force. The other verbs of *Look* stand in files of their own.

#include <ostream>

#include "cli/config_format.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/verb_history.h"
#include "cli/verbs.h"

namespace epu {
namespace {

struct ConfigArguments {
  std::string epu;
  std::string at;
};

void BindConfig(CLI::App& app, ConfigArguments& arguments) {
  app.add_option("epu", arguments.epu, "of this EPU alone")->type_name("EPU");
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
}

Exit RunConfig(Context& context, const ConfigArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const State& state = view->fold.state;
  const Epu* only = nullptr;
  if (!arguments.epu.empty()) {
    const absl::StatusOr<const Epu*> epu = RequireEpu(state, arguments.epu);
    if (!epu.ok()) return context.Fail(epu.status());
    only = *epu;
  }
  if (!context.GetOptions().json) {
    const std::string moment = MomentLine(*view, ZoneOf(context.GetOptions()));
    context.Out() << (moment.empty() ? "" : "# " + moment) << FormatConfig(state, only);
    return Exit::kDone;
  }
  Json sites = Json::array();
  for (const auto& [number, site] : state.sites) sites.push_back(DefinitionJson(site.definition));
  Json epus = Json::array();
  for (const Epu* epu : EpusByName(state)) {
    if (only == nullptr || only == epu) epus.push_back(DefinitionJson(epu->definition));
  }
  const Json answer = {{"sequence", view->position.sequence},
                       {"time", FormatTime(view->position.time)},
                       {"max_workers", state.max_workers},
                       {"sites", std::move(sites)},
                       {"epus", std::move(epus)}};
  context.Out() << ToLine(answer) << "\n";
  return Exit::kDone;
}

}  // namespace

void AddLookVerbs(Verbs& verbs) {
  AddStatusVerb(verbs);
  AddGetVerb(verbs);
  AddHistoryVerbs(verbs);
  verbs.Add<ConfigArguments>(
      {"config", VerbGroup::kLook, "the configuration in force, as YAML",
       "  epumgmt config > pools.yaml\n  epumgmt config crunch --at 18098\n"},
      &BindConfig, &RunConfig);
  AddLogsVerb(verbs);
  AddEnginesVerb(verbs);
}

}  // namespace epu
