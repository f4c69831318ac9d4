#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engines/catalog.h"
#include "projections/state.h"

// What a shell offers behind a half-typed command line of epumgmt. Pure.

namespace epu {

// A verb as completion sees it.
struct VerbOptions {
  std::string name;
  std::vector<std::string> options;      // "--kind", "-n": those of every verb included.
  std::vector<std::string> with_values;  // Those among them that a value follows.
};

// The words that may stand in the place of the last of `words` (which may be empty), all of them
// that begin as it does. Empty where a file is due. `words` begins behind the program's name.
std::vector<std::string> Complete(const std::vector<std::string>& words,
                                  const std::vector<VerbOptions>& verbs, const State& state,
                                  const EngineCatalog& catalog);

// The script that a shell reads: `source <(epumgmt completion bash)`. Empty for a shell that is not
// known.
std::string_view CompletionScript(std::string_view shell);

}  // namespace epu
