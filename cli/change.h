#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/apply_plan.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "commands/command.h"

// What all changing verbs do alike: find the server, look at what is, ask, send, say what was
// recorded, or that it is unknown.

namespace epu {

// Waits until somebody serves the run, at most for the global timeout.
//   kUnavailable          "no server at ipc://… after 5s"
//   kFailedPrecondition   a log was named instead of a run
absl::Status AwaitServer(Context& context);

// The whole log folded.
absl::StatusOr<ConfigView> ReadView(Context& context);

// Asks "<what> Go on? [y/N]" on a terminal, and where nobody can be asked wants --yes. None to go
// on; else what to end with.
std::optional<Exit> Confirm(Context& context, std::string_view what);

// Sends the commands of one verb, one after another.
class CommandSender {
 public:
  // `words` is what was typed, without options: {"reconfigure", "web", "preserve_n=4"}; a lost
  // answer shows them again with the first command's id. `context` outlives this.
  // `note` goes with the commands where the operator gave none.
  CommandSender(Context& context, std::vector<std::string> words, std::string note = "");
  CommandSender(const CommandSender&) = delete;
  CommandSender& operator=(const CommandSender&) = delete;

  // The server's answer, accepted. An error is its refusal, or that nothing was done, or that it is
  // unknown whether `what` ("preserve_n=4") was recorded, and how to repeat it.
  absl::StatusOr<Answer> Send(Order order, std::string_view what);

 private:
  Context& context_;
  const std::vector<std::string> words_;
  const std::string note_;
  std::optional<CommandId> first_;
};

// The command line that repeats `words` by `id`: "epumgmt reconfigure web preserve_n=4 --id
// 7f3a9c-1".
std::string RepeatLine(const Options& options, const std::vector<std::string>& words, CommandId id);

// Whether `status` says that nobody knows what was recorded.
bool IsOutcomeUnknown(const absl::Status& status);

// The workers that a command's events end: "crunch/12".
std::vector<std::string> EndedBy(const EventLog& log, const Answer& answer);

// "done at 18207", or that there was nothing to do.
std::string DoneText(const Answer& answer);

// Says how a change ended: `text` and DoneText, or with --json `fields` with "first" and "last".
Exit Finish(Context& context, const Answer& answer, std::string_view text, Json fields);

// For loops that look at the log again and again.
void Pause(Duration duration);

}  // namespace epu
