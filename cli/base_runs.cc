#include "cli/base_runs.h"

#include <algorithm>
#include <filesystem>

#include "commands/service_values.h"
#include "projections/references.h"

namespace epu {
namespace {

// Secrets are not found.
AttributeSource OpenAttributes(const Launch& launch, const std::string& run) {
  return [&](std::string_view owner, std::string_view attribute) {
    std::optional<std::string> value;
    if (attribute == "run_name") return std::optional(run);
    if (owner == "global") {
      const Variable* variable = FindVariable(launch.globals, attribute);
      if (variable != nullptr && !variable->secret) value = variable->value;
      return value;
    }
    const Service* service = FindService(launch, owner);
    const auto found = service == nullptr ? std::nullopt : FindAttribute(*service, attribute);
    if (found && !found->secret) value = found->value;
    return value;
  };
}

// The value of an attribute with its references filled in; empty where it has none or they lead
// nowhere. Secrets are no names of runs.
std::string ValueOf(const Launch& launch, const Service& service, const std::string& run,
                    std::string_view name) {
  const std::optional<Variable> variable = FindAttribute(service, name);
  if (!variable || variable->secret) return "";
  const auto filled =
      FillReferences(variable->value, service.definition.name, OpenAttributes(launch, run));
  return filled.ok() ? *filled : "";
}

// What a service says of its run; the run's name is empty where it says none.
BaseRun RunOf(const Launch& launch, const Service& service, const std::string& run) {
  BaseRun base{service.definition.name, ValueOf(launch, service, run, "epu_run"),
               ValueOf(launch, service, run, "epu_home")};
  std::filesystem::path path(base.run);
  if (!path.is_absolute()) return base;
  path = path.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "/srv/epu/prod/"
  base.home = path.parent_path();
  base.run = path.filename();
  return base;
}

// Whether what its programs write is on this machine.
bool IsHere(const Launch& launch, const Service& service) {
  const Service* const host = HostOf(launch, service);
  return service.definition.local || (host != nullptr && host->definition.driver == "process");
}

// One that failed to boot may have come as far as to start a server.
bool MayServe(const Service& service) {
  return service.attempt > 0 && service.state != ServiceState::kTerminated &&
         (service.state != ServiceState::kInitial || service.reached);
}

}  // namespace

bool IsServer(std::string_view service) {
  return IsProvisioner(service) || service.starts_with("epu-");
}

bool IsProvisioner(std::string_view service) { return service.starts_with("provisioner"); }

namespace {

// The runs of servers that `concerns` takes.
template <typename Concerns>
std::vector<BaseRun> RunsOf(const Launch& launch, const std::string& run, Concerns concerns) {
  std::vector<BaseRun> runs;
  for (const bool provisioners : {true, false}) {
    for (const auto& [number, service] : launch.services) {
      const std::string& name = service.definition.name;
      if (!IsServer(name) || IsProvisioner(name) != provisioners || !concerns(service)) continue;
      BaseRun base = RunOf(launch, service, run);
      if (base.run.empty()) continue;
      base.may_lack = service.state != ServiceState::kContextualized && !service.under_way &&
                      IsHere(launch, service);
      const auto known = std::find_if(runs.begin(), runs.end(), [&](const BaseRun& had) {
        return had.run == base.run && had.home == base.home;
      });
      if (known == runs.end()) {
        runs.push_back(std::move(base));
      } else {
        known->may_lack &= base.may_lack;
      }
    }
  }
  return runs;
}

}  // namespace

std::vector<BaseRun> BaseRuns(const Launch& launch, const std::string& run) {
  return RunsOf(launch, run, &MayServe);
}

std::vector<BaseRun> PastBaseRuns(const Launch& launch, const std::string& run) {
  std::vector<BaseRun> past = RunsOf(launch, run, [](const Service& service) {
    return service.attempt > 0 && service.state == ServiceState::kTerminated;
  });
  const std::vector<BaseRun> present = BaseRuns(launch, run);
  std::erase_if(past, [&](const BaseRun& base) {
    return std::any_of(present.begin(), present.end(), [&](const BaseRun& other) {
      return other.run == base.run && other.home == base.home;
    });
  });
  return past;
}

std::vector<std::string> SilentProvisioners(const Launch& launch, const std::string& run) {
  std::vector<std::string> silent;
  for (const auto& [number, service] : launch.services) {
    const std::string& name = service.definition.name;
    if (!IsProvisioner(name) || !MayServe(service)) continue;
    if (RunOf(launch, service, run).run.empty()) silent.push_back(name);
  }
  return silent;
}

std::vector<std::pair<std::string, std::string>> Controllers(const Launch& launch) {
  std::vector<std::pair<std::string, std::string>> controllers;
  for (const auto& [number, service] : launch.services) {
    if (service.dropped) continue;
    for (const std::vector<Variable>* from :
         {&service.definition.attributes, &service.attributes}) {
      for (const Variable& variable : *from) {
        if (!variable.name.starts_with("epu_controller") || variable.secret) continue;
        controllers.emplace_back(service.definition.name, variable.value);
      }
    }
  }
  return controllers;
}

absl::StatusOr<std::string> FillFromLaunch(const Launch& launch, const std::string& run,
                                           std::string_view text) {
  return FillReferences(text, "", OpenAttributes(launch, run));
}

std::unique_ptr<Context> ContextOf(const Context& context, const BaseRun& base) {
  return context.ForRun(base.run, base.home);
}

bool NeverBegan(const Context& other, const BaseRun& base) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path home = fs::path(other.Paths().directory).parent_path();
  // Where not even the home is there, it may be elsewhere, or not mounted: nothing is known.
  if (!base.may_lack || !fs::is_directory(home, error)) return false;
  return !fs::exists(other.Paths().log, error) && !error;
}

}  // namespace epu
