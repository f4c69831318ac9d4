#include "commands/launch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "commands/launch_world.h"
#include "eventlog/codec.h"
#include "projections/evolve.h"
#include "projections/snapshot.h"

// What holds of any plan, whatever fails and whenever its launcher is killed. The seed of a failure
// is printed; set kFirstSeed to it and kSeeds to 1.

namespace epu {
namespace {

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kSeeds = 1'500;
constexpr int kWalks = 6;

// ---- Plans ----

ServiceDefinition SomeService(Dice& dice, std::string name,
                              const std::vector<ServiceDefinition>& before) {
  ServiceDefinition service;
  service.name = std::move(name);
  service.level = 1 + static_cast<std::uint32_t>(dice.Below(4));
  const auto program = [&] { return dice.Below(4) == 0 ? "" : "/program"; };
  service.boot.path = program();
  service.ready.path = program();
  service.terminate.path = program();
  const std::uint64_t where = dice.Below(4);
  if (where < 2) service.driver = "process";
  if (where == 2) service.hostname = "localhost";
  if (where == 3) service.hostname = "${nobody.hostname}";
  // On the machine of another one, which a plan allows of an earlier level alone.
  for (const ServiceDefinition& base : before) {
    if (where != 3 || base.level >= service.level || dice.Below(2) != 0) continue;
    service.hostname = fmt::format("${{{}.hostname}}", base.name);
  }
  return service;
}

std::vector<ServiceDefinition> SomePlan(Dice& dice) {
  std::vector<ServiceDefinition> services;
  for (const std::string name : {"a", "b", "c", "d", "e", "f", "g"}) {
    if (dice.Below(4) != 0) services.push_back(SomeService(dice, name, services));
  }
  return services;
}

// ---- What holds ----

bool IsGone(const Service& service) { return !IsThere(service) && service.machines.empty(); }

bool IsReady(const Launch& launch, const Service& service) {
  return IsThere(service) && service.state == ServiceState::kContextualized &&
         service.verified != 0 && !service.under_way && !HasFailed(launch, service) &&
         !IsStranded(launch, service);
}

bool CouldNotBeEnded(const Launch& launch, const Service& service) {
  return HasFailed(launch, service) && service.failed_step == ServiceStep::kEnd;
}

bool IsOfAnEnd(const NextStep& step) { return step.step >= ServiceStep::kTerminate; }

// Whether `other` may be as it is when `step` of `service` begins.
bool IsInItsTurn(const Launch& launch, const Service& service, const NextStep& step,
                 const Service& other) {
  const bool lower = other.definition.level < service.definition.level;
  const bool higher = other.definition.level > service.definition.level;
  switch (launch.walk.kind) {
    case WalkKind::kBoot:
    case WalkKind::kRepair:
      return !lower || other.dropped || IsReady(launch, other);
    case WalkKind::kVerify:
      return !lower || !other.under_way;
    case WalkKind::kClean:
      return !higher || !other.under_way;
    case WalkKind::kTerminate:
      return !higher || IsGone(other) || CouldNotBeEnded(launch, other);
    case WalkKind::kReboot:
      if (IsOfAnEnd(step)) {
        return !higher || IsGone(other) || CouldNotBeEnded(launch, other);
      }
      return (!lower || other.dropped || IsReady(launch, other)) && !CouldNotBeEnded(launch, other);
  }
  return false;
}

// Nothing that is booted is ended without a word, where a word could reach it.
bool IsToldBefore(const Launch& launch, const LaunchWorld& world, const NextStep& step) {
  const Service& service = launch.services.at(step.service);
  const bool ends = step.step == ServiceStep::kEnd && launch.walk.kind != WalkKind::kClean;
  const bool booted = step.attempt == service.attempt &&
                      service.state == ServiceState::kContextualized &&
                      !IsStranded(launch, service) && !service.dropped;
  const bool has_words = !service.definition.terminate.path.empty();
  return !ends || !booted || !has_words ||
         world.WasRecorded({step.service, step.attempt, ServiceStep::kTerminate});
}

void ExpectInTurn(const Launch& launch, const LaunchWorld& world, const NextStep& step) {
  const Service& service = launch.services.at(step.service);
  EXPECT_FALSE(service.under_way.has_value());
  EXPECT_TRUE(IsToldBefore(launch, world, step)) << service.definition.name;
  for (const auto& [number, other] : launch.services) {
    EXPECT_TRUE(IsInItsTurn(launch, service, step, other))
        << WalkName(launch.walk.kind) << ": " << StepName(step.step) << " of "
        << service.definition.name << " while " << other.definition.name << " is not at its end";
  }
  EXPECT_TRUE(launch.walk.kind != WalkKind::kReboot || !IsOfAnEnd(step) ||
              service.begun < launch.walk.begun)
      << "a reboot ends " << service.definition.name << ", which it began itself";
  EXPECT_TRUE(!service.dropped || step.step == ServiceStep::kEnd) << "nobody's to boot";
}

// A walk that is done has come to what it is for.
void ExpectDone(WalkKind kind, const Launch& launch, const LaunchWorld& world) {
  for (const auto& [number, service] : launch.services) {
    SCOPED_TRACE(service.definition.name);
    switch (kind) {
      case WalkKind::kBoot:
      case WalkKind::kReboot:
        EXPECT_TRUE(service.dropped || IsReady(launch, service));
        break;
      case WalkKind::kVerify:
      case WalkKind::kRepair:
        EXPECT_TRUE(service.dropped || IsReady(launch, service));
        EXPECT_TRUE(service.dropped || service.verified > launch.walk.begun);
        break;
      case WalkKind::kTerminate:
        EXPECT_TRUE(IsGone(service));
        break;
      case WalkKind::kClean:
        EXPECT_FALSE(service.dropped);
        EXPECT_TRUE(service.machines.empty() || service.state == ServiceState::kContextualized);
    }
  }
  EXPECT_TRUE(kind != WalkKind::kTerminate || world.machines().empty());
  EXPECT_TRUE(launch.walk.end) << "what is the last walk now is at its end";
}

// A walk that failed says of what, and an end fails for nothing but what could not be ended.
void ExpectFailed(WalkKind kind, const Launch& launch) {
  bool failed = false;
  for (const auto& [number, service] : launch.services) {
    failed |= HasFailed(launch, service);
    if (kind != WalkKind::kTerminate) continue;
    EXPECT_TRUE(IsGone(service) || CouldNotBeEnded(launch, service)) << service.definition.name;
  }
  EXPECT_TRUE(failed);
}

void ExpectAccountedFor(const Launch& launch, const LaunchWorld& world) {
  std::set<LaunchId> known;
  for (const auto& [number, service] : launch.services) {
    for (const auto& [attempt, machine] : service.machines) known.insert(machine.launch);
  }
  EXPECT_TRUE(
      std::includes(known.begin(), known.end(), world.machines().begin(), world.machines().end()))
      << "a machine that nobody knows of";
  EXPECT_TRUE(world.faults().empty()) << world.faults().front();
}

// The log says all that is in memory; and so does a snapshot.
void ExpectFolds(const Given& given) {
  Projection<State> folded;
  for (const Event& event : given.events()) {
    const absl::StatusOr<Event> decoded = Decode(Encode(event));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    ASSERT_EQ(*decoded, event);
    Evolve(folded.state, *decoded);
    folded.position = decoded->sequence;
  }
  EXPECT_EQ(folded.state, given.state());
  const absl::StatusOr<SavedFold> saved = DecodeSnapshot(EncodeSnapshot({folded, 0}));
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->fold.state, given.state());
}

// ---- A launch ----

class AnyLaunch {
 public:
  AnyLaunch(std::uint64_t seed, unsigned failures_percent)
      : dice_(seed), drive_(seed, failures_percent, {&ExpectInTurn, &ExpectAccountedFor}) {
    const std::vector<ServiceDefinition> plan = SomePlan(dice_);
    EXPECT_TRUE(drive_.Plan(plan, false).ok());
    for (const ServiceDefinition& service : plan) {
      text_ += fmt::format("{}{}{} ", service.name, service.level,
                           service.driver.empty() ? service.hostname : " machine");
    }
  }

