#include "cli/verbs.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/reference.h"
#include "eventlog/check.h"

namespace epu {
namespace {

constexpr std::array<std::string_view, 7> kGroupNames = {"Look",  "Explain", "Change", "End",
                                                         "Prove", "Launch",  "Tools"};

constexpr std::string_view kGlobalOptions =
    "\nOptions of every verb, before or after it:\n"
    "  -r, --run NAME      which run (EPU_RUN)                --json        one machine-readable "
    "answer\n"
    "  -s, --server URL    endpoint of epud (EPU_SERVER)      --local       times in the local "
    "zone\n"
    "      --log DIR       read a run or log directory        --color WHEN  auto | always | never\n"
    "      --timeout DUR   how long to wait (5s)          -q, --quiet       names only, one a "
    "line\n"
    "\nepumgmt VERB --help shows a verb with examples.\n";

void AddGlobalOptions(CLI::App& app, Options& options) {
  app.add_option("-r,--run", options.run, "which run")->envname("EPU_RUN")->type_name("NAME");
  app.add_option("-s,--server", options.server, "endpoint of epud")
      ->envname("EPU_SERVER")
      ->type_name("URL");
  app.add_option("--log", options.log, "read a run or log directory")->type_name("DIR");
  app.add_option_function<std::string>(
         "--timeout",
         [&options](const std::string& text) {
           const absl::StatusOr<Duration> timeout = ParseDuration(text);
           if (!timeout.ok()) throw CLI::ValidationError(std::string(timeout.status().message()));
           options.timeout = *timeout;
         },
         "how long to wait (5s)")
      ->type_name("DUR");
  app.add_flag("--json", options.json, "one machine-readable answer");
  app.add_flag("--local", options.local, "times in the local zone");
  app.add_option("--color", options.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
  app.add_flag("-q,--quiet", options.quiet, "names only, one a line");
}

// The examples, indented alike, and where the rest is told.
std::string FooterOf(const VerbText& text) {
  std::string footer;
  std::string_view rest = text.examples;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    footer += fmt::format("{}  {}\n", footer.empty() ? "Examples:\n" : "", line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return footer + "\nOptions of every verb (--run, --json, --timeout, …): epumgmt --help\n";
}

}  // namespace

Verbs::Verbs(CLI::App& app, Options& options) : app_(app), options_(options) {
  AddGlobalOptions(app, options);
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.set_help_flag("-h,--help", "this text");
}

Verbs::~Verbs() = default;

CLI::App& Verbs::ParentOf(const VerbText& text) {
  const std::size_t blank = text.name.find(' ');
  if (blank == std::string_view::npos) return app_;
  const std::string name(text.name.substr(0, blank));
  for (CLI::App* known : app_.get_subcommands({})) {
    if (known->get_name() == name) return *known;
  }
  CLI::App* parent = app_.add_subcommand(name, "");
  parent->fallthrough();
  parent->require_subcommand(0, 1);
  return *parent;
}

CLI::App& Verbs::AddCommand(const VerbText& text) {
  const std::string last(text.name.substr(text.name.find(' ') + 1));
  CLI::App* command = ParentOf(text).add_subcommand(last, std::string(text.sentence));
  command->footer(FooterOf(text));
  command->fallthrough();
  const bool changes = text.group == VerbGroup::kChange || text.group == VerbGroup::kEnd;
  if (changes || text.group == VerbGroup::kLaunch) {
    command->add_option("-m,--message", options_.note, "why, for history")->type_name("TEXT");
    command->add_flag("-y,--yes", options_.yes, "go on without a question");
    command->add_option("--id", options_.id, "repeat this command harmlessly")->type_name("ID");
  }
  entries_.push_back({text, command, nullptr});
  return *command;
}

Exit Verbs::Run(Context& context) const {
  const auto typed = std::find_if(entries_.begin(), entries_.end(),
                                  [](const Entry& entry) { return entry.app->parsed(); });
  CHECK(typed != entries_.end());
  return typed->action->Run(context);
}

std::vector<VerbText> Verbs::Listed() const {
  std::vector<VerbText> texts;
  for (const Entry& entry : entries_) {
    if (entry.text.group != VerbGroup::kHidden) texts.push_back(entry.text);
  }
  std::stable_sort(texts.begin(), texts.end(), [](const VerbText& left, const VerbText& right) {
    return left.group < right.group;
  });
  return texts;
}

std::string Verbs::Help() const {
  std::string help = "epumgmt: the operator's program of EPU. Usage: epumgmt VERB …\n";
  std::string_view group_before;
  for (const VerbText& text : Listed()) {
    const std::string_view group = kGroupNames[static_cast<std::size_t>(text.group)];
    if (group != group_before) help += fmt::format("\n{}\n", group);
    help += fmt::format("  {:<17} {}\n", text.name, text.sentence);
    group_before = group;
  }
  return help + std::string(kGlobalOptions);
}

const CLI::App* TypedVerb(const CLI::App& app) {
  const CLI::App* typed = nullptr;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    typed = at = at->get_subcommands().front();
  }
  return typed;
}

std::string NameOfVerb(const CLI::App& app, const CLI::App& verb) {
  const CLI::App* parent = verb.get_parent();
  const bool nested = parent != nullptr && parent != &app;
  return (nested ? parent->get_name() + " " : "") + verb.get_name();
}

const CLI::App* Verbs::Find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.text.name == name; });
  return found == entries_.end() ? nullptr : found->app;
}

}  // namespace epu
