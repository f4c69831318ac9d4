#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_reader.h"
#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"

// The configuration file as a declaration. The format is described in docs and shown by
// `epumgmt config`; config_format.h writes it.

namespace epu {

// ---- Limits ----

// Read whole into memory. What a run of thousands of EPUs prints is larger than one command may be
// (wire.h), and is compared all the same.
inline constexpr std::size_t kConfigBytesMax = 16 << 20;

// As many as a log holds.
inline constexpr std::size_t kConfigEpusMax = kEpusMax;
inline constexpr std::size_t kConfigSitesMax = kSitesMax;

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

// Reads the tree of a declaration, and returns the entries of its root; `more_keys` may be among
// them beside a file's own, and are left to the caller.
ConfigReader::Items ReadDeclaration(ConfigReader& reader, const ConfigReader::Item& item,
                                    const EngineCatalog& catalog,
                                    const std::set<std::string>& known_sites, Apply& apply,
                                    std::span<const std::string_view> more_keys = {});

// A line of the server's refusal ("epus.web.config.preserve_n is 7, above …") with the place of its
// path, or of the nearest path around it.
ConfigFault LocateFault(std::string_view line, const std::map<std::string, YamlMark>& marks);

// The server's refusal of the whole declaration, line by line, with `known` faults in the order of
// the file. What it says of an EPU or a site in which a fault is known is left out: it may only
// follow from that.
std::vector<ConfigFault> LocateFaults(std::string_view refusal,
                                      const std::vector<ConfigFault>& known,
                                      const std::map<std::string, YamlMark>& marks);

}  // namespace epu
