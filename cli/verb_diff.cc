#include "cli/verb_diff.h"

#include <ostream>

#include <fmt/format.h>

#include "cli/history_view.h"
#include "cli/look.h"
#include "cli/state_diff.h"

namespace epu {
namespace {

Json MomentJson(const View& view) {
  return {{"sequence", view.position.sequence}, {"time", FormatTime(view.position.time)}};
}

std::string Heading(const View& before, const View& after, Zone zone) {
  const Sequence events = after.position.sequence - before.position.sequence;
  return fmt::format("from {}, {} to {}, {}: {} event{}\n", before.position.sequence,
                     FormatSeconds(before.position.time, zone), after.position.sequence,
                     FormatSeconds(after.position.time, zone), WithThousands(events),
                     events == 1 ? "" : "s");
}

}  // namespace

void BindDiff(CLI::App& app, DiffArguments& arguments) {
  app.add_option("--at", arguments.at, "from the first to the second, or to now")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("TIME|SEQ");
}

Exit RunDiff(Context& context, const DiffArguments& arguments) {
  if (arguments.at.size() > 2) {
    return context.Fail(Exit::kTyped, fmt::format("{} moments; diff compares two: --at A --at B",
                                                  arguments.at.size()));
  }
  const absl::StatusOr<View> before = LookAndFold(context, arguments.at.front());
  if (!before.ok()) return context.Fail(before.status());
  const absl::StatusOr<View> after =
      LookAndFold(context, arguments.at.size() == 2 ? arguments.at.back() : "");
  if (!after.ok()) return context.Fail(after.status());
  if (after->position.sequence < before->position.sequence) {
    return context.Fail(Exit::kTyped,
                        fmt::format("the second moment, {}, is before the first, {}",
                                    after->position.sequence, before->position.sequence));
  }
  const bool json = context.GetOptions().json;
  const Zone zone = json ? Zone::kUtc : ZoneOf(context.GetOptions());
  const std::vector<Difference> differences =
      CompareStates(FactsOf(*before, zone), FactsOf(*after, zone));
  if (json) {
    const Json answer = {{"from", MomentJson(*before)},
                         {"to", MomentJson(*after)},
                         {"changes", DifferencesJson(differences)}};
    context.Out() << ToLine(answer) << "\n";
  } else {
    context.Print(Heading(*before, *after, zone) +
                  (differences.empty() ? "nothing changed\n" : FormatDifferences(differences)));
  }
  return Exit::kDone;
}

}  // namespace epu
