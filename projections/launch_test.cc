#include "projections/launch.h"

#include <gtest/gtest.h>

#include <string>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace epu {
namespace {

constexpr ServiceNumber kA{2};
constexpr ServiceNumber kB{3};

// The events of a story, one a second: "a" has a machine of its own, "b" is on it.
class Story {
 public:
  Story() {
    Add(PlanRead{"plan", {{"scope", "test", false}}});
    Plans(kA, "a", "process", "").Plans(kB, "b", "", "${a.hostname}");
  }

  Story& Plans(ServiceNumber number, std::string name, std::string driver, std::string hostname) {
    ServiceDefinition definition;
    definition.name = std::move(name);
    definition.driver = std::move(driver);
    definition.hostname = std::move(hostname);
    return Add(ServicePlanned{number, std::move(definition)});
  }
  Story& Drops(ServiceNumber number) { return Add(ServiceDropped{number}); }
  Story& Walks(WalkKind kind) { return Add(WalkBegun{kind}); }
  Story& WalkEnds(WalkKind kind, WalkEnd end) { return Add(WalkEnded{kind, end}); }
  Story& Begins(ServiceNumber number, ServiceStep step, std::uint32_t attempt = 1) {
    const LaunchId launch = step == ServiceStep::kMachine ? LaunchId{7, attempt} : LaunchId{};
    return Add(StepBegun{number, attempt, step, launch});
  }
  Story& Ends(ServiceNumber number, ServiceStep step, std::uint32_t attempt = 1) {
    StepEnded fact{number, attempt, step, true, "", "", "", {}};
    if (step == ServiceStep::kMachine) {
      fact.machine = fmt::format("pid {}", attempt);
      fact.host = fmt::format("host {}", attempt);
    }
    if (step == ServiceStep::kBoot) fact.attributes = {{"port", fmt::format("{}", attempt), false}};
    return Add(std::move(fact));
  }
  Story& Fails(ServiceNumber number, ServiceStep step, std::uint32_t attempt = 1) {
    Begins(number, step, attempt);
    return Add(StepEnded{number, attempt, step, false, "exit 1", "", "", {}});
  }
  Story& Does(ServiceNumber number, ServiceStep step, std::uint32_t attempt = 1) {
    return Begins(number, step, attempt).Ends(number, step, attempt);
  }
  Story& Boots(ServiceNumber number, std::uint32_t attempt = 1) {
    if (number == kA) Does(number, ServiceStep::kMachine, attempt);
    for (const ServiceStep step : {ServiceStep::kReach, ServiceStep::kBoot, ServiceStep::kReady}) {
      Does(number, step, attempt);
    }
    return *this;
  }

  // "contextualized attempt 1, reached, verified, machines 1"
  std::string Of(ServiceNumber number) const {
    const auto found = launch_.services.find(number);
    if (found == launch_.services.end()) return "none";
    const Service& service = found->second;
    std::string text =
        fmt::format("{} attempt {}", ServiceStateName(service.state), service.attempt);
    if (service.dropped) text += ", dropped";
    if (service.under_way) text += fmt::format(", {} under way", StepName(service.under_way->step));
    if (service.reached) text += ", reached";
    if (service.unloaded) text += ", unloaded";
    if (service.verified != 0) text += ", verified";
    if (service.failed != 0) text += fmt::format(", {} failed", StepName(service.failed_step));
    if (!service.error.empty()) text += ": " + service.error;
    if (!service.machines.empty()) {
      text += ", machines " + absl::StrJoin(service.machines, " ", [](auto* out, auto& machine) {
                *out += fmt::format("{}", machine.first);
              });
    }
    return text;
  }

  const Service& service(ServiceNumber number) const { return launch_.services.at(number); }
  const Launch& launch() const { return launch_; }
  Sequence head() const { return head_; }

 private:
  template <typename Fact>
  Story& Add(Fact fact) {
    Event event;
    event.sequence = ++head_;
    event.time = Time(std::chrono::seconds(head_));
    Evolve(launch_, event, fact);
    return *this;
  }

