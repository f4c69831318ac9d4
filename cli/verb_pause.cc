#include "cli/verb_pause.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/reference.h"
#include "commands/command.h"

namespace epu {
namespace {

struct Directions {
  bool out = false;
  bool in = false;
};

Directions DirectionsOf(bool out, bool in) {
  return out || in ? Directions{out, in} : Directions{true, true};
}

std::string_view Words(Directions directions) {
  return directions.out && directions.in ? "growing and shrinking"
         : directions.out                ? "growing"
                                         : "shrinking";
}

Json Fields(const std::string& epu, Directions directions) {
  return {{"epu", epu}, {"out", directions.out}, {"in", directions.in}};
}

void AddDirections(std::vector<std::string>& words, bool out, bool in) {
  if (out) words.push_back("--out");
  if (in) words.push_back("--in");
}

}  // namespace

void BindPause(CLI::App& app, PauseArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_flag("--in", arguments.in, "hold shrinking alone");
  app.add_flag("--out", arguments.out, "hold growing alone");
  app.add_option("--for", arguments.length, "let go by itself after this: 2h")->type_name("DUR");
}

Exit RunPause(Context& context, const PauseArguments& arguments) {
  if (absl::Status status = CheckName("EPU", arguments.epu); !status.ok()) {
    return context.Fail(status);
  }
  const Directions directions = DirectionsOf(arguments.out, arguments.in);
  PauseScaling pause{arguments.epu, directions.out, directions.in, std::nullopt};
  std::vector<std::string> words = {"pause", arguments.epu};
  AddDirections(words, arguments.out, arguments.in);
  if (!arguments.length.empty()) {
    const absl::StatusOr<Duration> length = ParseDuration(arguments.length);
    if (!length.ok()) {
      return context.Fail(Exit::kTyped,
                          fmt::format("--for: {}", std::string(length.status().message())));
    }
    pause.length = *length;
    words.insert(words.end(), {"--for", arguments.length});
  }
  CommandSender sender(context, std::move(words));
  const absl::StatusOr<Answer> answer = sender.Send(pause, "the pause of " + arguments.epu);
  if (!answer.ok()) return context.Fail(answer.status());
  const std::string until = pause.length ? "for " + FormatDuration(*pause.length)
                                         : "until epumgmt resume " + arguments.epu;
  Json fields = Fields(arguments.epu, directions);
  fields["for_s"] = pause.length ? Json(InSeconds(*pause.length)) : Json();
  return Finish(
      context, *answer,
      fmt::format("{}: {} held {}; repair goes on\n", arguments.epu, Words(directions), until),
      std::move(fields));
}

void BindResume(CLI::App& app, ResumeArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_flag("--in", arguments.in, "let it shrink again, no more");
  app.add_flag("--out", arguments.out, "let it grow again, no more");
}

Exit RunResume(Context& context, const ResumeArguments& arguments) {
  if (absl::Status status = CheckName("EPU", arguments.epu); !status.ok()) {
    return context.Fail(status);
  }
  const Directions directions = DirectionsOf(arguments.out, arguments.in);
  std::vector<std::string> words = {"resume", arguments.epu};
  AddDirections(words, arguments.out, arguments.in);
  CommandSender sender(context, std::move(words));
  const absl::StatusOr<Answer> answer =
      sender.Send(ResumeScaling{arguments.epu, directions.out, directions.in},
                  "the end of the pause of " + arguments.epu);
  if (!answer.ok()) return context.Fail(answer.status());
  return Finish(context, *answer,
                fmt::format("{}: {} free again\n", arguments.epu, Words(directions)),
                Fields(arguments.epu, directions));
}

}  // namespace epu
