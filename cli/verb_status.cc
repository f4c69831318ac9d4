// status: the pools, or one of them; once, checked, or again and again.

#include <chrono>
#include <ostream>
#include <thread>

#include <fmt/format.h>

#include "cli/frames.h"
#include "cli/look.h"
#include "cli/status_json.h"
#include "cli/status_view.h"
#include "cli/verb_history.h"

namespace epu {
namespace {

constexpr auto kWatchEvery = std::chrono::seconds(1);

struct StatusArguments {
  std::string epu;
  std::string at;
  bool check = false;
  bool watch = false;
};

void BindStatus(CLI::App& app, StatusArguments& arguments) {
  app.add_option("epu", arguments.epu, "one pool and its workers")->type_name("EPU");
  CLI::Option* check =
      app.add_flag("--check", arguments.check, "say what is not well, and exit 4 unless all is");
  CLI::Option* at = app.add_option("--at", arguments.at, "as of then: a time or a sequence")
                        ->type_name("TIME|SEQ");
  app.add_flag("--watch", arguments.watch, "again every second, until Ctrl-C")
      ->excludes(check)
      ->excludes(at);
}

// The pool that was asked for; null for all of them.
absl::StatusOr<const Epu*> FindOnly(const State& state, const StatusArguments& arguments) {
  if (arguments.epu.empty()) return nullptr;
  return RequireEpu(state, arguments.epu);
}

std::string NamesText(const State& state, const Epu* only) {
  std::string text;
  for (const Epu* epu : EpusByName(state)) {
    if (only == nullptr || only == epu) text += epu->definition.name + "\n";
  }
  return text;
}

// The answer in the form that was asked for.
std::string StatusText(const StatusFacts& facts, const Epu* only, const Options& options,
                       const Terminal& terminal) {
  if (options.json)
    return ToLine(only == nullptr ? StatusJson(facts) : EpuJson(facts, *only)) + "\n";
  if (options.quiet) return NamesText(facts.state, only);
  return only == nullptr ? FormatStatus(facts, terminal) : FormatEpuStatus(facts, *only, terminal);
}

void Print(Context& context, const std::string& text) {
  if (context.GetOptions().json) {
    context.Out() << text;
  } else {
    context.Print(text);
  }
}

// ---- --check ----

// What is not well, on stderr, and the exit that says so.
Exit SayTroubles(Context& context, const View& view, const StatusFacts& facts, const Epu* only) {
  std::vector<std::string> troubles =
      only == nullptr ? FindTroubles(facts) : FindTroubles(facts, *only);
  if (!view.server_note.empty()) troubles.insert(troubles.begin(), view.server_note);
  if (troubles.empty()) return Exit::kDone;
  std::string message;
  for (const std::string& trouble : troubles) message += trouble + "\n";
  return context.Fail(Exit::kRefused, message);
}

// ---- --watch ----

// One block of it: over the one before on a terminal, below it anywhere else.
void ShowBlock(Context& context, const std::string& text, bool first) {
  const bool frame = context.GetTerminal().interactive && !context.GetOptions().json;
  if (frame) {
    constexpr std::string_view kClear = "\x1b[2J";
    context.Out() << (first ? kClear : "") << FrameText(text, context.LookAtTerminal());
  } else {
    if (!first && !context.GetOptions().json) context.Out() << "\n";
    Print(context, text);
  }
  context.Out().flush();
}

// Until this process is ended or nobody reads. A server elsewhere that does not answer is waited
// for.
Exit Watch(Context& context, const StatusArguments& arguments) {
  absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return context.Fail(view.status());
  const Options& options = context.GetOptions();
  std::string text;
  for (bool first = true; context.Out(); first = false) {
    const absl::Status status = BringToPresent(context, *view);
    const bool lost = context.IsRemote() && !first &&
                      (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status));
    if (!status.ok() && !lost) return context.Fail(status);
    std::string note = lost ? std::string(status.message()) + "; this is what was last seen" : "";
    if (!lost) {
      const StatusFacts facts = FactsOf(*view, ZoneOf(options));
      const absl::StatusOr<const Epu*> only = FindOnly(facts.state, arguments);
      if (!only.ok()) return context.Fail(only.status());
      text = StatusText(facts, *only, options, context.LookAtTerminal());
      if (*only != nullptr && !options.json && !options.quiet) {
        text = MomentText(*view, facts.zone) + text;
      }
      note = view->server_note;
    }
    const bool noted = !note.empty() && !options.json && !options.quiet;
    ShowBlock(context, (noted ? note + "\n" : "") + text, first);
    std::this_thread::sleep_for(kWatchEvery);
  }
  return Exit::kDone;
}

Exit RunStatus(Context& context, const StatusArguments& arguments) {
  if (arguments.watch) return Watch(context, arguments);
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const Options& options = context.GetOptions();
  const StatusFacts facts = FactsOf(*view, ZoneOf(options));
  const absl::StatusOr<const Epu*> only = FindOnly(facts.state, arguments);
  if (!only.ok()) return context.Fail(only.status());
  const bool dated = *only != nullptr && !options.json && !options.quiet;
  Print(context, (dated ? MomentLine(*view, facts.zone) : "") +
                     StatusText(facts, *only, options, context.GetTerminal()));
  return arguments.check ? SayTroubles(context, *view, facts, *only) : Exit::kDone;
}

}  // namespace

void AddStatusVerb(Verbs& verbs) {
  verbs.Add<StatusArguments>(
      {"status", VerbGroup::kLook, "the pools, or one pool and its workers",
       "  epumgmt status\n  epumgmt status crunch\n  epumgmt status --at 09:12\n"
       "  epumgmt status --watch\n  epumgmt status --check || page-somebody\n"},
      &BindStatus, &RunStatus);
}

}  // namespace epu
