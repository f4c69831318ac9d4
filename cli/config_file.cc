#include "cli/config_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cli/config_epu.h"
#include "cli/terminal.h"
#include "commands/definition_rules.h"
#include "commands/drivers.h"

namespace epu {
namespace {

using Item = ConfigReader::Item;

constexpr std::int64_t kVersion = 1;

void ReadVersion(ConfigReader& reader, const Item& item) {
  const std::optional<std::string> version =
      reader.Scalar(item, "a whole number", ConfigReader::Form::kPlain);
  if (!version || *version == fmt::format("{}", kVersion)) return;
  reader.Add(item.node->mark, item.path,
             fmt::format(" is {}; this build reads version {}", Escape(*version), kVersion));
}

SiteDefinition ReadSite(ConfigReader& reader, const std::string& name, const Item& item) {
  constexpr std::array<std::string_view, 3> kKeys = {"driver", "max_workers", "credentials"};
  constexpr std::string_view kDriver = "process";
  if (std::optional<std::string> fault = NameFault(name)) {
    reader.Add(item.mark, item.path, *std::move(fault));
  }
  const ConfigReader::Items fields =
      reader.Fields(item, "a site", kKeys, std::span(kKeys).first(2));
  SiteDefinition site{.name = name, .driver = "", .max_workers = 0, .credentials = ""};
  if (const auto driver = fields.find("driver"); driver != fields.end()) {
    site.driver = reader.Text(driver->second).value_or(std::string(kDriver));
    if (site.driver != kDriver) {
      reader.Add(driver->second.node->mark, driver->second.path,
                 fmt::format(" is \"{}\"; this build has: {}", EscapeAndCut(site.driver, kNameMax),
                             kDriver));
    }
  }
  if (const auto most = fields.find("max_workers"); most != fields.end()) {
    site.max_workers =
        static_cast<std::uint32_t>(reader.Integer(most->second, 1, kMaxWorkersLimit).value_or(0));
  }
  if (const auto file = fields.find("credentials"); file != fields.end()) {
    site.credentials = reader.Name(file->second).value_or("");
    const DriverEntry* driver = FindDriver(site.driver);
    if (driver != nullptr && !driver->takes_credentials && !site.credentials.empty()) {
      reader.Add(file->second.mark, file->second.path,
                 fmt::format(": driver {} takes none; leave it out", driver->name));
    }
  }
  return site;
}

void ReadSites(ConfigReader& reader, const Item& item, Apply& apply) {
  const auto entries = reader.Entries(item);
  if (entries.size() > kConfigSitesMax) {
    reader.Add(item.mark, item.path,
               fmt::format(" has {} sites; {} are allowed", entries.size(), kConfigSitesMax));
    return;
  }
  for (const auto& [name, site] : entries) {
    apply.sites.push_back(ReadSite(reader, name, site));
  }
}

void ReadEpus(ConfigReader& reader, const Item& item, const ConfigSurroundings& surroundings,
              Apply& apply) {
  const auto entries = reader.Entries(item);
  if (entries.size() > kConfigEpusMax) {
    reader.Add(item.mark, item.path,
               fmt::format(" has {} EPUs; {} are allowed", entries.size(), kConfigEpusMax));
    return;
  }
  for (const auto& [name, epu] : entries) {
    apply.epus.push_back(ReadEpu(reader, name, epu, surroundings));
  }
}

// The EPU or the site that a path leads into: "epus.web" of "epus.web.worker.site".
std::string DeclaredIn(const std::string& path) {
  const std::size_t section = path.find('.');
  if (section == path.npos) return path;
  return path.substr(0, path.find_first_of(".[", section + 1));
}

}  // namespace

ConfigReader::Items ReadDeclaration(ConfigReader& reader, const Item& item,
                                    const EngineCatalog& catalog,
                                    const std::set<std::string>& known_sites, Apply& apply,
                                    std::span<const std::string_view> more_keys) {
  constexpr std::array<std::string_view, 4> kKeys = {"version", "max_workers", "sites", "epus"};
  std::vector<std::string_view> keys(kKeys.begin(), kKeys.end());
  keys.insert(keys.end(), more_keys.begin(), more_keys.end());
  ConfigReader::Items fields =
      reader.Fields(item, "a configuration", keys, std::span(kKeys).first(1));
  if (const auto version = fields.find("version"); version != fields.end()) {
    ReadVersion(reader, version->second);
  }
  if (const auto most = fields.find("max_workers"); most != fields.end()) {
    if (const auto value = reader.Integer(most->second, 1, kMaxWorkersLimit)) {
      apply.max_workers = static_cast<std::uint32_t>(*value);
    }
  }
  ConfigSurroundings surroundings{catalog, known_sites};
  if (const auto sites = fields.find("sites"); sites != fields.end()) {
    ReadSites(reader, sites->second, apply);
  }
  for (const SiteDefinition& site : apply.sites) surroundings.sites.insert(site.name);
  if (const auto epus = fields.find("epus"); epus != fields.end()) {
    ReadEpus(reader, epus->second, surroundings, apply);
  }
  return fields;
}

ParsedConfig ParseConfig(std::string_view text, const EngineCatalog& catalog,
                         const std::set<std::string>& known_sites) {
  ParsedConfig parsed;
  if (text.size() > kConfigBytesMax) {
    parsed.faults.push_back(
        {{},
         "",
         fmt::format(" is larger than {} bytes, the most a file may have", kConfigBytesMax)});
    return parsed;
  }
  ConfigReader reader(ConfigReader::Syntax::kYaml);
  const YamlTree tree = ParseYaml(text);
  for (const YamlProblem& problem : tree.problems) {
    reader.Add(problem.mark, problem.path, problem.text);
  }
  if (tree.root.kind == YamlNode::Kind::kNull) {
    if (tree.problems.empty()) {
      reader.Add({1, 1}, "", ": the file is empty; a configuration begins with version: 1");
    }
  } else {
    ReadDeclaration(reader, {"", &tree.root, tree.root.mark}, catalog, known_sites, parsed.apply);
  }
  parsed.faults = reader.TakeFaults();
  parsed.marks = reader.Marks();
  return parsed;
}

std::vector<ConfigFault> LocateFaults(std::string_view refusal,
                                      const std::vector<ConfigFault>& known,
                                      const std::map<std::string, YamlMark>& marks) {
  std::set<std::string> faulty;
  for (const ConfigFault& fault : known) faulty.insert(DeclaredIn(fault.path));
  std::vector<ConfigFault> faults = known;
  for (std::size_t begin = 0; begin < refusal.size();) {
    const std::size_t end = std::min(refusal.find('\n', begin), refusal.size());
    ConfigFault fault = LocateFault(refusal.substr(begin, end - begin), marks);
    if (fault.path.empty() || !faulty.contains(DeclaredIn(fault.path))) {
      faults.push_back(std::move(fault));
    }
    begin = end + 1;
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const auto& left, const auto& right) { return left.mark < right.mark; });
  return faults;
}

ConfigFault LocateFault(std::string_view line, const std::map<std::string, YamlMark>& marks) {
  std::string path(line.substr(0, std::min(line.find(' '), line.size())));
  if (path.ends_with(':')) path.pop_back();
  ConfigFault fault{{}, path, std::string(line.substr(path.size()))};
  for (std::string around = path;;) {
    if (const auto mark = marks.find(around); mark != marks.end()) {
      fault.mark = mark->second;
      return fault;
    }
    const std::size_t end = around.find_last_of(".[");
    if (end == std::string::npos) return {{}, "", fmt::format(": {}", line)};
    around.resize(end);
  }
}

}  // namespace epu
