// The verbs of *Tools*: completion, version; bench and man stand in files of their own.

#include <ostream>

#include <fmt/format.h>

#include "cli/bench.h"
#include "cli/completion.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/verb_tools.h"
#include "cli/version.h"
#include "commands/wire.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

// ---- version ----

struct VersionArguments {};

void BindVersion(CLI::App&, VersionArguments&) {}

Exit RunVersion(Context& context, const VersionArguments&) {
  if (context.GetOptions().json) {
    const Json answer = {
        {"version", kVersion}, {"protocol", kProtocolVersion}, {"log_format", kLogFormatVersion}};
    context.Out() << ToLine(answer) << "\n";
  } else {
    context.Print(fmt::format("epumgmt {}  protocol {}  log format {}\n", kVersion,
                              kProtocolVersion, kLogFormatVersion));
  }
  return Exit::kDone;
}

// ---- completion ----

struct CompletionArguments {
  std::string shell;
};

void BindCompletion(CLI::App& app, CompletionArguments& arguments) {
  app.add_option("shell", arguments.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

Exit RunCompletion(Context& context, const CompletionArguments& arguments) {
  context.Out() << CompletionScript(arguments.shell);
  return Exit::kDone;
}

// ---- __complete, which the scripts call ----

struct CompleteArguments {
  const CLI::App* program = nullptr;
  std::vector<std::string> words;
};

void BindComplete(CLI::App& app, CompleteArguments& arguments) {
  arguments.program = app.get_parent();
  app.group("");
  app.add_option("words", arguments.words, "the words typed so far");
}

void AddOptions(const CLI::App& app, VerbOptions& verb) {
  for (const CLI::Option* option : app.get_options()) {
    std::vector<std::string> names;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (std::string& name : names) {
      if (option->get_items_expected_max() > 0) verb.with_values.push_back(name);
      verb.options.push_back(std::move(name));
    }
  }
}

// What the log knows; nothing where it cannot be read, because a shell wants no errors.
State ReadState(Context& context) {
  absl::StatusOr<View> view = LookIntoLog(context);
  return view.ok() ? std::move(view->fold.state) : State{};
}

Exit RunComplete(Context& context, const CompleteArguments& arguments) {
  std::vector<VerbOptions> verbs;
  for (const CLI::App* command : arguments.program->get_subcommands({})) {
    if (command->get_group().empty()) continue;
    // What only parts verbs of two words has no sentence of its own.
    const bool parts = command->get_description().empty();
    const std::vector<const CLI::App*> nested = command->get_subcommands({});
    for (const CLI::App* each : parts ? nested : std::vector{command}) {
      VerbOptions& verb = verbs.emplace_back();
      verb.name = NameOfVerb(*arguments.program, *each);
      AddOptions(*each, verb);
      AddOptions(*arguments.program, verb);
    }
  }
  const std::vector<std::string> offers =
      Complete(arguments.words, verbs, ReadState(context), BuiltInEngines());
  for (const std::string& offer : offers) context.Out() << offer << "\n";
  return Exit::kDone;
}

}  // namespace

void AddToolVerbs(Verbs& verbs) {
  AddBenchVerb(verbs);
  verbs.Add<CompletionArguments>(
      {"completion", VerbGroup::kTools, "what a shell offers behind a half-typed line",
       "  source <(epumgmt completion bash)\n"
       "  epumgmt completion fish | source\n"},
      &BindCompletion, &RunCompletion);
  AddManVerb(verbs);
  verbs.Add<VersionArguments>(
      {"version", VerbGroup::kTools, "what this program is", "  epumgmt version --json\n"},
      &BindVersion, &RunVersion);
  verbs.Add<CompleteArguments>({"__complete", VerbGroup::kHidden, "for completion scripts", ""},
                               &BindComplete, &RunComplete);
}

}  // namespace epu
