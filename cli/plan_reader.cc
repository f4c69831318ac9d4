#include "cli/plan_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "cli/ini_file.h"
#include "cli/plan_check.h"
#include "cli/plan_files.h"
#include "cli/plan_keys.h"
#include "commands/definition_rules.h"
#include "commands/launch_orders.h"
#include "engines/suggest.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kService = "svc-";
constexpr std::string_view kCloud = "cloud-";
constexpr std::string_view kLevel = "level";
constexpr int kReplicasMax = 1'000;

class Reader {
 public:
  explicit Reader(const LaunchPlanOptions& options) : options_(options), files_(options, plan_) {}

  LaunchPlan Read() {
    std::error_code error;
    plan_.path = fs::absolute(options_.path, error).lexically_normal().string();
    top_ = files_.Load(plan_.path);
    if (!plan_.faults.empty()) return std::move(plan_);
    ReadTop();
    ReadGlobals();
    if (levels_.empty()) {
      files_.Fault({"", plan_.path, 0}, "runlevels",
                   "[runlevels] names no level; a plan is made of levels");
    }
    for (const auto& [order, level] : levels_) ReadLevel(order, level);
    if (plan_.faults.empty()) CheckReferences(plan_, places_);
    return std::move(plan_);
  }

 private:
  // ---- The top file ----

  void ReadTop() {
    for (const IniSection& section : top_.sections) {
      if (section.name == "runlevels") {
        for (const IniEntry& entry : section.entries) AddLevel(entry);
      } else if (section.name == "defaults") {
        WarnOfKeys(section, plan_.path, DefaultKeys());
        const IniEntry* host = FindEntry(section, "hostname");
        if (host != nullptr && !host->inherited) {
          files_.Warn(plan_.path, host->line, "hostname", "hostname has no effect in [defaults]");
        }
      } else if (section.name.starts_with(kCloud)) {
        WarnOfKeys(section, plan_.path, CloudKeys());
      } else if (section.name != "globals") {
        files_.Warn(plan_.path, section.line, section.name,
                    fmt::format("section [{}] is none of a plan's: not read", section.name));
      }
    }
    for (const auto& [cloud, driver] : options_.drivers) {
      const std::vector<std::string>& drivers = options_.known_drivers;
      if (std::find(drivers.begin(), drivers.end(), driver) == drivers.end()) {
        files_.Fault({"", "", 0}, "--cloud",
                     fmt::format("--cloud {}={}: no driver {}; there is: {}", cloud, driver, driver,
                                 absl::StrJoin(drivers, ", ")));
      }
      if (!cloud.empty() && FindSection(top_, cloud) == nullptr) {
        files_.Fault({"", "", 0}, "--cloud",
                     fmt::format("--cloud {}: the plan has no section [{}]", cloud, cloud));
      }
    }
  }

  // What comes from [DEFAULT], or is there for other values, is nobody's mistake.
  void WarnOfKeys(const IniSection& section, const std::string& file,
                  const std::vector<std::string_view>& keys) {
    for (const IniEntry& entry : section.entries) {
      if (entry.inherited || entry.used ||
          std::find(keys.begin(), keys.end(), entry.key) != keys.end())
        continue;
      std::string told = fmt::format("[{}] has no key {}: not read", section.name, entry.key);
      if (const auto near = Suggest(entry.key, keys)) told += fmt::format("; is it {}?", *near);
      files_.Warn(file, entry.line, entry.key, std::move(told));
    }
  }

