#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_reader.h"
#include "commands/command.h"
#include "engines/catalog.h"

// The configuration file as a declaration. The format is described in docs and shown by
// `epumgmt config`; config_format.h writes it.

namespace epu {

// ---- Limits ----

inline constexpr std::size_t kConfigBytesMax = 1 << 20;  // Read whole into memory, as one command.

// A file is one command, and a command makes at most kEventsPerCommandMax events: one for each EPU
// and site, and two more.
inline constexpr std::size_t kConfigEpusMax = 4000;
inline constexpr std::size_t kConfigSitesMax = 64;

inline constexpr std::int64_t kSiteWorkersMax = 10'000;  // As the server allows.
inline constexpr std::int64_t kRunWorkersMax = 10'000;

// ---- Reading ----

struct ParsedConfig {
  // What the file declares, where there are no faults. Settings are those given; the server fills
  // in the others.
  Apply apply;

  // Everything that is wrong, in the order of the file.
  std::vector<ConfigFault> faults;

  // Where each path stands: "epus.crunch.config.queuelen_low_water", also for what the server says
  // of it.
  std::map<std::string, YamlMark> marks;
};

// Reads the text of a configuration file. Sites that the file uses without defining them are to be
// among `known_sites`.
ParsedConfig ParseConfig(std::string_view text, const EngineCatalog& catalog,
                         const std::set<std::string>& known_sites);

// A line of the server's refusal ("epus.web.config.preserve_n is 7, above …") with the place of its
// path, or of the nearest path around it.
ConfigFault LocateFault(std::string_view line, const std::map<std::string, YamlMark>& marks);

}  // namespace epu
