#include "cli/verb_revert.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cli/apply_plan.h"
#include "cli/change.h"
#include "cli/look.h"
#include "cli/plan_view.h"
#include "engines/catalog.h"

namespace epu {
namespace {

// A policy of the past, as a file would declare it.
struct OldPolicy {
  EpuDefinition definition;
  Sequence event = 0;  // That put it into force.
};

absl::StatusOr<OldPolicy> FindPolicy(Context& context, const RevertArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return view.status();
  const Epu* const epu = FindEpu(view->fold.state, arguments.epu);
  if (epu == nullptr) {
    if (const auto known = RequireEpuOfLog(*view->log, arguments.epu); !known.ok()) {
      return known.status();
    }
    return absl::NotFoundError(
        fmt::format("{} was not defined at {}; epumgmt history {} --kind policy tells when it was",
                    arguments.epu, view->position.sequence, arguments.epu));
  }
  OldPolicy policy{epu->definition, epu->policy};
  // The server numbers sites and sensors by their names as they are now.
  policy.definition.worker.site = {};
  for (SensorDefinition& sensor : policy.definition.sensors) sensor.number = {};
  return policy;
}

// Of the run as it is; what the policy does not speak of is left out.
absl::StatusOr<ApplyPlan> PlanOf(Context& context, Apply& apply) {
  const absl::StatusOr<ConfigView> view = ReadView(context);
  if (!view.ok()) return view.status();
  apply.basis = view->state.head;
  absl::StatusOr<ApplyPlan> plan = PlanApply(*view, apply, context.Now(), BuiltInEngines());
  if (plan.ok()) {
    std::erase_if(plan->items, [](const PlanItem& item) { return item.mark == PlanMark::kKept; });
  }
  return plan;
}

Json AnswerJson(const RevertArguments& arguments, const OldPolicy& policy, const ApplyPlan& plan) {
  Json json = {{"epu", arguments.epu}, {"policy", policy.event}};
  json.update(PlanJson(plan));
  return json;
}

}  // namespace

void BindRevert(CLI::App& app, RevertArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("--at", arguments.at, "the policy in force then: a time or a sequence")
      ->required()
      ->type_name("TIME|SEQ");
  app.add_flag("--dry-run", arguments.dry_run, "show what would change, and change nothing");
}

Exit RunRevert(Context& context, const RevertArguments& arguments) {
  const Options& options = context.GetOptions();
  if (!arguments.dry_run) {
    if (const absl::Status status = AwaitServer(context); !status.ok()) return context.Fail(status);
  }
  const absl::StatusOr<OldPolicy> policy = FindPolicy(context, arguments);
  if (!policy.ok()) return context.Fail(policy.status());
  Apply apply;
  apply.epus = {policy->definition};
  const absl::StatusOr<ApplyPlan> plan = PlanOf(context, apply);
  if (!plan.ok()) return context.Fail(plan.status());
  if (!options.json && !options.quiet) {
    context.Print(fmt::format("{} by the policy of {}\n{}{}", arguments.epu, policy->event,
                              FormatPlan(*plan, context.Now()), FormatSum(*plan)));
    context.Out().flush();
  }
  if (arguments.dry_run) {
    if (options.json) context.Print(ToLine(AnswerJson(arguments, *policy, *plan)) + "\n");
    return Exit::kDone;
  }
  if (const std::string question = PlanQuestion(*plan); !question.empty()) {
    if (const std::optional<Exit> exit = Confirm(context, question)) return *exit;
  }
  CommandSender sender(context, {"revert", arguments.epu, "--at", arguments.at},
                       fmt::format("revert to {}", policy->event));
  const absl::StatusOr<Answer> answer =
      sender.Send(std::move(apply), fmt::format("the policy of {}", policy->event));
  if (!answer.ok()) return context.Fail(answer.status());
  return Finish(context, *answer, "", AnswerJson(arguments, *policy, *plan));
}

}  // namespace epu
