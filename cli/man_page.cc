#include "cli/man_page.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/version.h"

namespace epu {
namespace {

using Meaning = std::pair<std::string_view, std::string_view>;

constexpr std::array<Meaning, 8> kExits = {
    {{"0", "Done, or true."},
     {"1", "What was typed: an unknown verb, option, EPU, value or time."},
     {"2", "What a configuration file or launch plan says."},
     {"3",
      "The surroundings: no server, no answer, no log, no permission, a full disk, a busy "
      "endpoint."},
     {"4",
      "Refused or failed: a limit, disabled, no right, a damaged log, a proof or check that "
      "failed, "
      "workers still alive."},
     {"5", "Interrupted."},
     {"42", "A bug of ours."},
     {"123", "wait gave up."}}};

constexpr std::array<Meaning, 5> kEnvironment = {
    {{"EPU_HOME", "Where runs are kept: /var/lib/epu for root, else ~/.local/state/epu."},
     {"EPU_RUN", "Which run, where --run does not say."},
     {"EPU_SERVER", "Endpoint of epud, where --server does not say."},
     {"NO_COLOR", "Where it is set, --color auto means never."},
     {"TZ", "The zone of --local."}}};

constexpr std::array<Meaning, 3> kFiles = {
    {{"$EPU_HOME/RUN/log/", "The events of the run."},
     {"$EPU_HOME/RUN/epud.sock", "Where epud listens."},
     {"$EPU_HOME/RUN/workers/EPU/N/", "What one worker printed: stdout, stderr."}}};

// Text as roff prints it unchanged: nothing in it is a request or an escape.
std::string Roff(std::string_view text) {
  std::string roff;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) roff += "\\&";
    line_begins = c == '\n';
    if (c == '\\') {
      roff += "\\e";
    } else if (c == '-') {
      roff += "\\-";
    } else {
      roff += c;
    }
  }
  return roff;
}

std::string Bold(std::string_view text) { return "\\fB" + Roff(text) + "\\fR"; }
std::string Italic(std::string_view text) { return "\\fI" + Roff(text) + "\\fR"; }

std::string Title(std::string_view name) {
  return fmt::format(".TH \"{}\" 1 \"\" \"EPU {}\" \"EPU\"\n", Roff(name), kVersion);
}

std::string Section(std::string_view name) { return fmt::format(".SH {}\n", name); }

// A term, and what it means, on lines of their own.
std::string Entry(std::string_view term, std::string_view meaning) {
  return fmt::format(".TP\n{}\n{}\n", term, Roff(meaning));
}

template <std::size_t kCount>
std::string Entries(const std::array<Meaning, kCount>& meanings) {
  std::string text;
  for (const auto& [term, meaning] : meanings) text += Entry(Bold(term), meaning);
  return text;
}

bool IsPositional(const CLI::Option& option) { return option.get_positional(); }

// "KIND"; what CLI11 adds of the values that are taken stands in the description.
std::string TypeOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

// "-n N", "--kind KIND"
std::string OptionTerm(const CLI::Option& option) {
  std::string term;
  const auto add = [&](const std::string& name) {
    term += (term.empty() ? "" : ", ") + Bold(name);
  };
  for (const std::string& name : option.get_snames()) add("-" + name);
  for (const std::string& name : option.get_lnames()) add("--" + name);
  if (option.get_items_expected_max() > 0) term += " " + Italic(TypeOf(option));
  return term;
}

std::string OptionEntries(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (IsPositional(*option) || option == app.get_help_ptr()) continue;
    text += Entry(OptionTerm(*option), option->get_description());
  }
  return text;
}

// What an argument is called in a synopsis: its type where that says more than its name.
std::string ArgumentName(const CLI::Option& option) {
  std::string name = TypeOf(option);
  if (name.empty() || name == "TEXT") name = option.get_name();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  });
  return name;
}

}  // namespace

