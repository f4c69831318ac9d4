#include "cli/verb_apply.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/apply_plan.h"
#include "cli/apply_review.h"
#include "cli/change.h"
#include "cli/config_file.h"
#include "cli/input_file.h"
#include "cli/look.h"
#include "cli/plan_view.h"
#include "cli/reference.h"
#include "commands/apply.h"
#include "engines/catalog.h"

namespace epu {
namespace {

// What a file comes to in the run as it is.
struct Proposal {
  ParsedConfig config;
  ApplyPlan plan;
  std::string log_id;
};

// Reads `text` against what is in force now. What is wrong with it, whoever finds it, is said at
// once; then there is an exit.
std::optional<Exit> Propose(Context& context, const ApplyArguments& arguments,
                            const std::string& text, Proposal& proposal) {
  const absl::StatusOr<ConfigView> view = ReadView(context);
  if (!view.ok()) return context.Fail(view.status());
  const State& state = view->state;
  const EngineCatalog catalog = BuiltInEngines();
  std::set<std::string> sites;
  for (const auto& [number, site] : state.sites) sites.insert(site.definition.name);
  proposal.config = ParseConfig(text, catalog, sites);
  proposal.log_id = state.log_id;
  Apply& apply = proposal.config.apply;
  apply.prune = arguments.prune;
  apply.basis = state.head;
  absl::StatusOr<ApplyPlan> plan = PlanApply(*view, apply, context.Now(), catalog);
  std::vector<ConfigFault> faults = proposal.config.faults;
  if (absl::IsInvalidArgument(plan.status())) {
    faults = LocateFaults(std::string(plan.status().message()), faults, proposal.config.marks);
  }
  if (!faults.empty()) return FailByFaults(context, arguments.file, faults);
  if (!plan.ok()) return context.Fail(plan.status());
  proposal.plan = *std::move(plan);
  return std::nullopt;
}

void Show(Context& context, const Proposal& proposal) {
  const Options& options = context.GetOptions();
  if (options.json || options.quiet) return;
  context.Print(fmt::format("run {} ({}) at {}\n{}{}", options.run, proposal.log_id,
                            proposal.plan.basis, FormatPlan(proposal.plan, context.Now()),
                            FormatSum(proposal.plan)));
  context.Out().flush();
}

// Shows what the file would have done to the time that has passed, or notes it for the JSON.
std::optional<Exit> ReviewPast(Context& context, const ApplyArguments& arguments,
                               const Proposal& proposal, Json& plan) {
  if (arguments.review.empty()) return std::nullopt;
  const absl::StatusOr<Duration> length = ParseDuration(arguments.review);
  if (!length.ok()) {
    return context.Fail(Exit::kTyped,
                        fmt::format("--review: {}", std::string(length.status().message())));
  }
  const absl::StatusOr<std::vector<PoolReview>> reviews =
      ReviewApply(context, proposal.config.apply, proposal.plan, *length);
  if (!reviews.ok()) return context.Fail(reviews.status());
  const Options& options = context.GetOptions();
  if (options.json) {
    plan["review"] = ReviewsJson(*reviews);
  } else if (!options.quiet) {
    context.Print(FormatReviews(*reviews, context.GetTerminal(), ZoneOf(options)));
    context.Out().flush();
  }
  return std::nullopt;
}

// The end of what only looks.
Exit FinishLooking(Context& context, const ApplyArguments& arguments, const Proposal& proposal,
                   const Json& plan) {
  if (context.GetOptions().json) context.Print(ToLine(plan) + "\n");
  if (!arguments.check || !Differs(proposal.plan)) return Exit::kDone;
  return context.Fail(Exit::kRefused,
                      fmt::format("the run differs from {}; apply without --check changes it",
                                  InputName(arguments.file)));
}

// Says that a proposal was overtaken, and shows what it comes to now. Then either somebody is asked
// whether to go on (none), or the program ends.
std::optional<Exit> ProposeAgain(Context& context, const ApplyArguments& arguments,
                                 const std::string& text, const std::string& refusal,
                                 Proposal& proposal) {
  context.Note(refusal);
  proposal = {};
  if (const std::optional<Exit> exit = Propose(context, arguments, text, proposal)) return exit;
  Show(context, proposal);
  const bool asks = context.AsksQuestions() && !context.GetOptions().yes;
  if (!asks) {
    if (context.GetOptions().json) context.Print(ToLine(PlanJson(proposal.plan)) + "\n");
    return context.Fail(Exit::kRefused,
                        fmt::format("nothing was changed: the run was changed meanwhile; look at "
                                    "the new difference, and repeat: epumgmt apply {}",
                                    arguments.file));
  }
  return Confirm(context, fmt::format("The run was changed meanwhile; this is the difference now. "
                                      "{}",
                                      PlanQuestion(proposal.plan)));
}

// Whether the server refused because somebody changed what this declares.
absl::StatusOr<bool> WasOvertaken(Context& context, const absl::Status& refusal,
                                  const Apply& apply) {
  if (!absl::IsFailedPrecondition(refusal)) return false;
  const absl::StatusOr<ConfigView> view = ReadView(context);
  if (!view.ok()) return view.status();
  return !ChangedSince(view->state, apply).empty();
}

Exit FailByRefusal(Context& context, const ApplyArguments& arguments, const Proposal& proposal,
                   const absl::Status& refusal) {
  if (!absl::IsInvalidArgument(refusal)) return context.Fail(refusal);
  return FailByFaults(context, arguments.file,
                      LocateFaults(std::string(refusal.message()), {}, proposal.config.marks));
}

Exit SendUntilDecided(Context& context, const ApplyArguments& arguments, const std::string& text,
                      Proposal& proposal, Json plan) {
  std::vector<std::string> words = {"apply", arguments.file};
  if (arguments.prune) words.emplace_back("--prune");
  CommandSender sender(context, std::move(words));
  for (;;) {
    const absl::StatusOr<Answer> answer = sender.Send(proposal.config.apply, arguments.file);
    if (answer.ok()) return Finish(context, *answer, "", std::move(plan));
    const absl::StatusOr<bool> overtaken =
        WasOvertaken(context, answer.status(), proposal.config.apply);
    if (!overtaken.ok()) return context.Fail(overtaken.status());
    if (!*overtaken) return FailByRefusal(context, arguments, proposal, answer.status());
    const std::optional<Exit> exit =
        ProposeAgain(context, arguments, text, std::string(answer.status().message()), proposal);
    if (exit) return *exit;
    plan = PlanJson(proposal.plan);
  }
}

}  // namespace

void BindApply(CLI::App& app, ApplyArguments& arguments) {
  app.add_option("file", arguments.file, "a configuration file, or - for standard input")
      ->required();
  app.add_flag("--dry-run", arguments.dry_run, "show what would change, and change nothing");
  app.add_flag("--check", arguments.check, "change nothing; exit 4 where the run differs");
  app.add_option("--review", arguments.review,
                 "show what the new values would have done to so much of the past")
      ->type_name("DURATION");
  app.add_flag("--prune", arguments.prune, "drain and remove the EPUs that are not in the file");
}

Exit RunApply(Context& context, const ApplyArguments& arguments) {
  const bool sends = !arguments.dry_run && !arguments.check;
  const absl::StatusOr<std::string> text = ReadInput(context, arguments.file);
  if (!text.ok()) return context.Fail(text.status());
  if (sends) {
    if (const absl::Status status = AwaitServer(context); !status.ok()) return context.Fail(status);
  }
  Proposal proposal;
  if (const std::optional<Exit> exit = Propose(context, arguments, *text, proposal)) return *exit;
  Show(context, proposal);
  Json plan = PlanJson(proposal.plan);
  if (const auto exit = ReviewPast(context, arguments, proposal, plan)) return *exit;
  if (!sends) return FinishLooking(context, arguments, proposal, plan);
  if (const std::string question = PlanQuestion(proposal.plan); !question.empty()) {
    if (const std::optional<Exit> exit = Confirm(context, question)) return *exit;
  }
  return SendUntilDecided(context, arguments, *text, proposal, std::move(plan));
}

}  // namespace epu
