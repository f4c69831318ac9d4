#pragma once

#include <string>

#include "cli/verbs.h"

namespace epu {

// `pause EPU [--in] [--out] [--for DURATION]`; neither direction named means both.
struct PauseArguments {
  std::string epu;
  bool in = false;
  bool out = false;
  std::string length;  // --for; empty: until it is resumed.
};
void BindPause(CLI::App& app, PauseArguments& arguments);
Exit RunPause(Context& context, const PauseArguments& arguments);

// `resume EPU [--in] [--out]`
struct ResumeArguments {
  std::string epu;
  bool in = false;
  bool out = false;
};
void BindResume(CLI::App& app, ResumeArguments& arguments);
Exit RunResume(Context& context, const ResumeArguments& arguments);

}  // namespace epu
