#include "cli/launch_view.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/describe_launch.h"
#include "commands/launch.h"

namespace epu {
namespace {

std::string TokenText(const State& state, const ServiceMachine& machine) {
  return TokenOf(state, machine.launch);
}

// By level, then as the plan has them.
std::vector<const Service*> InOrder(const Launch& launch) {
  std::vector<const Service*> services;
  for (const auto& [number, service] : launch.services) services.push_back(&service);
  std::stable_sort(services.begin(), services.end(), [](const Service* left, const Service* right) {
    return left->definition.level < right->definition.level;
  });
  return services;
}

std::string MachineText(const Service& service) {
  const ServiceMachine* machine = CurrentMachine(service);
  if (machine != nullptr) return machine->machine.empty() ? "asked for" : machine->machine;
  return "";
}

std::string HostText(const Service& service) {
  const ServiceMachine* machine = CurrentMachine(service);
  if (machine != nullptr) return machine->host;
  return service.definition.local ? "here" : service.definition.hostname;
}

// A boot that failed is told as such though a clean has ended its machine.
bool FailedInWalk(const Launch& launch, const Service& service) {
  const bool ends =
      launch.walk.kind == WalkKind::kTerminate || launch.walk.kind == WalkKind::kClean;
  return launch.walk.end == WalkEnd::kFailed && !ends && HasFailed(launch, service);
}

std::string WhatText(const Launch& launch, const Service& service) {
  if (service.dropped) return "in the plan no more; launch clean ends its machine";
  std::string text;
  const bool is_over = service.failed != 0 && !IsFailed(service) && !FailedInWalk(launch, service);
  if (!service.error.empty() && !is_over) {
    text = fmt::format("{}: {}", StepText(service.failed_step), service.error);
  } else if (service.machines.size() > 1) {
    text = fmt::format("{} machines; launch clean ends the earlier ones", service.machines.size());
  }
  return EscapeAndCut(text, kDetailShown);
}

Json ServiceJson(const State& state, const Service& service) {
  Json json = DefinitionJson(service.definition);
  const ServiceMachine* machine = CurrentMachine(service);
  json["state"] = static_cast<int>(service.state);
  json["state_name"] = ServiceStateName(service.state);
  json["word"] = ServiceWord(state.launch, service);
  json["attempt"] = service.attempt;
  json["dropped"] = service.dropped;
  json["instance_id"] = machine == nullptr ? Json() : TextOrNull(machine->machine);
  json["token"] = machine == nullptr ? Json() : Json(TokenText(state, *machine));
  if (machine != nullptr) json["hostname"] = TextOrNull(machine->host);
  json["said"] = VariablesJson(service.attributes);
  json["verified"] = service.verified == 0 ? Json() : Json(FormatTime(service.verified_at));
  json["last_error"] = TextOrNull(service.error);
  json["machines"] = Json::array();
  for (const auto& [attempt, known] : service.machines) {
    json["machines"].push_back({{"attempt", attempt},
                                {"token", TokenText(state, known)},
                                {"machine", TextOrNull(known.machine)},
                                {"host", TextOrNull(known.host)},
                                {"asked", FormatTime(known.asked)}});
  }
  return json;
}

}  // namespace

std::string ServiceWord(const Launch& launch, const Service& service) {
  const bool goes_on = launch.walk.begun != 0 && !launch.walk.end;
  if (service.under_way) {
    return fmt::format("{}{}", StepText(service.under_way->step), goes_on ? "" : " (left)");
  }
  if (IsFailed(service) || FailedInWalk(launch, service)) return "failed";
  if (service.state == ServiceState::kTerminated) return "terminated";
  if (service.verified != 0) return "ready";
  return service.attempt == 0 ? "waiting" : std::string(ServiceStateName(service.state));
}

Color ServiceColor(const Launch& launch, const Service& service) {
  const std::string word = ServiceWord(launch, service);
  if (word == "ready") return Color::kGood;
  if (word == "failed") return Color::kBad;
  if (word == "waiting" || word == "terminated") return Color::kFaint;
  return Color::kWarning;
}

std::string WalkText(const Walk& walk, Time now) {
  if (walk.begun == 0) return "never booted";
  const std::string_view name = WalkName(walk.kind);
  if (!walk.end) return fmt::format("{} under way for {}", name, AgeText(now - walk.since));
  return fmt::format("{} {} {} ago", name, WalkEndName(*walk.end), AgeText(now - walk.ended));
}

std::string FormatLaunch(const LaunchFacts& facts, const Terminal& terminal) {
  const Launch& launch = facts.state.launch;
  std::string text = fmt::format(
      "launch {} ({})  at {}, {}  {}  {}\n\n", facts.run, facts.state.log_id, facts.state.head,
      FormatSeconds(facts.now, facts.zone), WalkText(launch.walk, facts.now), Escape(launch.plan));
  Table table;
  table.heading = {"LEVEL", "SERVICE", "STATE", "SINCE", "MACHINE", "HOST", "WHAT"};
  for (const Service* service : InOrder(launch)) {
    const Time since = service->under_way ? service->under_way->since : service->state_since;
    const bool begun = service->attempt > 0;
    table.rows.push_back(
        {fmt::format("{}", service->definition.level), Escape(service->definition.name),
         Colored(ServiceWord(launch, *service), ServiceColor(launch, *service), terminal),
         begun ? AgeText(facts.now - since) : "", Escape(MachineText(*service)),
         Escape(HostText(*service)), WhatText(launch, *service)});
  }
  return text + FormatTable(table, terminal);
}

Json LaunchJson(const LaunchFacts& facts) {
  const State& state = facts.state;
  const Walk& walk = state.launch.walk;
  Json json = {{"run", facts.run},
               {"log_id", state.log_id},
               {"at", state.head},
               {"time", FormatTime(facts.now)},
               {"plan", state.launch.plan},
               {"globals", VariablesJson(state.launch.globals)},
               {"walk", walk.begun == 0 ? Json() : Json(WalkName(walk.kind))},
               {"end", walk.end ? Json(WalkEndName(*walk.end)) : Json()},
               {"levels", Json::array()}};
  std::map<std::uint32_t, Json> levels;
  for (const Service* service : InOrder(state.launch)) {
    levels[service->definition.level].push_back(ServiceJson(state, *service));
  }
  for (auto& [level, services] : levels) {
    json["levels"].push_back({{"level", level}, {"services", std::move(services)}});
  }
  return json;
}

}  // namespace epu
