#include "cli/verb_stranger.h"

#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/names.h"
#include "cli/terminal.h"
#include "commands/command.h"

namespace epu {
namespace {

// The strangers that a command changed: by their tokens, with the sites' names for them.
struct Settled {
  std::vector<std::string> tokens;
  std::vector<std::string> shown;  // "k3f9-5d1e-208 (pid 40177)"
};

Settled SettledBy(const EventLog& log, const Answer& answer) {
  Settled settled;
  Names names(log);
  for (Sequence at = answer.first; answer.first != 0 && at <= answer.last; ++at) {
    const std::optional<Event> event = names.Read(at);
    const auto* fact = event ? std::get_if<StrangerChanged>(&event->payload) : nullptr;
    if (fact == nullptr) continue;
    settled.tokens.push_back(names.Token(fact->launch, at));
    settled.shown.push_back(
        fmt::format("{} ({})", settled.tokens.back(), EscapeAndCut(fact->machine, 60)));
  }
  return settled;
}

// `verb` is as typed, `does` as the answer says it.
Exit Settle(Context& context, std::string_view verb, const StrangerArguments& arguments,
            Order order, std::string_view does) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  std::vector<std::string> words = {std::string(verb)};
  words.insert(words.end(), arguments.machines.begin(), arguments.machines.end());
  CommandSender sender(context, std::move(words));
  const absl::StatusOr<Answer> answer =
      sender.Send(std::move(order), fmt::format("{}", fmt::join(arguments.machines, " ")));
  if (!answer.ok()) return context.Fail(answer.status());
  const Settled settled = SettledBy(**log, *answer);
  if (context.GetOptions().quiet) {
    for (const std::string& token : settled.tokens) context.Print(token + "\n");
  }
  const std::string text =
      settled.shown.empty() ? "" : fmt::format("{} {}\n", does, fmt::join(settled.shown, ", "));
  return Finish(context, *answer, text, {{"machines", settled.tokens}});
}

}  // namespace

void BindStrangers(CLI::App& app, StrangerArguments& arguments) {
  app.add_option("machines", arguments.machines, "as epumgmt get strangers lists them")
      ->type_name("MACHINE")
      ->required();
}

Exit RunAdopt(Context& context, const StrangerArguments& arguments) {
  return Settle(context, "adopt", arguments, Adopt{arguments.machines}, "leaves alone for good");
}

Exit RunCollect(Context& context, const StrangerArguments& arguments) {
  return Settle(context, "collect", arguments, Collect{arguments.machines}, "ends");
}

}  // namespace epu
