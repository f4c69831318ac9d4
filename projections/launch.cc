#include "projections/launch.h"

#include <algorithm>

#include <fmt/format.h>

#include "eventlog/check.h"

namespace epu {
namespace {

// The service a fact is about; null where it was dropped and has left.
Service* ServiceOf(Launch& launch, ServiceNumber number) {
  const auto found = launch.services.find(number);
  return found == launch.services.end() ? nullptr : &found->second;
}

void EnterState(Service& service, const Event& event, ServiceState state) {
  service.state = state;
  service.state_since = event.time;
}

void ForgetIfDropped(Launch& launch, const Service& service) {
  if (service.dropped && service.machines.empty()) launch.services.erase(service.number);
}

void NoteFailure(Service& service, const Event& event, const StepEnded& fact) {
  service.failed = event.sequence;
  service.failed_step = fact.step;
  service.error = fact.error;
}

void NoteMachine(Service& service, const Event& event, const StepEnded& fact) {
  const auto machine = service.machines.find(fact.attempt);
  if (machine == service.machines.end()) return;
  machine->second.machine = fact.machine;
  machine->second.host = fact.host;
  EnterState(service, event, ServiceState::kLaunched);
}

void NoteBoot(Service& service, const Event& event, const StepEnded& fact) {
  service.attributes = fact.attributes;
  EnterState(service, event, ServiceState::kContextualized);
}

// An end of an earlier attempt's machine says nothing of the service as it is.
void NoteEnd(Service& service, const Event& event, const StepEnded& fact) {
  service.machines.erase(fact.attempt);
  if (fact.attempt != service.attempt) return;
  EnterState(service, event, ServiceState::kTerminated);
  service.ended = event.sequence;
  service.verified = 0;
  service.reached = false;
  service.attributes.clear();
}

void NoteSuccess(Service& service, const Event& event, const StepEnded& fact) {
  switch (fact.step) {
    case ServiceStep::kMachine:
      return NoteMachine(service, event, fact);
    case ServiceStep::kReach:
      service.reached = true;
      return;
    case ServiceStep::kBoot:
      return NoteBoot(service, event, fact);
    case ServiceStep::kReady:
      service.verified = event.sequence;
      service.verified_at = event.time;
      service.error.clear();
      return;
    case ServiceStep::kTerminate:
      return;
    case ServiceStep::kEnd:
      return NoteEnd(service, event, fact);
  }
  CHECK(!"a step");
}

}  // namespace

void Evolve(Launch& launch, const Event& event, const PlanRead& fact) {
  launch.plan = fact.plan;
  launch.globals = fact.globals;
  launch.read = event.sequence;
}

void Evolve(Launch& launch, const Event& event, const ServicePlanned& fact) {
  Service& service = launch.services[fact.service];
  service.number = fact.service;
  service.definition = fact.definition;
  service.planned = event.sequence;
  service.dropped = false;
}

void Evolve(Launch& launch, const Event&, const ServiceDropped& fact) {
  Service* service = ServiceOf(launch, fact.service);
  if (service == nullptr) return;
  service->dropped = true;
  ForgetIfDropped(launch, *service);
}

void Evolve(Launch& launch, const Event& event, const WalkBegun& fact) {
  if (fact.kind == WalkKind::kClean && launch.walk.kind != WalkKind::kClean) {
    launch.before_clean = launch.walk;
    if (!launch.walk.end) {  // Its launcher was killed.
      launch.before_clean.end = WalkEnd::kInterrupted;
      launch.before_clean.ended = event.time;
    }
  }
  launch.walk = {fact.kind, event.sequence, event.time, std::nullopt, {}};
  for (auto& [number, service] : launch.services) service.restarts = 0;
}

void Evolve(Launch& launch, const Event& event, const WalkEnded& fact) {
  launch.walk.end = fact.end;
  launch.walk.ended = event.time;
  const bool cleaned = launch.walk.kind == WalkKind::kClean && fact.end != WalkEnd::kInterrupted;
  if (cleaned && launch.before_clean.begun != 0) launch.walk = launch.before_clean;
}

// The first step of an attempt begins it anew; a terminate program and an end are of one that was.
void Evolve(Launch& launch, const Event& event, const StepBegun& fact) {
  Service* service = ServiceOf(launch, fact.service);
  if (service == nullptr) return;
  if (fact.attempt > service->attempt) {
    if (service->attempt > 0 && service->failed > launch.walk.begun) ++service->restarts;
    service->attempt = fact.attempt;
    service->begun = event.sequence;
    service->failed = 0;
    service->reached = service->unloaded = false;
    service->attributes.clear();
    service->verified = 0;
    EnterState(*service, event, ServiceState::kInitial);
  }
  if (fact.step == ServiceStep::kMachine) {
    service->machines.try_emplace(fact.attempt, ServiceMachine{fact.launch, event.time, "", ""});
  }
  service->under_way = {fact.step, fact.attempt, event.sequence, event.time};
}

void Evolve(Launch& launch, const Event& event, const StepEnded& fact) {
  Service* service = ServiceOf(launch, fact.service);
  if (service == nullptr) return;
  service->under_way.reset();
  if (fact.step == ServiceStep::kTerminate) service->unloaded = true;
  if (fact.succeeded) {
    NoteSuccess(*service, event, fact);
  } else {
    NoteFailure(*service, event, fact);
  }
  ForgetIfDropped(launch, *service);
}

const Service* FindService(const Launch& launch, std::string_view name) {
  const auto found =
      std::find_if(launch.services.begin(), launch.services.end(), [&](const auto& entry) {
        return !entry.second.dropped && entry.second.definition.name == name;
      });
  return found == launch.services.end() ? nullptr : &found->second;
}

const ServiceMachine* CurrentMachine(const Service& service) {
  const auto found = service.machines.find(service.attempt);
  return found == service.machines.end() ? nullptr : &found->second;
}

bool HasOwnMachine(const Service& service) { return !service.definition.driver.empty(); }

bool IsThere(const Service& service) {
  return service.attempt > 0 && service.state != ServiceState::kTerminated;
}

bool IsFailed(const Service& service) {
  return service.failed > std::max(service.verified, service.ended);
}

const Service* HostOf(const Launch& launch, const Service& service) {
  constexpr std::string_view kOpen = "${";
  constexpr std::string_view kClose = ".hostname}";
  constexpr int kHopsMax = 16;  // A circle ends too.
  const Service* at = &service;
  for (int hop = 0; hop < kHopsMax && at != nullptr; ++hop) {
    if (HasOwnMachine(*at)) return at;
    std::string_view text = at->definition.hostname;
    if (!text.starts_with(kOpen) || !text.ends_with(kClose)) return nullptr;
    text.remove_prefix(kOpen.size());
    text.remove_suffix(kClose.size());
    at = FindService(launch, text);
  }
  return nullptr;
}

bool IsStranded(const Launch& launch, const Service& service) {
  const Service* host = HostOf(launch, service);
  return host != nullptr && host != &service && IsThere(service) && host->begun > service.begun;
}

const Variable* FindVariable(const std::vector<Variable>& variables, std::string_view name) {
  const auto found = std::find_if(variables.begin(), variables.end(),
                                  [&](const Variable& known) { return known.name == name; });
  return found == variables.end() ? nullptr : &*found;
}

std::optional<Variable> FindAttribute(const Service& service, std::string_view name) {
  const ServiceDefinition& definition = service.definition;
  const ServiceMachine* machine = CurrentMachine(service);
  const auto plain = [&](const std::string& value) -> std::optional<Variable> {
    if (value.empty()) return std::nullopt;
    return Variable{std::string(name), value, false};
  };
  if (name == "hostname" && machine != nullptr) return plain(machine->host);
  if (name == "instance_id" && machine != nullptr) return plain(machine->machine);
  if (const Variable* said = FindVariable(service.attributes, name)) return *said;
  if (const Variable* planned = FindVariable(definition.attributes, name)) return *planned;
  // The columns of the original's table of services.
  if (name == "hostname") return plain(definition.hostname);
  if (name == "name") return plain(definition.name);
  if (name == "image") return plain(definition.image);
  if (name == "allocation") return plain(definition.allocation);
  if (name == "keyname") return plain(definition.key_name);
  if (name == "localkey") return plain(definition.ssh_key);
  if (name == "username") return plain(definition.ssh_user);
  if (name == "scp_username") return plain(definition.scp_user);
  if (name == "securitygroups") return plain(definition.security_groups);
  if (name == "bootpgm") return plain(definition.boot.path);
  if (name == "bootpgm_args") return plain(definition.boot.arguments);
  if (name == "readypgm") return plain(definition.ready.path);
  if (name == "readypgm_args") return plain(definition.ready.arguments);
  if (name == "terminatepgm") return plain(definition.terminate.path);
  if (name == "terminatepgm_args") return plain(definition.terminate.arguments);
  if (name == "bootconf") return plain(definition.boot_template);
  if (name == "pgm_timeout")
    return plain(fmt::format("{}", definition.program_timeout / std::chrono::seconds(1)));
  return std::nullopt;
}

}  // namespace epu