  void AddLevel(const IniEntry& entry) {
    if (entry.inherited && !entry.key.starts_with(kLevel)) return;
    const Said said = files_.Resolved(entry, plan_.path);
    std::uint32_t order = 0;
    const std::string_view number =
        std::string_view(entry.key).substr(std::min(kLevel.size(), entry.key.size()));
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), order);
    if (!entry.key.starts_with(kLevel) || fault != std::errc() ||
        end != number.data() + number.size()) {
      return files_.Warn(plan_.path, entry.line, entry.key,
                         fmt::format("{} is no level (level1, level2, …): not read", entry.key));
    }
    if (const auto known = levels_.find(order); known != levels_.end()) {
      return files_.Fault(
          said, entry.key,
          fmt::format("{} is the level of line {} again", entry.key, known->second.line));
    }
    levels_[order] = {files_.FileOf(said, entry.key, plan_.path), said.file, said.line};
  }

  void ReadGlobals() {
    std::map<std::string, Said> globals;
    const auto add = [&](const IniFile& file, const std::string& path) {
      const IniSection* section = FindSection(file, "globals");
      if (section == nullptr) return;
      for (const IniEntry& entry : section->entries) {
        globals[entry.key] = files_.Resolved(entry, path);
      }
    };
    add(top_, plan_.path);
    for (const std::string& path : options_.globals_files) {
      const IniFile file = files_.Load(path);
      add(file, path);
      if (!file.faults.empty() || FindSection(file, "globals") != nullptr) continue;
      files_.Fault({"", path, 0}, "globals", fmt::format("{} has no section [globals]", path));
    }
    for (const auto& [key, value] : options_.globals) globals[key] = {value, "", 0};
    for (const auto& [key, said] : globals) {
      plan_.globals.push_back(files_.Keep("global", key, said.value));
      places_["global." + key] = {said.file, said.line};
    }
  }

  // ---- Levels ----

  void ReadLevel(std::uint32_t order, const Said& level) {
    const IniFile file = files_.Load(level.value);
    bool has_service = false;
    for (const IniSection& section : file.sections) {
      if (section.name.starts_with(kService) && section.name.size() > kService.size()) {
        has_service = true;
        ReadService(order, section, level.value);
      } else {
        files_.Warn(level.value, section.line, section.name,
                    fmt::format("section [{}] is no service ([svc-NAME]): not read", section.name));
      }
    }
    if (has_service || !file.faults.empty()) return;
    files_.Warn(level.file, level.line, "runlevels",
                fmt::format("level {} has no service in {}", order, level.value));
  }

  // What a service says, else its cloud, else the defaults; empty where nobody does. Who says
  // nothing behind a key says nothing.
  Said Look(const std::string& key) {
    if (const auto said = LookIn(service_, level_file_, key)) return *said;
    if (IsCloudKey(key)) {
      if (const auto said = LookIn(cloud_, plan_.path, key)) return *said;
    }
    if (IsDefaultKey(key) && key != "hostname") {
      if (const auto said = LookIn(FindSection(top_, "defaults"), plan_.path, key)) return *said;
    }
    return {"", level_file_, service_->line};
  }

  std::optional<Said> LookIn(const IniSection* section, const std::string& file,
                             const std::string& key) {
    const IniEntry* entry = section == nullptr ? nullptr : FindEntry(*section, key);
    if (entry == nullptr || entry->value.empty()) return std::nullopt;
    return files_.Resolved(*entry, file);
  }

  void FindCloud(ServiceDefinition& service) {
    const Said cloud = Look("cloud");
    cloud_ = nullptr;
    if (cloud.value.empty()) return;
    service.cloud = cloud.value;
    cloud_ = FindSection(top_, cloud.value);
    if (cloud_ == nullptr || !cloud.value.starts_with(kCloud)) {
      files_.Fault(cloud, "cloud",
                   fmt::format("the plan has no section [{}]; a cloud is written [cloud-NAME]",
                               cloud.value));
    }
  }

  // Whether it gets a machine of its own, and of which driver.
  void PlaceService(ServiceDefinition& service) {
    const Said hostname = Look("hostname");
    const bool launches = files_.Truth(Look("iaas_launch"), "iaas_launch", hostname.value.empty());
    service.hostname = hostname.value;
    // Without one there is nothing to make a machine of, whatever iaas_launch says.
    if (launches) service.image = Look("image").value;
    const Said here{"", level_file_, service_->line};
    if (service.image.empty() && service.hostname.empty()) {
      return files_.Fault(here, service.name,
                          fmt::format("{} has neither an image nor a hostname", service.name));
    }
    if (service.image.empty()) return;
    const auto named = options_.drivers.find(service.cloud);
    const auto any = options_.drivers.find("");
    if (named != options_.drivers.end()) service.driver = named->second;
    if (named == options_.drivers.end() && any != options_.drivers.end())
      service.driver = any->second;
    if (!service.driver.empty()) return;
    const std::string cloud = service.cloud.empty() ? "the default cloud" : service.cloud;
    const std::string option = service.cloud.empty() ? "" : service.cloud + "=";
    files_.Fault(
        here, service.name,
        fmt::format("{} wants a machine of {}, which has no driver; there is: {}; --cloud {}{}",
                    service.name, cloud, absl::StrJoin(options_.known_drivers, ", "), option,
                    options_.known_drivers.front()));
  }

  ServiceProgram ProgramAt(const std::string& key) {
    const Said arguments = Look(key + "_args");
    return {files_.FileOf(Look(key), key, level_file_), arguments.value};
  }

  void ReadService(std::uint32_t order, const IniSection& section, const std::string& file) {
    service_ = &section;
    level_file_ = file;
    std::vector<std::string_view> known = ServiceKeys();
    for (const IniEntry& entry : section.entries) {
      if (entry.key.starts_with("deps")) known.push_back(entry.key);
    }
    WarnOfKeys(section, file, known);
    ServiceDefinition service;
    service.name = section.name.substr(kService.size());
    service.level = order;
    FindCloud(service);
    PlaceService(service);
    service.allocation = Look("allocation").value;
    service.security_groups = Look("securitygroups").value;
    service.key_name = Look("sshkeyname").value;
    service.ssh_user = Look("ssh_username").value;
    service.scp_user = Look("scp_username").value;
    service.local = files_.Truth(Look("local_exe"), "local_exe", false);
    service.boot_template = files_.FileOf(Look("bootconf"), "bootconf", level_file_);
    service.boot = ProgramAt("bootpgm");
    service.ready = ProgramAt("readypgm");
    service.terminate = ProgramAt("terminatepgm");
    service.program_timeout = std::chrono::seconds(
        files_.Whole(Look("pgm_timeout"), "pgm_timeout", 1200, 1, 7 * 24 * 3600));
    ReadKey(service);
    ReadCredentials(service);
    ReadDependencies(service);
    AddReplicas(std::move(service));
  }

  // A key that is not there is missed only where ssh is to use it.
  void ReadKey(ServiceDefinition& service) {
    const Said said = Look("localsshkeypath");
    if (said.value.empty()) return;
    service.ssh_key = files_.PathOf(said, level_file_);
    std::error_code error;
    const bool used = !service.local && service.driver != "process";
    if (used && !fs::exists(service.ssh_key, error) &&
        warned_keys_.insert(service.ssh_key).second) {
      files_.Warn(said.file, said.line, "localsshkeypath",
                  fmt::format("there is no key {}", service.ssh_key));
    }
  }

  void ReadCredentials(const ServiceDefinition& service) {
    const std::string cloud = service.cloud.empty() ? "cloud-default" : service.cloud;
    for (const char* key : {"iaas_key", "iaas_secret"}) {
      const Said said = Look(key);
      if (!said.value.empty()) plan_.secrets[SecretFileName(cloud, key)] = said.value;
    }
  }

  // The files in the order of their keys; of an attribute that several have the last counts.
  void ReadDependencies(ServiceDefinition& service) {
    std::map<std::string, Said> files;
    for (const IniEntry& entry : service_->entries) {
      if (entry.key.starts_with("deps")) files[entry.key] = files_.Resolved(entry, level_file_);
    }
    for (const auto& [key, said] : files) {
      const std::string path = files_.FileOf(said, key, level_file_);
      std::error_code error;
      if (!fs::is_regular_file(path, error)) continue;
      const IniFile file = files_.Load(path);
      const IniSection* deps = FindSection(file, "deps");
      if (deps == nullptr) {
        files_.Fault(said, key, fmt::format("{} has no section [deps]", path));
        continue;
      }
      for (const IniEntry& entry : deps->entries) AddAttribute(service, entry, path);
    }
  }

  void AddAttribute(ServiceDefinition& service, const IniEntry& entry, const std::string& path) {
    const Said said = files_.Resolved(entry, path);
    const Variable variable = files_.Keep(service.name, entry.key, said.value);
    const std::string place = service.name + "." + entry.key;
    const auto known = std::find_if(service.attributes.begin(), service.attributes.end(),
                                    [&](const Variable& had) { return had.name == entry.key; });
    if (known == service.attributes.end()) {
      service.attributes.push_back(variable);
    } else {
      files_.Warn(path, entry.line, entry.key,
                  fmt::format("{} of {} was given by {}:{} already; this one counts", entry.key,
                              service.name, places_[place].file, places_[place].line));
      *known = variable;
    }
    places_[place] = {path, entry.line};
  }

  void AddReplicas(ServiceDefinition service) {
    const int replicas = files_.Whole(Look("replica_count"), "replica_count", 1, 0, kReplicasMax);
    if (replicas <= 1) return AddService(std::move(service));
    for (int replica = 0; replica < replicas; ++replica) {
      ServiceDefinition one = service;
      one.name = fmt::format("{}-{}", service.name, replica);
      for (const Variable& variable : one.attributes) {
        places_[one.name + "." + variable.name] = places_[service.name + "." + variable.name];
      }
      AddService(std::move(one));
    }
  }

  void AddService(ServiceDefinition service) {
    const PlanPlace here{level_file_, service_->line};
    const auto [known, fresh] = places_.try_emplace(service.name, here);
    if (!fresh) {
      return files_.Fault(
          {"", here.file, here.line}, service.name,
          fmt::format("{} is a service of {}:{} already; names are given once in a plan",
                      service.name, known->second.file, known->second.line));
    }
    if (!IsServiceName(service.name)) {
      return files_.Fault(
          {"", here.file, here.line}, service.name,
          fmt::format("\"{}\" is no name of a service: letters, digits, '_' and '-', at most {}, "
                      "and not \"global\"",
                      service.name, kNameMax));
    }
    if (plan_.services.size() == kServicesMax) {
      return files_.Fault({"", here.file, here.line}, "",
                          fmt::format("a plan has at most {} services", kServicesMax));
    }
    plan_.services.push_back(std::move(service));
  }

  const LaunchPlanOptions& options_;
  LaunchPlan plan_;
  PlanFiles files_;
  IniFile top_;
  std::map<std::uint32_t, Said> levels_;
  PlanPlaces places_;
  const IniSection* service_ = nullptr;  // That is being read,
  const IniSection* cloud_ = nullptr;    // its cloud,
  std::string level_file_;               // and its file.
  std::set<std::string> warned_keys_;
};

}  // namespace

LaunchPlan ReadLaunchPlan(const LaunchPlanOptions& options) { return Reader(options).Read(); }

}  // namespace epu
