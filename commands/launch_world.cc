#include "commands/launch_world.h"

#include <algorithm>
#include <initializer_list>
#include <limits>

#include <gtest/gtest.h>

namespace epu {
namespace {

bool IsUnderWay(const Launch& launch) {
  return std::any_of(launch.services.begin(), launch.services.end(),
                     [](const auto& entry) { return entry.second.under_way.has_value(); });
}

std::uint64_t Hash(std::uint64_t seed, std::initializer_list<std::uint64_t> parts) {
  for (const std::uint64_t part : parts) {
    seed = Dice(seed + part).Below(std::numeric_limits<std::uint64_t>::max());
  }
  return seed;
}

}  // namespace

// ---- The world ----

bool LaunchWorld::Fails(const NextStep& step) const {
  const auto seen = ends_.find(Key(step));
  const std::uint64_t times = seen == ends_.end() ? 0 : seen->second;
  const std::uint64_t kind = static_cast<std::uint64_t>(step.step);
  const std::uint64_t place = ToInteger(step.service) * 8 + kind;
  const bool never_succeeds = Hash(seed_, {place}) % 600 < failures_percent_;
  return never_succeeds || Hash(seed_, {place, step.attempt, times}) % 100 < failures_percent_;
}

bool LaunchWorld::HasHost(const Launch& launch, const Service& service) const {
  const Service* host = HostOf(launch, service);
  if (host == nullptr) return true;
  const ServiceMachine* machine = CurrentMachine(*host);
  return machine != nullptr && machines_.contains(machine->launch);
}

// Of those that fail, one is there all the same at every other attempt.
std::string LaunchWorld::MakeMachine(const Service& service, const NextStep& step) {
  const LaunchId token = service.machines.at(step.attempt).launch;
  const bool fails = Fails(step);
  if (!fails || step.attempt % 2 == 0) machines_.insert(token);
  return fails ? "no answer" : "";
}

std::string LaunchWorld::RunOnce(const Service& service, const NextStep& step) {
  const auto marked = marks_.find(Key(step));
  if (marked != marks_.end()) return marked->second;
  const auto own = service.machines.find(step.attempt);
  if (step.step == ServiceStep::kBoot && own != service.machines.end()) {
    if (!booted_.insert(own->second.launch).second) {
      faults_.push_back(service.definition.name + " was booted twice on one machine");
    }
  }
  return marks_[Key(step)] = Fails(step) ? "exit 1" : "";
}

std::string LaunchWorld::Verify(const Launch& launch, const Service& service,
                                const NextStep& step) {
  if (service.state != ServiceState::kContextualized) return "it has not been booted";
  if (IsStranded(launch, service)) return "its machine was replaced";
  if (service.definition.ready.path.empty()) return "";
  return Fails(step) ? "exit 2" : "";
}

// As the step maker does: without a machine of its own there is nothing to be ended but what runs.
std::string LaunchWorld::EndIt(const Service& service, const NextStep& step) {
  const auto machine = service.machines.find(step.attempt);
  if (!HasOwnMachine(service) || machine == service.machines.end()) return "";
  if (Fails(step)) return "still listed";
  machines_.erase(machine->second.launch);
  return "";
}

StepEnded LaunchWorld::Make(const Launch& launch, const NextStep& step) {
  const Service& service = launch.services.at(step.service);
  StepEnded ended{step.service, step.attempt, step.step, false, "", "", "", {}};
  switch (step.step) {
    case ServiceStep::kMachine:
      ended.error = MakeMachine(service, step);
      break;
    case ServiceStep::kReach:
      ended.error = !HasHost(launch, service) ? "no host" : Fails(step) ? "no route" : "";
      break;
    case ServiceStep::kBoot:
    case ServiceStep::kTerminate: {
      const bool boots = step.step == ServiceStep::kBoot;
      const ServiceDefinition& definition = service.definition;
      const bool runs = !(boots ? definition.boot : definition.terminate).path.empty();
      if (runs && !HasHost(launch, service)) ended.error = "no host";
      if (runs && ended.error.empty()) ended.error = RunOnce(service, step);
      break;
    }
    case ServiceStep::kReady:
      ended.error = HasHost(launch, service) ? Verify(launch, service, step) : "no host";
      break;
    case ServiceStep::kEnd:
      ended.error = EndIt(service, step);
      break;
  }
  ended.succeeded = ended.error.empty();
  return ended;
}

// ---- The launchers ----

absl::Status LaunchDrive::Plan(std::vector<ServiceDefinition> services, bool again) {
  return given_.Send({{}, {}, "", PlanLaunch{{"plan", {}}, std::move(services), again}}).status();
}

void LaunchDrive::Send(Order order) {
  const auto sent = given_.Later(Duration(1)).Send({{}, {}, "", std::move(order)});
  EXPECT_TRUE(sent.ok()) << sent.status();
}

// As Launcher does.
void LaunchDrive::BeginWalk(WalkKind kind) {
  const struct Walk& before = launch().walk;
  if (before.begun != 0 && !before.end && before.kind != kind) {
    Send(EndWalk{WalkEnd::kInterrupted});
  }
  Send(epu::BeginWalk{kind});
}

void LaunchDrive::Begin(const std::vector<NextStep>& steps) {
  for (const NextStep& step : steps) {
    checks_.before_step(launch(), world_, step);
    Send(BeginStep{step.service, step.attempt, step.step});
    waiting_.push_back(step);
  }
}

void LaunchDrive::EndOne() {
  std::swap(waiting_[dice_.Below(waiting_.size())], waiting_.back());
  const NextStep step = waiting_.back();
  waiting_.pop_back();
  Send(EndStep{world_.Make(launch(), step)});
  world_.NoteRecorded(step);
}

std::optional<WalkEnd> LaunchDrive::Walk(WalkKind kind, const Luck& luck) {
  LeftSteps left = LookBack(launch(), kind);
  waiting_ = std::move(left.again);
  for (const NextStep& step : left.given_up) {
    Send(EndStep{{step.service, step.attempt, step.step, false, "given up", "", "", {}}});
  }
  if (Happens(luck.killed_percent)) return std::nullopt;
  BeginWalk(kind);
  for (int round = 0; round < kRoundsMax; ++round) {
    WalkAhead ahead = LookAhead(launch());
    left.first = left.first && IsUnderWay(launch());
    if (left.first) ahead.steps.clear();
    if (ahead.end) {
      EXPECT_TRUE(waiting_.empty()) << "ended while a step is under way";
      Send(EndWalk{*ahead.end});
      return ahead.end;
    }
    Begin(ahead.steps);
    if (Happens(luck.killed_percent)) return std::nullopt;
    EXPECT_FALSE(waiting_.empty()) << "stuck";
    if (waiting_.empty()) return std::nullopt;
    const std::size_t wait = luck.one_by_one ? waiting_.size() - 1 : 0;
    while (waiting_.size() > wait) {
      // Made, and killed before that is recorded.
      if (Happens(luck.killed_percent / 2)) {
        world_.Make(launch(), waiting_.front());
        return std::nullopt;
      }
      EndOne();
      checks_.after_step(launch(), world_);
    }
    if (Happens(luck.interrupted_percent)) {
      Send(EndWalk{WalkEnd::kInterrupted});
      return WalkEnd::kInterrupted;
    }
  }
  ADD_FAILURE() << "a " << WalkName(kind) << " without an end";
  return std::nullopt;
}

}  // namespace epu
