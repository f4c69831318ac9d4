// The verbs of *Explain*: why, why-not, diff, replay, bisect.

#include <ostream>

#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/verb_bisect.h"
#include "cli/verb_diff.h"
#include "cli/verb_replay.h"
#include "cli/verb_report.h"
#include "cli/verb_shadow.h"
#include "cli/verb_test.h"
#include "cli/verb_whatif.h"
#include "cli/verb_why_not.h"
#include "cli/verbs.h"
#include "cli/why.h"
#include "cli/why_launch.h"

namespace epu {
namespace {

struct WhyArguments {
  std::string about;
  std::string at;
  bool dot = false;
};

void BindWhy(CLI::App& app, WhyArguments& arguments) {
  app.add_option("ref", arguments.about,
                 "an EPU, a worker, a sensor, a launch's service, or an event's sequence")
      ->required()
      ->type_name("REF");
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
  app.add_flag("--dot", arguments.dot, "as a graph for dot(1)");
}

Json TreeJson(const Node& node) {
  Json json = {{"text", node.text}};
  json["children"] = Json::array();
  for (const Node& child : node.children) json["children"].push_back(TreeJson(child));
  return json;
}

Exit RunWhy(Context& context, const WhyArguments& arguments) {
  const absl::StatusOr<Reference> reference = ParseReference(arguments.about);
  if (!reference.ok()) return context.Fail(reference.status());
  const Options& options = context.GetOptions();
  if (arguments.dot && options.json) {
    return context.Fail(Exit::kTyped,
                        "--dot and --json are two forms of one answer; leave out one");
  }
  const absl::StatusOr<View> view = Look(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const Zone zone = options.json ? Zone::kUtc : ZoneOf(options);
  const auto folds = [&](Sequence until) { return NearestFold(context, *view->log, until); };
  absl::StatusOr<Node> root =
      ExplainWhy(*view->log, folds, *reference, view->position, *view->names, zone);
  if (absl::IsNotFound(root.status())) {
    absl::StatusOr<Node> in_launch = ExplainInLaunch(context, *view, *reference, zone);
    if (in_launch.ok() || !absl::IsNotFound(in_launch.status())) root = std::move(in_launch);
  }
  if (!root.ok()) return context.Fail(root.status());
  if (options.json) {
    const Json answer = {{"sequence", view->position.sequence},
                         {"time", FormatTime(view->position.time)},
                         {"why", TreeJson(*root)}};
    context.Out() << ToLine(answer) << "\n";
  } else if (arguments.dot) {
    context.Print(FormatDot(*root));
  } else {
    context.Print(MomentLine(*view, zone) + FormatTree(*root));
  }
  return Exit::kDone;
}

}  // namespace

void AddExplainVerbs(Verbs& verbs) {
  verbs.Add<WhyArguments>(
      {"why", VerbGroup::kExplain, "from outcome back to inputs and policy, forward to the end",
       "  epumgmt why crunch/12\n  epumgmt why crunch\n  epumgmt why 18181\n"
       "  epumgmt -r base why broker\n"
       "  epumgmt why crunch --at 09:12\n  epumgmt why crunch/12 --dot | dot -Tsvg > why.svg\n"},
      &BindWhy, &RunWhy);
  verbs.Add<WhyNotArguments>(
      {"why-not", VerbGroup::kExplain, "what held a pool, and the value that would flip it",
       "  epumgmt why-not crunch\n  epumgmt why-not crunch --at 09:12 --json\n"},
      &BindWhyNot, &RunWhyNot);
  verbs.Add<DiffArguments>(
      {"diff", VerbGroup::kExplain, "what changed in what was believed, between two moments",
       "  epumgmt diff --at 09:00 --at 09:14\n  epumgmt diff --at 2h\n"
       "  epumgmt diff --at 18180 --at 18197 --json\n"},
      &BindDiff, &RunDiff);
  verbs.Add<ReplayArguments>(
      {"replay", VerbGroup::kExplain, "make every recorded decision again, and compare",
       "  epumgmt replay                       exit 4 where one comes out otherwise\n"
       "  epumgmt replay --epu crunch --from 2h\n  epumgmt --log /mnt/copy/log replay --json\n"},
      &BindReplay, &RunReplay);
  verbs.Add<WhatIfArguments>(
      {"whatif", VerbGroup::kExplain, "the recorded history, or a trace, under other policies",
       "  epumgmt whatif crunch --set queuelen_high_water=50 --from 7d\n"
       "  epumgmt whatif crunch --engine scheduled --set 'schedule=mon-fri@08:00=6'\n"
       "  epumgmt whatif crunch --candidate max_instances=4 --candidate max_instances=16 --csv\n"
       "  epumgmt whatif crunch --model          how well the model does by itself\n"
       "  epumgmt whatif crunch --trace jobs.swf --set queuelen_high_water=50\n"
       "Up to the first decision that differs everything is recorded fact; from there on a model\n"
       "of the queue, fitted to the record, goes on. Worker-hours count from a request to the\n"
       "observed end; a flap is a launch and an end within 10 minutes that leave the size where "
       "it\n"
       "was; waiting is from a job's arrival to its start.\n"},
      &BindWhatIf, &RunWhatIf);
  verbs.Add<ReportArguments>(
      {"report", VerbGroup::kExplain, "an incident as a page, for people who were not there",
       "  epumgmt report crunch --from 09:00 --to 09:40 --html rush.html\n"
       "Backlog, workers by state, decisions with their reasons and inputs, changes, failures, "
       "the\n"
       "machines that may be open, the log's checkpoint. The page needs nothing from elsewhere.\n"},
      &BindReport, &RunReport);
  verbs.Add<TestArguments>(
      {"test", VerbGroup::kExplain, "a policy over recorded incidents, held to what is expected",
       "  epumgmt export crunch --slice --from 09:00 --to 09:40 -o incidents/rush.slice\n"
       "  printf 'never_above: 8\\nqueue_under: 500\\nwithin: 10m\\nno_flap: true\\n' \\\n"
       "    > incidents/expectations.yaml\n"
       "  epumgmt test incidents --set queuelen_high_water=50\n"
       "Exits with 4 where an expectation is broken. No run is needed.\n"},
      &BindTest, &RunTest);
  verbs.Add<ShadowArguments>(
      {"shadow", VerbGroup::kExplain, "how the shadow policies of a pool compare with its own",
       "  epumgmt shadow crunch\n  epumgmt shadow crunch --from 7d --json\n"
       "A shadow decides on the live inputs and nothing acts on it; it is declared in the\n"
       "configuration: epus.crunch.shadows.NAME: {engine: …, config: {…}}\n"},
      &BindShadow, &RunShadow);
  verbs.Add<BisectArguments>(
      {"bisect", VerbGroup::kExplain, "the fewest inputs without which a decision would be another",
       "  epumgmt bisect 18181\n  epumgmt bisect 18181 --json | jq '.inputs[].sequence'\n"},
      &BindBisect, &RunBisect);
}

}  // namespace epu
