#include "commands/launch_orders.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace epu {
namespace {

using Payloads = std::vector<Payload>;

std::size_t SizeOf(const std::vector<Variable>& variables) {
  std::size_t size = 0;
  for (const Variable& variable : variables) {
    size += variable.name.size() + variable.value.size() + 32;
  }
  return size;
}

std::size_t SizeOf(const ServiceDefinition& service) {
  std::size_t size = SizeOf(service.attributes);
  for (const std::string* text :
       {&service.name, &service.cloud, &service.driver, &service.hostname, &service.image,
        &service.allocation, &service.security_groups, &service.key_name, &service.ssh_user,
        &service.scp_user, &service.ssh_key, &service.boot_template, &service.boot.path,
        &service.boot.arguments, &service.ready.path, &service.ready.arguments,
        &service.terminate.path, &service.terminate.arguments}) {
    size += text->size();
  }
  return size;
}

// What is wrong with the services of a plan, whatever is known already.
absl::Status CheckServices(const PlanLaunch& plan) {
  if (plan.services.size() > kServicesMax) {
    return absl::InvalidArgumentError(
        fmt::format("{} services; a plan has at most {}", plan.services.size(), kServicesMax));
  }
  if (SizeOf(plan.plan.globals) > kRecordTextMax) {
    return absl::InvalidArgumentError(
        fmt::format("the globals take more than {} bytes", kRecordTextMax));
  }
  std::set<std::string_view> names;
  for (const ServiceDefinition& service : plan.services) {
    if (service.name.empty()) return absl::InvalidArgumentError("a service without a name");
    if (!names.insert(service.name).second) {
      return absl::InvalidArgumentError(fmt::format("two services of the name {}", service.name));
    }
    if (SizeOf(service) > kRecordTextMax) {
      return absl::InvalidArgumentError(
          fmt::format("service {} takes more than {} bytes", service.name, kRecordTextMax));
    }
  }
  return absl::OkStatus();
}

bool IsUnderWay(const Launch& launch) {
  return std::any_of(launch.services.begin(), launch.services.end(),
                     [](const auto& entry) { return entry.second.under_way.has_value(); });
}

// The service that a definition is from now on: of its name and, where something of it may run, of
// its driver, for nobody else can end a machine. One that the last plan lacked is taken up again.
const Service* FindToGoOnWith(const Launch& launch, const ServiceDefinition& definition) {
  const Service* found = nullptr;
  for (const auto& [number, service] : launch.services) {
    const bool runs = IsThere(service) || !service.machines.empty();
    if (service.definition.name != definition.name) continue;
    if (runs && service.definition.driver != definition.driver) continue;
    if (found == nullptr || found->dropped) found = &service;
  }
  return found;
}

absl::Status NoLaunch() {
  return absl::FailedPreconditionError("this run is no launch: no plan was read for it");
}

}  // namespace

absl::StatusOr<Payloads> DecidePlan(const State& state, const PlanLaunch& plan, Sequence first) {
  const Launch& launch = state.launch;
  if (launch.read != 0 && !plan.again) {
    return absl::FailedPreconditionError(
        fmt::format("{} was read for this run already", launch.plan));
  }
  if (launch.read == 0 && plan.again) return NoLaunch();
  if (IsUnderWay(launch)) {
    return absl::FailedPreconditionError("a step is under way; let it end first: launch repair");
  }
  if (absl::Status checked = CheckServices(plan); !checked.ok()) return checked;
  Payloads payloads = {plan.plan};
  std::set<ServiceNumber> kept;
  for (const ServiceDefinition& definition : plan.services) {
    const Service* known = FindToGoOnWith(launch, definition);
    if (known != nullptr) kept.insert(known->number);
    if (known != nullptr && known->definition == definition && !known->dropped) continue;
    const ServiceNumber number =
        known == nullptr ? ServiceNumber{first + payloads.size()} : known->number;
    payloads.push_back(ServicePlanned{number, definition});
  }
  for (const auto& [number, service] : launch.services) {
    if (!service.dropped && !kept.contains(number)) payloads.push_back(ServiceDropped{number});
  }
  return payloads;
}

absl::StatusOr<Payloads> DecideWalk(const State& state, const BeginWalk& begin) {
  const Walk& walk = state.launch.walk;
  if (state.launch.read == 0) return NoLaunch();
  const bool goes_on = walk.begun != 0 && !walk.end;
  if (goes_on && walk.kind == begin.kind) return Payloads{};
  if (goes_on) {
    return absl::FailedPreconditionError(
        fmt::format("a {} of this launch is not at its end", WalkName(walk.kind)));
  }
  return Payloads{WalkBegun{begin.kind}};
}

Payloads DecideWalkEnd(const State& state, const EndWalk& end) {
  const Walk& walk = state.launch.walk;
  if (walk.begun == 0 || walk.end) return {};
  return {WalkEnded{walk.kind, end.end}};
}

absl::StatusOr<Payloads> DecideStep(const State& state, const BeginStep& begin) {
  const auto found = state.launch.services.find(begin.service);
  if (found == state.launch.services.end()) {
    return absl::FailedPreconditionError("the plan has no such service");
  }
  const std::optional<StepUnderWay>& under_way = found->second.under_way;
  if (under_way) {
    if (under_way->step == begin.step && under_way->attempt == begin.attempt) return Payloads{};
    return absl::FailedPreconditionError(fmt::format(
        "{} of {} is under way", StepName(under_way->step), found->second.definition.name));
  }
  StepBegun fact{begin.service, begin.attempt, begin.step, {}};
  if (begin.step == ServiceStep::kMachine) {
    const auto requests = state.requests.find(state.epoch);
    const std::uint64_t known = requests == state.requests.end() ? 0 : requests->second;
    fact.launch = {state.epoch, known + 1};
  }
  return Payloads{fact};
}

Payloads DecideStepEnd(const State& state, const EndStep& end) {
  const auto found = state.launch.services.find(end.fact.service);
  if (found == state.launch.services.end()) return {};
  const std::optional<StepUnderWay>& under_way = found->second.under_way;
  if (!under_way || under_way->step != end.fact.step || under_way->attempt != end.fact.attempt) {
    return {};
  }
  StepEnded fact = end.fact;
  fact.error = CutText(fact.error);
  if (SizeOf(fact.attributes) > kRecordTextMax) {
    fact.succeeded = false;
    fact.attributes.clear();
    fact.error = fmt::format("what the boot program said takes more than {} bytes", kRecordTextMax);
  }
  return {std::move(fact)};
}

absl::StatusOr<Payloads> DecideLines(const NoteLines& note) {
  Payloads payloads;
  for (const LineHarvested& line : note.lines) {
    if (line.source.empty() || line.name.empty() || line.key.empty()) {
      return absl::InvalidArgumentError("an event line without its source, its name or its key");
    }
    const std::size_t size = line.source.size() + line.name.size() + line.key.size() +
                             line.extra.size() + line.origin.size();
    if (size > kRecordTextMax) {
      return absl::InvalidArgumentError(
          fmt::format("event line {} takes {} bytes; at most {}", line.key, size, kRecordTextMax));
    }
    payloads.push_back(line);
  }
  return payloads;
}

}  // namespace epu
