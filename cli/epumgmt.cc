// epumgmt: the operator's program. Parses the command line, finds the verb, runs it.

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/reference.h"
#include "cli/verbs.h"
#include "engines/suggest.h"

namespace {

using epu::Context;
using epu::Exit;
using epu::Options;
using epu::Verbs;

// `| head` closes its end when it has enough: that is a quiet end, and all is done.
extern "C" void EndQuietly(int) { _exit(static_cast<int>(Exit::kDone)); }

volatile std::sig_atomic_t colors_shown = 0;  // On a terminal, which keeps a colour that was begun.

// Nothing else needs tidying: the server's state is its own, and a log that is read knows readers
// that vanish.
extern "C" void EndInterrupted(int) {
  constexpr char kColorEnd[] = "\x1b[0m\n";
  if (colors_shown != 0) {
    [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, kColorEnd, sizeof kColorEnd - 1);
  }
  _exit(static_cast<int>(Exit::kInterrupted));
}

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// Whether colours go to a stream that is a terminal or not.
bool ShowsColors(const Options& options, bool interactive) {
  if (options.color != "auto") return options.color == "always";
  const char* kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  return interactive && !dumb && !IsSet("NO_COLOR");
}

epu::Terminal LookAtTerminal(const Options& options) {
  epu::Terminal terminal;
  terminal.interactive = isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (terminal.interactive && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    terminal.width = size.ws_col;
    terminal.height = size.ws_row;
  }
  terminal.color = ShowsColors(options, terminal.interactive);
  colors_shown = terminal.interactive && terminal.color;
  terminal.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  return terminal;
}

epu::Surroundings LookAround(const Options& options) {
  epu::Surroundings surroundings;
  surroundings.in = &std::cin;
  surroundings.out = &std::cout;
  surroundings.err = &std::cerr;
  surroundings.terminal = LookAtTerminal(options);
  surroundings.look_at_terminal = [&options] { return LookAtTerminal(options); };
  surroundings.colors_errors = ShowsColors(options, isatty(STDERR_FILENO) == 1);
  surroundings.asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  surroundings.home = epu::HomeDirectory();
  surroundings.clock = [] {
    return std::chrono::floor<epu::Duration>(std::chrono::system_clock::now());
  };
  return surroundings;
}

// A word that one candidate alone begins with is the beginning of that one.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  const auto begins = [&](const std::string& candidate) { return candidate.rfind(word, 0) == 0; };
  if (word.size() > 2 && std::count_if(candidates.begin(), candidates.end(), begins) == 1) {
    return fmt::format("did you mean {}?",
                       *std::find_if(candidates.begin(), candidates.end(), begins));
  }
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const auto near = epu::Suggest(word, views);
  return near ? fmt::format("did you mean {}?", *near) : "";
}

std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string NameOf(const CLI::App& app, const CLI::App& verb) { return epu::NameOfVerb(app, verb); }

// What stands before a verb's last word on a command line.
std::string HelpPrefix(const CLI::App& app, const CLI::App& verb) {
  const std::string name = NameOf(app, verb);
  const std::size_t blank = name.find(' ');
  return blank == std::string::npos ? "epumgmt" : "epumgmt " + name.substr(0, blank);
}

// What is wrong with words that nobody took.
std::string ExplainExtras(const CLI::App& app, const Verbs& verbs, const CLI::App* verb) {
  const std::vector<std::string> extras = app.remaining(true);
  const std::string word = extras.empty() ? "" : extras.front();
  if (!word.empty() && word.front() == '-' && word.size() > 1) {
    std::vector<std::string> candidates = OptionsOf(app);
    if (verb != nullptr) {
      const std::vector<std::string> own = OptionsOf(*verb);
      candidates.insert(candidates.end(), own.begin(), own.end());
    }
    const std::string whose = verb == nullptr ? "" : " of " + NameOf(app, *verb);
    const std::string near = DidYouMean(word.substr(0, word.find('=')), candidates);
    const std::string help =
        fmt::format("epumgmt {}--help lists them", verb == nullptr ? "" : NameOf(app, *verb) + " ");
    return fmt::format("no option \"{}\"{}; {}", word, whose, near.empty() ? help : near);
  }
  if (verb != nullptr) {
    return fmt::format("{} takes no \"{}\"; see: epumgmt {} --help", NameOf(app, *verb), word,
                       NameOf(app, *verb));
  }
  std::vector<std::string> names;
  for (const epu::VerbText& text : verbs.Listed()) names.emplace_back(text.name);
  const std::string near = DidYouMean(word, names);
  return fmt::format("no verb \"{}\"; {}", word, near.empty() ? "epumgmt --help lists them" : near);
}