std::string PageName(const VerbText& text) {
  std::string name = fmt::format("epumgmt-{}", text.name);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string ManPage(const Verbs& verbs, const CLI::App& program) {
  std::string page = Title("epumgmt");
  page += Section("NAME") + "epumgmt \\- the operator's program of EPU\n";
  page += Section("SYNOPSIS") + Bold("epumgmt") + " " + Italic("VERB") + " [" + Italic("ARGUMENT") +
          "|" + Italic("OPTION") + "]...\n";
  page += Section("DESCRIPTION");
  page += Roff(
      "EPU keeps pools of workers at the size their work needs, and can prove why. A run is served "
      "by epud; epumgmt looks at it, explains it and changes it.\n");
  page += Section("VERBS");
  for (const VerbText& text : verbs.Listed()) {
    page += Entry(Bold(text.name), std::string(text.sentence) + ".");
  }
  page += Section("OPTIONS") + "Of every verb, before or after it:\n" + OptionEntries(program);
  page += Section("ENVIRONMENT") + Entries(kEnvironment);
  page += Section("FILES") + Entries(kFiles);
  page += Section("\"EXIT STATUS\"") + Entries(kExits);
  page += Section("\"SEE ALSO\"");
  std::string others;
  for (const VerbText& text : verbs.Listed()) {
    others += (others.empty() ? "" : ",\n") + Bold(PageName(text)) + "(1)";
  }
  return page + others + "\n";
}

std::string ManPage(const VerbText& text, const CLI::App& verb, const CLI::App& program) {
  const std::string name = PageName(text);
  std::string page = Title(name);
  page += Section("NAME") + Roff(name) + " \\- " + Roff(text.sentence) + "\n";
  page += Section("SYNOPSIS") + Bold("epumgmt") + " " + Bold(text.name) + " [" + Italic("OPTION") +
          "]...";
  std::string arguments;
  for (const CLI::Option* option : verb.get_options()) {
    if (!IsPositional(*option)) continue;
    const std::string argument = ArgumentName(*option);
    page += option->get_required() ? " " + Italic(argument) : " [" + Italic(argument) + "]";
    arguments += Entry(Italic(argument), option->get_description());
  }
  page += "\n";
  if (!arguments.empty()) page += Section("ARGUMENTS") + arguments;
  if (const std::string own = OptionEntries(verb); !own.empty()) page += Section("OPTIONS") + own;
  page += Section("\"OPTIONS OF EVERY VERB\"") + OptionEntries(program);
  if (!text.examples.empty()) {
    page += Section("EXAMPLES") + ".nf\n" + Roff(text.examples) + ".fi\n";
  }
  return page + Section("\"SEE ALSO\"") + Bold("epumgmt") + "(1)\n";
}

std::string ProgramManPage(std::string_view name, std::string_view sentence,
                           std::string_view description, const CLI::App& program,
                           std::string_view examples) {
  std::string page = Title(name);
  page += Section("NAME") + Roff(name) + " \\- " + Roff(sentence) + "\n";
  page += Section("SYNOPSIS") + Bold(name) + " [" + Italic("OPTION") + "]...\n";
  page += Section("DESCRIPTION") + Roff(description) + "\n";
  page += Section("OPTIONS") + OptionEntries(program);
  page += Section("ENVIRONMENT") + Entries(kEnvironment);
  page += Section("FILES") + Entries(kFiles);
  page += Section("\"EXIT STATUS\"") + Entries(kExits);
  page += Section("EXAMPLES") + ".nf\n" + Roff(examples) + ".fi\n";
  return page + Section("\"SEE ALSO\"") + Bold("epumgmt") + "(1)\n";
}

std::string AgentManPage() {
  std::string page = Title("epu-agent");
  page += Section("NAME") + Roff("epu-agent") + " \\- runs beside one worker of EPU\n";
  page += Section("SYNOPSIS") + "Started by " + Bold("epud") + "(1), never by people.\n";
  page += Section("DESCRIPTION");
  page += Roff(
      "It starts the worker's command, keeps what that prints in workers/EPU/N/ of the run, sends "
      "a "
      "heartbeat every second, and on SIGTERM ends the worker: first asked, after the grace made "
      "to. "
      "It outlives epud, and is found again by its EPU_TOKEN.\n");
  return page + Section("\"SEE ALSO\"") + Bold("epud") + "(1),\n" + Bold("epumgmt-logs") + "(1)\n";
}

}  // namespace epu