  Sequence head_ = 0;
  Launch launch_;
};

// ---- Services and steps ----

TEST(LaunchFold, FollowsAServiceThroughItsSteps) {
  Story story;
  EXPECT_EQ(story.Of(kA), "initial attempt 0");
  story.Begins(kA, ServiceStep::kMachine);
  EXPECT_EQ(story.Of(kA), "initial attempt 1, machine under way, machines 1");
  EXPECT_EQ(CurrentMachine(story.service(kA))->machine, "") << "nobody knows it yet";
  story.Ends(kA, ServiceStep::kMachine);
  EXPECT_EQ(story.Of(kA), "launched attempt 1, machines 1");
  EXPECT_EQ(*CurrentMachine(story.service(kA)),
            (ServiceMachine{{7, 1}, Time(std::chrono::seconds(4)), "pid 1", "host 1"}));
  story.Does(kA, ServiceStep::kReach);
  EXPECT_EQ(story.Of(kA), "launched attempt 1, reached, machines 1");
  story.Does(kA, ServiceStep::kBoot);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 1, reached, machines 1");
  story.Does(kA, ServiceStep::kReady);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 1, reached, verified, machines 1");
  EXPECT_EQ(story.service(kA).verified, story.head());
  story.Does(kA, ServiceStep::kTerminate);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 1, reached, unloaded, verified, machines 1");
  story.Does(kA, ServiceStep::kEnd);
  EXPECT_EQ(story.Of(kA), "terminated attempt 1, unloaded");
  EXPECT_EQ(story.service(kA).ended, story.head());
}

TEST(LaunchFold, BeginsAnAttemptAnew) {
  Story story;
  story.Boots(kA).Fails(kA, ServiceStep::kTerminate).Does(kA, ServiceStep::kEnd);
  EXPECT_EQ(story.Of(kA), "terminated attempt 1, unloaded, terminate failed: exit 1");
  story.Begins(kA, ServiceStep::kMachine, 2);
  EXPECT_EQ(story.Of(kA), "initial attempt 2, machine under way: exit 1, machines 2")
      << "the last error is told until it is verified";
  EXPECT_TRUE(story.service(kA).attributes.empty());
  EXPECT_EQ(story.service(kA).begun, story.head());
  story.Ends(kA, ServiceStep::kMachine, 2).Does(kA, ServiceStep::kReach, 2);
  story.Does(kA, ServiceStep::kBoot, 2).Does(kA, ServiceStep::kReady, 2);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 2, reached, verified, machines 2");
}

TEST(LaunchFold, KnowsNothingOfAnAttemptByTheOneBefore) {
  Story story;
  story.Boots(kB).Begins(kB, ServiceStep::kReach, 2);
  EXPECT_EQ(story.Of(kB), "initial attempt 2, reach under way");
  EXPECT_TRUE(story.service(kB).attributes.empty());
}

TEST(LaunchFold, TellsAFailureUntilItIsVerified) {
  Story story;
  EXPECT_FALSE(IsFailed(story.service(kA)));
  story.Boots(kA).Fails(kA, ServiceStep::kReady);
  EXPECT_EQ(story.Of(kA),
            "contextualized attempt 1, reached, verified, ready failed: exit 1, machines 1");
  EXPECT_TRUE(IsFailed(story.service(kA)));
  story.Does(kA, ServiceStep::kReady);
  EXPECT_FALSE(IsFailed(story.service(kA)));
  EXPECT_EQ(story.service(kA).error, "");
  story.Does(kA, ServiceStep::kEnd);
  EXPECT_FALSE(IsFailed(story.service(kA))) << "nor has it because it is ended";
}

TEST(LaunchFold, TellsAFailureUntilItIsEnded) {
  Story story;
  story.Boots(kA).Fails(kA, ServiceStep::kTerminate).Fails(kA, ServiceStep::kEnd);
  EXPECT_TRUE(IsFailed(story.service(kA)));
  story.Does(kA, ServiceStep::kEnd);
  EXPECT_FALSE(IsFailed(story.service(kA)));
}

TEST(LaunchFold, KeepsAMachineThatCouldNotBeEnded) {
  Story story;
  story.Boots(kA).Fails(kA, ServiceStep::kEnd);
  EXPECT_EQ(story.Of(kA),
            "contextualized attempt 1, reached, verified, end failed: exit 1, machines 1");
  EXPECT_EQ(story.service(kA).ended, 0u);
}

TEST(LaunchFold, EndsAnEarlierMachineWithoutAWordOnTheService) {
  Story story;
  story.Boots(kA).Boots(kA, 2);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 2, reached, verified, machines 1 2");
  story.Does(kA, ServiceStep::kEnd, 1);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 2, reached, verified, machines 2");
  EXPECT_EQ(story.service(kA).ended, 0u);
}

// ---- Plans ----

TEST(LaunchFold, KeepsWhatAServiceIsWhenItIsPlannedAnew) {
  Story story;
  story.Boots(kA);
  const std::string before = story.Of(kA);
  story.Plans(kA, "a", "process", "elsewhere");
  EXPECT_EQ(story.Of(kA), before);
  EXPECT_EQ(story.service(kA).definition.hostname, "elsewhere");
  EXPECT_EQ(story.service(kA).planned, story.head());
}

TEST(LaunchFold, ForgetsADroppedServiceWithItsLastMachine) {
  Story story;
  story.Boots(kA).Boots(kA, 2).Boots(kB).Drops(kB).Drops(kA);
  EXPECT_EQ(story.Of(kB), "none") << "it had none";
  EXPECT_EQ(story.Of(kA), "contextualized attempt 2, dropped, reached, verified, machines 1 2");
  EXPECT_EQ(FindService(story.launch(), "a"), nullptr);
  story.Does(kA, ServiceStep::kEnd, 1);
  EXPECT_EQ(story.Of(kA), "contextualized attempt 2, dropped, reached, verified, machines 2");
  story.Fails(kA, ServiceStep::kEnd, 2).Does(kA, ServiceStep::kEnd, 2);
  EXPECT_EQ(story.Of(kA), "none");
  story.Fails(kA, ServiceStep::kEnd).Drops(kA);
  EXPECT_EQ(story.Of(kA), "none") << "what is said of it later says nothing";
}

TEST(LaunchFold, TakesADroppedServiceUpAgain) {
  Story story;
  story.Boots(kA).Drops(kA).Plans(kA, "a", "process", "");
  EXPECT_EQ(story.Of(kA), "contextualized attempt 1, reached, verified, machines 1");
}

// ---- Walks ----

TEST(LaunchFold, CountsTheRestartsOfOneWalk) {
  Story story;
  story.Walks(WalkKind::kBoot).Fails(kA, ServiceStep::kMachine);
  EXPECT_EQ(story.service(kA).restarts, 0u) << "the first attempt is none";
  story.Fails(kA, ServiceStep::kMachine, 2).Fails(kA, ServiceStep::kMachine, 3);
  EXPECT_EQ(story.service(kA).restarts, 2u);
  story.Walks(WalkKind::kRepair);
  EXPECT_EQ(story.service(kA).restarts, 0u);
  story.Boots(kA, 4);
  EXPECT_EQ(story.service(kA).restarts, 0u) << "it failed in another walk";
  story.Boots(kA, 5);
  EXPECT_EQ(story.service(kA).restarts, 0u) << "it did not fail";
}

// ---- Hosts ----

TEST(LaunchFold, KnowsOnWhoseMachineAServiceIs) {
  const struct {
    std::string driver;
    std::string hostname;
    std::string host;
  } cases[] = {
      {"process", "", "c"},
      {"process", "${a.hostname}", "c"},  // Its own, whatever it says.
      {"", "${a.hostname}", "a"},
      {"", "${b.hostname}", "a"},  // On b, which is on a.
      {"", "${c.hostname}", ""},   // A circle.
      {"", "${nobody.hostname}", ""},
      {"", "${a.port}", ""},
      {"", "x${a.hostname}", ""},
      {"", "${a.hostname}x", ""},
      {"", "10.0.0.9", ""},
      {"", "", ""},
  };
  for (const auto& [driver, hostname, host] : cases) {
    Story story;
    story.Plans(ServiceNumber{4}, "c", driver, hostname);
    const Service* found = HostOf(story.launch(), story.service(ServiceNumber{4}));
    EXPECT_EQ(found == nullptr ? "" : found->definition.name, host) << driver << " " << hostname;
  }
  Story story;
  story.Boots(kA).Drops(kA);
  EXPECT_EQ(HostOf(story.launch(), story.service(kB)), nullptr) << "nobody's by that name now";
}

TEST(LaunchFold, KnowsWhatIsStrandedWhenItsMachineIsReplaced) {
  Story story;
  const auto stranded = [&](ServiceNumber number) {
    return IsStranded(story.launch(), story.service(number));
  };
  story.Boots(kA);
  EXPECT_FALSE(stranded(kB)) << "it was never begun";
  story.Boots(kB);
  EXPECT_FALSE(stranded(kB));
  story.Does(kA, ServiceStep::kEnd);
  EXPECT_FALSE(stranded(kB)) << "its machine is gone, and none came instead";
  story.Boots(kA, 2);
  EXPECT_TRUE(stranded(kB));
  EXPECT_FALSE(stranded(kA)) << "it is on its own";
  story.Boots(kB, 2);
  EXPECT_FALSE(stranded(kB)) << "it was booted anew";
  story.Boots(kA, 3).Does(kB, ServiceStep::kEnd, 2);
  EXPECT_FALSE(stranded(kB)) << "it was ended";
}

// ---- Attributes ----

TEST(LaunchFold, FindsAnAttributeWhereItWasSaidLast) {
  Service service;
  service.definition.name = "web";
  service.definition.hostname = "planned";
  service.definition.image = "base-7";
  service.definition.program_timeout = std::chrono::seconds(90);
  service.definition.attributes = {{"port", "1", false}, {"image", "mine", false}};
  const auto found = [&](std::string_view name) {
    const std::optional<Variable> variable = FindAttribute(service, name);
    return variable ? variable->value : "none";
  };
  EXPECT_EQ(found("port"), "1");
  EXPECT_EQ(found("image"), "mine") << "a name of the plan's own stands before a field's";
  EXPECT_EQ(found("hostname"), "planned");
  EXPECT_EQ(found("pgm_timeout"), "90");
  for (const char* name : {"instance_id", "bootpgm", "username", "color", ""}) {
    EXPECT_EQ(found(name), "none") << name;
  }
  service.attempt = 1;
  service.machines[1] = {{7, 1}, {}, "pid 1", "10.0.0.9"};
  service.attributes = {{"port", "2", false}, {"hostname", "said", false}};
  EXPECT_EQ(found("port"), "2");
  EXPECT_EQ(found("hostname"), "10.0.0.9");
  EXPECT_EQ(found("instance_id"), "pid 1");
  service.machines[1].host = "";
  EXPECT_EQ(found("hostname"), "none") << "nobody knows it yet";
}

TEST(LaunchFold, MakesTheWalkBeforeACleanTheLastAgain) {
  const struct {
    WalkEnd end;
    WalkKind last;
  } cases[] = {
      {WalkEnd::kDone, WalkKind::kBoot},
      {WalkEnd::kFailed, WalkKind::kBoot},
      {WalkEnd::kInterrupted, WalkKind::kClean},  // To be gone on with.
  };
  for (const auto& [end, last] : cases) {
    Story story;
    story.Walks(WalkKind::kBoot).Fails(kA, ServiceStep::kMachine);
    story.WalkEnds(WalkKind::kBoot, WalkEnd::kFailed);
    const Walk boot = story.launch().walk;
    story.Walks(WalkKind::kClean);
    EXPECT_EQ(story.launch().walk.kind, WalkKind::kClean) << "while it goes on";
    story.WalkEnds(WalkKind::kClean, end);
    EXPECT_EQ(story.launch().walk.kind, last);
    if (last == WalkKind::kBoot) {
      EXPECT_EQ(story.launch().walk, boot);
    }
  }
  Story alone;
  alone.Walks(WalkKind::kClean).WalkEnds(WalkKind::kClean, WalkEnd::kDone);
  EXPECT_EQ(alone.launch().walk.end, WalkEnd::kDone) << "there was none before it";
}

}  // namespace
}  // namespace epu
