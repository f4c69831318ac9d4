#include "cli/verb_submit.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/apply_plan.h"
#include "cli/change.h"
#include "cli/config_file.h"
#include "cli/input_file.h"
#include "cli/order_json.h"
#include "cli/plan_view.h"
#include "cli/verb_killrun.h"
#include "engines/catalog.h"
#include "eventlog/overloaded.h"
#include "projections/pool.h"

namespace epu {
namespace {

// ---- --schema ----

// "due", or "else false".
std::string OtherwiseText(const OrderMember& member) {
  return member.otherwise.empty() ? "due" : fmt::format("else {}", member.otherwise);
}

std::string ShapeText(const OrderShape& shape) {
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  std::size_t otherwise_width = 0;
  for (const OrderMember& member : shape.members) {
    name_width = std::max(name_width, member.name.size());
    value_width = std::max(value_width, member.value.size());
    otherwise_width = std::max(otherwise_width, OtherwiseText(member).size());
  }
  std::string text = fmt::format("\n{}: {}\n", shape.name, shape.sentence);
  for (const OrderMember& member : shape.members) {
    text += fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", member.name, name_width, member.value,
                        value_width, OtherwiseText(member), otherwise_width, member.sentence);
  }
  return text + fmt::format("  {}\n", shape.example);
}

std::string SchemaText() {
  std::string text =
      "A command is one JSON object with one member, by the name of the command. Values are "
      "written "
      "as in a\nconfiguration file, durations with their unit; null is as good as leaving a member "
      "out.\n";
  for (const OrderShape& shape : OrderShapes()) text += ShapeText(shape);
  return text;
}

Json SchemaJson() {
  Json commands = Json::array();
  for (const OrderShape& shape : OrderShapes()) {
    Json members = Json::array();
    for (const OrderMember& member : shape.members) {
      members.push_back({{"name", member.name},
                         {"value", member.value},
                         {"otherwise", TextOrNull(member.otherwise)},
                         {"meaning", member.sentence}});
    }
    commands.push_back({{"name", shape.name},
                        {"meaning", shape.sentence},
                        {"members", std::move(members)},
                        {"example", Json::parse(shape.example)}});
  }
  return {{"commands", std::move(commands)}};
}

// ---- Before it is sent ----

// What an order would do to pools, where that can be worked out before.
absl::StatusOr<ApplyPlan> PlanOf(const ConfigView& view, const Order& order, Time now,
                                 const EngineCatalog& catalog) {
  if (const auto* apply = std::get_if<Apply>(&order)) return PlanApply(view, *apply, now, catalog);
  const auto* change = std::get_if<Reconfigure>(&order);
  return change == nullptr ? ApplyPlan{} : PlanReconfigure(view, *change, now, catalog);
}

// What is to be asked before an order that removes or empties pools; empty for the others.
std::string QuestionOf(const std::string& run, const State& state, const Order& order,
                       const ApplyPlan& plan) {
  return std::visit(Overloaded{
                        [&](const Remove& remove) {
                          const Epu* epu = FindEpu(state, remove.epu);
                          const std::size_t workers = epu == nullptr ? 0 : CountValid(*epu);
                          return fmt::format(
                              "Drains {}, ends {} worker{} and forgets its configuration.",
                              remove.epu, workers, workers == 1 ? "" : "s");
                        },
                        [&](const EndRun&) { return KillrunQuestion(run, state); },
                        [&](const auto&) { return PlanQuestion(plan); },
                    },
                    order);
}

// ---- After it was decided ----

std::string OutcomeText(const Answer& answer, const std::vector<std::string>& ends) {
  std::string text;
  if (!ends.empty()) text = fmt::format("ends {}\n", fmt::join(ends, ", "));
  if (answer.first == 0) return text + DoneText(answer);
  if (answer.first == answer.last) return text + fmt::format("done: event {}\n", answer.first);
  return text + fmt::format("done: events {} to {}\n", answer.first, answer.last);
}

Exit SayOutcome(Context& context, const std::string& name, const Answer& answer) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  const std::vector<std::string> ends = EndedBy(**log, answer);
  if (context.GetOptions().json) {
    context.Print(ToLine({{"command", name},
                          {"ends", ends},
                          {"first", SequenceOrNull(answer.first)},
                          {"last", SequenceOrNull(answer.last)}}) +
                  "\n");
  } else if (!context.GetOptions().quiet) {
    context.Print(OutcomeText(answer, ends));
  }
  return Exit::kDone;
}

}  // namespace

void BindSubmit(CLI::App& app, SubmitArguments& arguments) {
  app.add_option("file", arguments.file, "a command as JSON, or - for standard input");
  app.add_flag("--schema", arguments.schema, "how each command is written");
}

Exit RunSubmit(Context& context, const SubmitArguments& arguments) {
  if (arguments.schema) {
    context.Print(context.GetOptions().json ? ToLine(SchemaJson()) + "\n" : SchemaText());
    return Exit::kDone;
  }
  if (arguments.file.empty()) {
    return context.Fail(Exit::kTyped, "a file is due, - or --schema; see: epumgmt submit --help");
  }
  const absl::StatusOr<std::string> text = ReadInput(context, arguments.file);
  if (!text.ok()) return context.Fail(text.status());
  if (const absl::Status status = AwaitServer(context); !status.ok()) return context.Fail(status);
  const absl::StatusOr<ConfigView> view = ReadView(context);
  if (!view.ok()) return context.Fail(view.status());

  const EngineCatalog catalog = BuiltInEngines();
  const ParsedOrder parsed = ParseOrder(*text, view->state, catalog);
  if (!parsed.order) return FailByFaults(context, arguments.file, parsed.faults);
  const auto fail = [&](const absl::Status& status) {
    if (!absl::IsInvalidArgument(status)) return context.Fail(status);
    return FailByFaults(context, arguments.file,
                        LocateFaults(std::string(status.message()), {}, parsed.marks));
  };
  const absl::StatusOr<ApplyPlan> plan = PlanOf(*view, *parsed.order, context.Now(), catalog);
  if (!plan.ok()) return fail(plan.status());
  const std::string question =
      QuestionOf(context.GetOptions().run, view->state, *parsed.order, *plan);
  if (!question.empty()) {
    if (const std::optional<Exit> exit = Confirm(context, question)) return *exit;
  }
  CommandSender sender(context, {"submit", arguments.file});
  const absl::StatusOr<Answer> answer = sender.Send(*parsed.order, parsed.name);
  if (!answer.ok()) return fail(answer.status());
  return SayOutcome(context, parsed.name, *answer);
}

}  // namespace epu
