// man: the manual pages, printed or written to a directory that man(1) looks into.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <system_error>

#include <fmt/format.h>

#include "cli/epud_options.h"
#include "cli/man_page.h"
#include "cli/verb_tools.h"
#include "engines/suggest.h"

namespace epu {
namespace {

struct ManArguments {
  const Verbs* verbs = nullptr;
  const CLI::App* program = nullptr;
  std::string verb;
  std::string directory;
};

void BindMan(CLI::App& app, ManArguments& arguments) {
  arguments.program = app.get_parent();
  CLI::Option* verb = app.add_option("verb", arguments.verb,
                                     "its page, or that of epud or epu-agent, not that of epumgmt")
                          ->type_name("VERB");
  app.add_option("--directory", arguments.directory, "write every page there instead")
      ->type_name("DIR")
      ->excludes(verb);
}

absl::Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

// The page of epud or of epu-agent; empty for any other name.
std::string OtherProgramsPage(std::string_view name) {
  if (name == "epu-agent") return AgentManPage();
  if (name != "epud") return "";
  CLI::App epud("", "epud");
  EpudArguments arguments;
  BindEpud(epud, arguments);
  return ProgramManPage("epud", kEpudSentence, kEpudDescription, epud, kEpudExamples);
}

absl::Status WritePages(const ManArguments& arguments) {
  const std::filesystem::path directory(arguments.directory);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(fmt::format("{}: {}", directory.string(), error.message()));
  }
  const Verbs& verbs = *arguments.verbs;
  absl::Status status = WriteFile(directory / "epumgmt.1", ManPage(verbs, *arguments.program));
  for (const std::string_view name : {"epud", "epu-agent"}) {
    if (status.ok())
      status = WriteFile(directory / fmt::format("{}.1", name), OtherProgramsPage(name));
  }
  for (const VerbText& text : verbs.Listed()) {
    if (!status.ok()) return status;
    status = WriteFile(directory / (PageName(text) + ".1"),
                       ManPage(text, *verbs.Find(text.name), *arguments.program));
  }
  return status;
}

Exit RunMan(Context& context, const ManArguments& arguments) {
  if (!arguments.directory.empty()) {
    const absl::Status status = WritePages(arguments);
    return status.ok() ? Exit::kDone : context.Fail(status);
  }
  if (arguments.verb.empty()) {
    context.Out() << ManPage(*arguments.verbs, *arguments.program);
    return Exit::kDone;
  }
  if (const std::string page = OtherProgramsPage(arguments.verb); !page.empty()) {
    context.Out() << page;
    return Exit::kDone;
  }
  std::vector<std::string_view> names = {"epud", "epu-agent"};
  for (const VerbText& text : arguments.verbs->Listed()) {
    names.push_back(text.name);
    if (text.name != arguments.verb && PageName(text) != "epumgmt-" + arguments.verb) continue;
    context.Out() << ManPage(text, *arguments.verbs->Find(text.name), *arguments.program);
    return Exit::kDone;
  }
  const auto near = Suggest(arguments.verb, names);
  return context.Fail(Exit::kTyped,
                      fmt::format("no verb \"{}\"; {}", EscapeAndCut(arguments.verb, 40),
                                  near ? fmt::format("did you mean {}?", *near)
                                       : std::string("epumgmt --help lists them")));
}

}  // namespace

void AddManVerb(Verbs& verbs) {
  ManArguments& arguments = verbs.Add<ManArguments>(
      {"man", VerbGroup::kTools, "the manual pages, of the program or of a verb",
       "  epumgmt man status | man -l -\n  epumgmt man --directory ~/.local/share/man/man1\n"},
      &BindMan, &RunMan);
  arguments.verbs = &verbs;
}

}  // namespace epu