  std::optional<WalkEnd> Walk(WalkKind kind, const Luck& luck) {
    text_ += fmt::format("; {}", WalkName(kind));
    SCOPED_TRACE(text_);
    const std::optional<WalkEnd> end = drive_.Walk(kind, luck);
    text_ += fmt::format(" {}", end ? WalkEndName(*end) : "killed");
    if (end == WalkEnd::kDone) ExpectDone(kind, drive_.launch(), drive_.world());
    if (end == WalkEnd::kFailed) ExpectFailed(kind, drive_.launch());
    ExpectAccountedFor(drive_.launch(), drive_.world());
    return end;
  }

  // Killed again and again, until it is at its end.
  WalkEnd WalkThrough(WalkKind kind, const Luck& luck) {
    std::optional<WalkEnd> end;
    while (!end && !testing::Test::HasFailure()) end = Walk(kind, luck);
    return end.value_or(WalkEnd::kFailed);
  }

  // Refused while a step is under way, whatever the plan.
  void Reload() {
    const std::vector<ServiceDefinition> plan = SomePlan(dice_);
    const auto& services = drive_.launch().services;
    const bool busy = std::any_of(services.begin(), services.end(), [](const auto& entry) {
      return entry.second.under_way.has_value();
    });
    EXPECT_EQ(drive_.Plan(plan, true).ok(), !busy);
    text_ += "; reload";
  }

