#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"

// The short changing verbs; AddChangeVerbs (verbs.h) adds these and the longer ones of files of
// their own.

namespace epu {

// `reconfigure EPU key=value…`
struct ReconfigureArguments {
  std::string epu;
  std::vector<std::string> settings;
};
void BindReconfigure(CLI::App& app, ReconfigureArguments& arguments);
Exit RunReconfigure(Context& context, const ReconfigureArguments& arguments);

// `reconfigure-n A:3,B:5`: each is tried and reported; ends with the exit of the first that failed.
struct ReconfigureNArguments {
  std::string sizes;
};
void BindReconfigureN(CLI::App& app, ReconfigureNArguments& arguments);
Exit RunReconfigureN(Context& context, const ReconfigureNArguments& arguments);

// `kill WORKER… | N EPU`
struct KillArguments {
  std::vector<std::string> what;
};
void BindKill(CLI::App& app, KillArguments& arguments);
Exit RunKill(Context& context, const KillArguments& arguments);

// `remove EPU`
struct RemoveArguments {
  std::string epu;
};
void BindRemove(CLI::App& app, RemoveArguments& arguments);
Exit RunRemove(Context& context, const RemoveArguments& arguments);

// `enable [SITE]`, `disable [SITE]`
struct SwitchArguments {
  std::string site;
};
void BindSwitch(CLI::App& app, SwitchArguments& arguments);
Exit RunEnable(Context& context, const SwitchArguments& arguments);
Exit RunDisable(Context& context, const SwitchArguments& arguments);

}  // namespace epu
