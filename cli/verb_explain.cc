// The verbs of *Explain*: why, why-not, diff, replay.

#include <ostream>

#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/verb_diff.h"
#include "cli/verb_replay.h"
#include "cli/verb_why_not.h"
#include "cli/verbs.h"
#include "cli/why.h"

namespace epu {
namespace {

struct WhyArguments {
  std::string about;
  std::string at;
  bool dot = false;
};

void BindWhy(CLI::App& app, WhyArguments& arguments) {
  app.add_option("ref", arguments.about, "an EPU, a worker, a sensor, or an event's sequence")
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
  const absl::StatusOr<Node> root =
      ExplainWhy(*view->log, folds, *reference, view->position, *view->names, zone);
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
}

}  // namespace epu