  // Every service by name and level, without what hangs on when things were done.
  std::string Summary() const {
    std::string text(WalkEndName(drive_.launch().walk.end.value_or(WalkEnd::kInterrupted)));
    for (const auto& [number, service] : drive_.launch().services) {
      text += fmt::format("\n{} attempt {} {} restarts {} reached {} unloaded {} ready {} ended {}",
                          service.definition.name, service.attempt, ServiceStateName(service.state),
                          service.restarts, service.reached, service.unloaded,
                          IsReady(drive_.launch(), service), service.ended != 0);
      if (HasFailed(drive_.launch(), service)) {
        text += fmt::format(" {}: {}", StepName(service.failed_step), service.error);
      }
      for (const auto& [attempt, machine] : service.machines) {
        text += fmt::format(" machine {}", attempt);
      }
    }
    return text;
  }

  Dice& dice() { return dice_; }
  LaunchDrive& drive() { return drive_; }
  const std::string& text() const { return text_; }

 private:
  Dice dice_;
  LaunchDrive drive_;
  std::string text_;
};

WalkKind SomeWalk(Dice& dice) {
  return dice.Of({WalkKind::kBoot, WalkKind::kBoot, WalkKind::kVerify, WalkKind::kRepair,
                  WalkKind::kRepair, WalkKind::kReboot, WalkKind::kTerminate, WalkKind::kClean});
}

TEST(LaunchProperty, KeepsItsRulesWhateverFailsAndComesToRestWhenNothingDoes) {
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AnyLaunch launch(seed, static_cast<unsigned>(seed % 40));
    const Luck luck{static_cast<unsigned>(seed % 7), static_cast<unsigned>(seed % 5), true};
    for (int walk = 0; walk < kWalks; ++walk) {
      launch.Walk(SomeWalk(launch.dice()), luck);
      if (launch.dice().Below(3) == 0) launch.Reload();
    }
    launch.drive().world().StopFailing();
    SCOPED_TRACE(launch.text());
    // A repair that was killed goes on with the restarts it has left.
    if (!launch.drive().launch().walk.end) launch.Walk(WalkKind::kRepair, {});
    EXPECT_EQ(launch.Walk(WalkKind::kRepair, {}), WalkEnd::kDone);
    EXPECT_EQ(launch.Walk(WalkKind::kVerify, {}), WalkEnd::kDone);
    EXPECT_EQ(launch.Walk(WalkKind::kClean, {}), WalkEnd::kDone);
    ExpectFolds(launch.drive().given());
    EXPECT_EQ(launch.Walk(WalkKind::kTerminate, {}), WalkEnd::kDone);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST(LaunchProperty, ComesToTheSameHoweverOftenItsLauncherIsKilled) {
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AnyLaunch whole(seed, static_cast<unsigned>(seed % 40));
    AnyLaunch killed(seed, static_cast<unsigned>(seed % 40));
    Dice walks(~seed);
    for (int walk = 0; walk < kWalks; ++walk) {
      const WalkKind kind = SomeWalk(walks);
      const WalkEnd end = whole.WalkThrough(kind, {});
      EXPECT_EQ(killed.WalkThrough(kind, {20, 0, true}), end) << killed.text();
      ASSERT_EQ(killed.Summary(), whole.Summary()) << killed.text();
    }
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace epu
