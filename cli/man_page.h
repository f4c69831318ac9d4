#pragma once

#include <string>
#include <string_view>

#include "cli/verbs.h"

// Manual pages in the language of man(1), made of what --help is made of: the table of verbs and
// the options that each binds. Pure.

namespace epu {

// "epumgmt.1": every verb with its sentence, the options of all, environment, files, exit codes.
std::string ManPage(const Verbs& verbs, const CLI::App& program);

// "epumgmt-status", "epumgmt-launch-boot": of a verb, without its section.
std::string PageName(const VerbText& text);

// "epumgmt-status.1": one verb with its arguments, options and examples. REQUIRES: it is listed.
std::string ManPage(const VerbText& text, const CLI::App& verb, const CLI::App& program);

// "epud.1": a program without verbs, by its options.
std::string ProgramManPage(std::string_view name, std::string_view sentence,
                           std::string_view description, const CLI::App& program,
                           std::string_view examples);

// "epu-agent.1", which people never type.
std::string AgentManPage();

}  // namespace epu