Exit FailToParse(Context& context, const CLI::App& app, const Verbs& verbs,
                 const CLI::ParseError& error) {
  const CLI::App* verb = epu::TypedVerb(app);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return context.Fail(Exit::kTyped, ExplainExtras(app, verbs, verb));
  }
  const std::string whose = verb == nullptr ? "" : NameOf(app, *verb) + ": ";
  std::string what = error.what();  // CLI11 begins some of them with a capital.
  if (what.size() > 1 && what[0] >= 'A' && what[0] <= 'Z' && what[1] >= 'a') what[0] += 'a' - 'A';
  const std::string help = verb == nullptr ? "" : NameOf(app, *verb) + " ";
  return context.Fail(Exit::kTyped, fmt::format("{}{}; see: epumgmt {}--help", whose, what, help));
}

bool Asks(const std::vector<std::string>& words, std::string_view option) {
  return std::find(words.begin(), words.end(), option) != words.end();
}

Exit RunVerb(const CLI::App& app, const Verbs& verbs, Context& context) {
  if (const CLI::App* verb = epu::TypedVerb(app);
      verb != nullptr && !verb->get_subcommands({}).empty()) {
    return context.Fail(
        Exit::kTyped,
        fmt::format("{} wants one of its verbs; epumgmt --help lists them", verb->get_name()));
  }
  if (epu::TypedVerb(app) == nullptr) {
    context.Err() << verbs.Help();
    return Exit::kTyped;
  }
  const absl::Status run = epu::CheckName("run", context.GetOptions().run);
  if (!run.ok()) return context.Fail(run);
  return verbs.Run(context);
}

// Says so where the answer could not be written, and returns what to end with.
Exit FinishWriting(Context& context, Exit exit) {
  context.Out().flush();
  if (context.Out().good()) return exit;
  return context.Fail(Exit::kSurroundings, "the answer could not be written to standard output");
}

Exit Run(const std::vector<std::string>& words) {
  Options options;
  CLI::App app("the operator's program of EPU", "epumgmt");
  Verbs verbs(app, options);
  epu::AddLookVerbs(verbs);
  epu::AddExplainVerbs(verbs);
  epu::AddChangeVerbs(verbs);
  epu::AddProveVerbs(verbs);
  epu::AddLaunchVerbs(verbs);
  epu::AddToolVerbs(verbs);
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    Context context(options, LookAround(options));
    const CLI::App* verb = epu::TypedVerb(app);
    context.Print(verb == nullptr ? verbs.Help() : verb->help(HelpPrefix(app, *verb)));
    return FinishWriting(context, Exit::kDone);
  } catch (const CLI::ParseError& error) {
    options.json = options.json || Asks(words, "--json");  // It may stand behind the fault.
    Context context(options, LookAround(options));
    return FailToParse(context, app, verbs, error);
  }
  Context context(options, LookAround(options));
  return FinishWriting(context, RunVerb(app, verbs, context));
}

}  // namespace

int main(int count, char** arguments) {
  std::setlocale(LC_CTYPE, "");
  std::ios::sync_with_stdio(false);
  std::signal(SIGPIPE, EndQuietly);
  std::signal(SIGINT, EndInterrupted);
  std::signal(SIGTERM, EndInterrupted);
  try {
    return static_cast<int>(Run(std::vector<std::string>(arguments + 1, arguments + count)));
  } catch (const std::exception& error) {
    std::cerr << "epumgmt: a bug of ours: " << error.what()
              << "; please report it with what you typed\n";
    return static_cast<int>(Exit::kBug);
  }
}
