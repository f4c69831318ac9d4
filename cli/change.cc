#include "cli/change.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <thread>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/names.h"
#include "cli/terminal.h"
#include "commands/client.h"
#include "engines/values.h"
#include "projections/projection.h"

namespace epu {
namespace {

constexpr Duration kServerPoll = std::chrono::milliseconds(50);

// `word` for a shell.
std::string ShellWord(std::string_view word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./=:,@%+").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The last sequence of the log; 0 where it cannot be read.
Sequence HeadNow(Context& context) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  return log.ok() ? (*log)->Head().value_or(0) : 0;
}

// Says that a command's events were there before it was sent, and what they say: the server knows
// it by its id alone, and whoever gives an id to another command is to see that.
void NoteRepeat(Context& context, CommandId id, const Answer& answer) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return;
  Names names(**log);
  const std::optional<Event> first = names.Read(answer.first);
  if (!first) return;
  context.Note(fmt::format("command {} was carried out before, at {}, and is not again: {} {}",
                           FormatCommandId(id), answer.last, KindName(first->payload),
                           Describe(*first, names, Zone::kUtc)));
}

}  // namespace

absl::Status AwaitServer(Context& context) {
  if (const auto server = context.Server(); !server.ok()) return server.status();
  const Duration timeout = context.GetOptions().timeout;
  for (Duration waited{}; !context.IsServed(); waited += kServerPoll) {
    if (waited >= timeout) {
      return absl::UnavailableError(
          fmt::format("no server at {} after {}", context.Paths().endpoint, FormatValue(timeout)));
    }
    Pause(kServerPoll);
  }
  return absl::OkStatus();
}

absl::StatusOr<ConfigView> ReadView(Context& context) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return log.status();
  Projection<ConfigView> view;
  if (absl::Status status = CatchUp(**log, view); !status.ok()) return status;
  return std::move(view.state);
}

std::optional<Exit> Confirm(Context& context, std::string_view what) {
  if (context.GetOptions().yes) return std::nullopt;
  if (!context.AsksQuestions()) {
    return context.Fail(Exit::kTyped, fmt::format("{} Nobody can be asked here; --yes goes on "
                                                  "without a question",
                                                  what));
  }
  context.Err() << Escape(what) << " Go on? [y/N] " << std::flush;
  std::string answer;
  std::getline(context.In(), answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return std::nullopt;
  return context.Fail(Exit::kRefused, "nothing was changed");
}

CommandSender::CommandSender(Context& context, std::vector<std::string> words, std::string note)
    : context_(context),
      words_(std::move(words)),
      note_(context.GetOptions().note.empty() ? std::move(note) : context.GetOptions().note) {}

absl::StatusOr<Answer> CommandSender::Send(Order order, std::string_view what) {
  const auto server = context_.Server();
  if (!server.ok()) return server.status();
  const absl::StatusOr<CommandId> id = context_.NextCommandId();
  if (!id.ok()) return id.status();
  if (!first_) first_ = *id;
  const Options& options = context_.GetOptions();
  const Command command{*id, std::nullopt, note_, std::move(order)};
  const Sequence before = options.id.empty() ? 0 : HeadNow(context_);
  Answer answer = (*server)->Submit(command, options.timeout);
  if (answer.status.ok()) {
    if (answer.first != 0 && answer.first <= before) NoteRepeat(context_, *id, answer);
    return answer;
  }
  if (!IsOutcomeUnknown(answer.status)) return answer.status;
  return absl::Status(absl::StatusCode::kDeadlineExceeded,
                      fmt::format("{}: whether {} was recorded is unknown; repeat safely: {}",
                                  std::string(answer.status.message()), what,
                                  RepeatLine(options, words_, *first_)));
}

std::string RepeatLine(const Options& options, const std::vector<std::string>& words,
                       CommandId id) {
  std::string line = "epumgmt";
  const auto add = [&](std::string_view word) { line += " " + ShellWord(word); };
  for (const std::string& word : words) add(word);
  const auto add_option = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    add(name);
    add(value);
  };
  if (options.run != Options().run) add_option("-r", options.run);
  add_option("-s", options.server);
  add_option("-m", options.note);
  add_option("--id", FormatCommandId(id));
  return line;
}

bool IsOutcomeUnknown(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return false;
    default:
      return true;
  }
}

std::vector<std::string> EndedBy(const EventLog& log, const Answer& answer) {
  std::vector<std::string> workers;
  if (answer.first == 0) return workers;
  Names names(log);
  for (Sequence sequence = answer.first; sequence <= answer.last; ++sequence) {
    const std::optional<Event> event = ReadEvent(log, sequence);
    if (!event) continue;
    const auto* change = std::get_if<WorkerChanged>(&event->payload);
    if (change == nullptr || change->to != WorkerState::kTerminating) continue;
    workers.push_back(names.Worker({change->epu, change->worker}));
  }
  return workers;
}

std::string DoneText(const Answer& answer) {
  if (answer.first == 0) return "nothing to do: it is so already\n";
  return fmt::format("done at {}\n", answer.last);
}

Exit Finish(Context& context, const Answer& answer, std::string_view text, Json fields) {
  if (context.GetOptions().json) {
    fields["first"] = SequenceOrNull(answer.first);
    fields["last"] = SequenceOrNull(answer.last);
    context.Print(ToLine(fields) + "\n");
  } else if (!context.GetOptions().quiet) {
    context.Print(std::string(text) + DoneText(answer));
  }
  return Exit::kDone;
}

void Pause(Duration duration) { std::this_thread::sleep_for(duration); }

}  // namespace epu
