#pragma once

#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/sample_log_for_tests.h"
#include "cli/verbs.h"

// The reading verbs as they are typed, without a process of their own and without a server.

namespace epu {

// What a command line came to.
struct Typed {
  Exit exit{};
  std::string out;
  std::string err;
};

// Types `words` on the day of the samples, at 09:14:08, where `log` is the one that --log names.
// `home` is EPU_HOME.
inline Typed TypeOn(const EventLog& log, const std::vector<std::string>& words,
                    const std::string& home = "/nonexistent") {
  Options options;
  CLI::App app("", "epumgmt");
  Verbs verbs(app, options);
  AddLookVerbs(verbs);
  AddExplainVerbs(verbs);
  AddProveVerbs(verbs);
  AddToolVerbs(verbs);
  app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  options.log = home + "/default/log";  // No server is asked.
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Surroundings surroundings;
  surroundings.in = &in;
  surroundings.out = &out;
  surroundings.err = &err;
  surroundings.home = home;
  surroundings.clock = [] { return At(9, 14, 8); };
  surroundings.log = &log;
  Context context(options, surroundings);
  const Exit exit = verbs.Run(context);
  return {exit, out.str(), err.str()};
}

}  // namespace epu
