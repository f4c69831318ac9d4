#include "commands/launch_orders.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "commands/given.h"

namespace epu {
namespace {

ServiceDefinition Defined(std::string name, std::string driver = "", std::uint32_t level = 1) {
  ServiceDefinition service;
  service.name = std::move(name);
  service.driver = std::move(driver);
  service.level = level;
  return service;
}

PlanLaunch PlanOf(std::vector<ServiceDefinition> services, bool again = false) {
  return {{"plan", {}}, std::move(services), again};
}

// The outcome of orders about a launch, in a line.
class Launching : public testing::Test {
 protected:
  std::string Line(const Payload& payload) const {
    const auto name = [&](ServiceNumber number) {
      return given_.state().launch.services.at(number).definition.name;
    };
    if (const auto* fact = std::get_if<ServicePlanned>(&payload)) {
      return fmt::format("service {} as {}", fact->definition.name, ToInteger(fact->service));
    }
    if (const auto* fact = std::get_if<ServiceDropped>(&payload)) {
      return fmt::format("dropped {}", ToInteger(fact->service));
    }
    if (const auto* fact = std::get_if<StepBegun>(&payload)) {
      return fmt::format("{} {} {}{}", StepName(fact->step), name(fact->service), fact->attempt,
                         fact->launch == LaunchId{} ? ""
                                                    : fmt::format(" by {:x}-{}", fact->launch.epoch,
                                                                  fact->launch.request));
    }
    if (const auto* fact = std::get_if<StepEnded>(&payload)) {
      return fmt::format("{} {} {} {}", StepName(fact->step), name(fact->service), fact->attempt,
                         fact->succeeded ? "done" : "failed: " + fact->error);
    }
    return std::string(KindName(payload));
  }

  std::string Would(const Order& order) const {
    const absl::StatusOr<std::vector<Payload>> decided = given_.Decided(order);
    if (!decided.ok()) return std::string(decided.status().message());
    return absl::StrJoin(*decided, "; ",
                         [&](std::string* out, const Payload& payload) { *out += Line(payload); });
  }

  ServiceNumber Number(const std::string& name) const {
    return FindService(given_.state().launch, name)->number;
  }
  BeginStep Begins(const std::string& name, ServiceStep step, std::uint32_t attempt = 1) const {
    return {Number(name), attempt, step};
  }
  EndStep Ends(const std::string& name, ServiceStep step, std::uint32_t attempt = 1) const {
    return {{Number(name), attempt, step, true, "", "", "", {}}};
  }
  // Makes a step from its beginning to its end.
  void Does(const std::string& name, ServiceStep step, std::uint32_t attempt = 1) {
    given_.Order(Begins(name, step, attempt)).Order(Ends(name, step, attempt));
  }

  Given given_;
};

// ---- Plans ----

TEST_F(Launching, PlanNumbersItsServicesByTheirEvents) {
  const Sequence next = given_.state().head + 2;
  EXPECT_EQ(Would(PlanOf({Defined("a"), Defined("b")})),
            fmt::format("plan; service a as {}; service b as {}", next, next + 1));
}

TEST_F(Launching, PlanIsRefusedForWhatIsWrongWithIt) {
  ServiceDefinition large = Defined("large");
  large.boot.arguments = std::string(kRecordTextMax, 'x');
  PlanLaunch globals = PlanOf({});
  globals.plan.globals = {{"key", std::string(kRecordTextMax, 'x'), false}};
  std::vector<ServiceDefinition> many;
  for (std::size_t i = 0; i <= kServicesMax; ++i) many.push_back(Defined(fmt::format("s{}", i)));
  const struct {
    PlanLaunch plan;
    std::string refusal;
  } cases[] = {
      {PlanOf({Defined("a")}, true), "this run is no launch: no plan was read for it"},
      {PlanOf({Defined("a"), Defined("")}), "a service without a name"},
      {PlanOf({Defined("a"), Defined("a")}), "two services of the name a"},
      {PlanOf({large}), "service large takes more than 49152 bytes"},
      {globals, "the globals take more than 49152 bytes"},
      {PlanOf(many), "2001 services; a plan has at most 2000"},
  };
  for (const auto& [plan, refusal] : cases) EXPECT_EQ(Would(plan), refusal);
  many.pop_back();
  EXPECT_TRUE(given_.Decided(PlanOf(many)).ok()) << "2,000 are a plan";
  large.boot.arguments.resize(kRecordTextMax - large.name.size());
  EXPECT_TRUE(given_.Decided(PlanOf({large})).ok()) << "and so is what just fits";
}

TEST_F(Launching, PlanAnewTellsWhatIsNewChangedAndGone) {
  given_.Order(PlanOf({Defined("a"), Defined("b")}));
  EXPECT_EQ(Would(PlanOf({Defined("a")})), "plan was read for this run already");
  const Sequence next = given_.state().head + 2;
  const auto a = ToInteger(Number("a"));
  const auto b = ToInteger(Number("b"));
  const struct {
    std::vector<ServiceDefinition> services;
    std::string outcome;
  } cases[] = {
      {{Defined("a"), Defined("b")}, "plan"},
      {{Defined("b"), Defined("a")}, "plan"},
      {{Defined("a", "", 7), Defined("b")}, fmt::format("plan; service a as {}", a)},
      {{Defined("a", "process"), Defined("b")}, fmt::format("plan; service a as {}", a)},
      {{Defined("a"), Defined("b"), Defined("c")}, fmt::format("plan; service c as {}", next)},
      {{Defined("a")}, fmt::format("plan; dropped {}", b)},
      {{}, fmt::format("plan; dropped {}; dropped {}", a, b)},
  };
  for (const auto& [services, outcome] : cases) {
    EXPECT_EQ(Would(PlanOf(services, true)), outcome);
  }
}

// A machine is its driver's: with another one it would be nobody's.
TEST_F(Launching, PlanAnewKeepsAMachineWithWhoeverCanEndIt) {
  given_.Order(PlanOf({Defined("a", "process"), Defined("b")}));
  Does("a", ServiceStep::kMachine);
  const Sequence next = given_.state().head + 2;
  const auto a = ToInteger(Number("a"));
  EXPECT_EQ(Would(PlanOf({Defined("a", "process", 2), Defined("b")}, true)),
            fmt::format("plan; service a as {}", a));
  EXPECT_EQ(Would(PlanOf({Defined("a"), Defined("b")}, true)),
            fmt::format("plan; service a as {}; dropped {}", next, a));

  given_.Order(PlanOf({Defined("a"), Defined("b")}, true));
  EXPECT_EQ(Would(PlanOf({Defined("a", "process"), Defined("b")}, true)),
            fmt::format("plan; service a as {}", next))
      << "the new one was never begun";
}

TEST_F(Launching, PlanAnewTakesUpWhatItLackedAndHasAgain) {
  given_.Order(PlanOf({Defined("a", "process")}));
  Does("a", ServiceStep::kMachine);
  const auto a = ToInteger(Number("a"));
  given_.Order(PlanOf({}, true));
  EXPECT_EQ(Would(PlanOf({}, true)), "plan") << "dropped once";
  EXPECT_EQ(Would(PlanOf({Defined("a", "process")}, true)), fmt::format("plan; service a as {}", a))
      << "it has its machine still";
  const Sequence next = given_.state().head + 2;
  EXPECT_EQ(Would(PlanOf({Defined("a")}, true)), fmt::format("plan; service a as {}", next));
}

TEST_F(Launching, PlanAnewWaitsForStepsUnderWay) {
  given_.Order(PlanOf({Defined("a")})).Order(Begins("a", ServiceStep::kReach));
  EXPECT_EQ(Would(PlanOf({Defined("a")}, true)),
            "a step is under way; let it end first: launch repair");
}

// ---- Walks ----

TEST_F(Launching, WalkIsBegunOneAtATime) {
  EXPECT_EQ(Would(BeginWalk{WalkKind::kBoot}), "this run is no launch: no plan was read for it");
  EXPECT_EQ(Would(EndWalk{WalkEnd::kDone}), "");
  given_.Order(PlanOf({Defined("a")}));
  EXPECT_EQ(Would(EndWalk{WalkEnd::kDone}), "") << "none was begun";
  EXPECT_EQ(Would(BeginWalk{WalkKind::kBoot}), "walk");
  given_.Order(BeginWalk{WalkKind::kBoot});
  EXPECT_EQ(Would(BeginWalk{WalkKind::kBoot}), "") << "it goes on";
  EXPECT_EQ(Would(BeginWalk{WalkKind::kRepair}), "a boot of this launch is not at its end");
  EXPECT_EQ(Would(EndWalk{WalkEnd::kInterrupted}), "walk-end");
  given_.Order(EndWalk{WalkEnd::kInterrupted});
  EXPECT_EQ(Would(EndWalk{WalkEnd::kDone}), "") << "it is ended";
  EXPECT_EQ(Would(BeginWalk{WalkKind::kBoot}), "walk") << "and another one may begin";
  EXPECT_EQ(Would(BeginWalk{WalkKind::kRepair}), "walk");
}

// ---- Steps ----

TEST_F(Launching, StepIsBegunOneAtATimeForAService) {
  given_.Order(PlanOf({Defined("a"), Defined("b")}));
  EXPECT_EQ(Would(BeginStep{ServiceNumber{999}, 1, ServiceStep::kBoot}),
            "the plan has no such service");
  given_.Order(Begins("a", ServiceStep::kBoot));
  const struct {
    BeginStep order;
    std::string outcome;
  } cases[] = {
      {Begins("a", ServiceStep::kBoot), ""},
      {Begins("a", ServiceStep::kReady), "boot of a is under way"},
      {Begins("a", ServiceStep::kBoot, 2), "boot of a is under way"},
      {Begins("b", ServiceStep::kReach), "reach b 1"},
      {Begins("b", ServiceStep::kEnd, 4), "end b 4"},
  };
  for (const auto& [order, outcome] : cases) EXPECT_EQ(Would(order), outcome);
}

TEST_F(Launching, MachineIsAskedForByATokenOfItsOwn) {
  given_.Order(PlanOf({Defined("a", "process"), Defined("b", "process")}));
  EXPECT_EQ(Would(Begins("a", ServiceStep::kMachine)), "machine a 1 by 5d1e-1");
  Does("a", ServiceStep::kMachine);
  EXPECT_EQ(Would(Begins("b", ServiceStep::kMachine)), "machine b 1 by 5d1e-2");
  EXPECT_EQ(Would(Begins("a", ServiceStep::kMachine, 2)), "machine a 2 by 5d1e-2");
  given_.Order(StartServer{{"k3f9", 0x77aa, "host", 78, "/srv/log"}});
  EXPECT_EQ(Would(Begins("b", ServiceStep::kMachine)), "machine b 1 by 77aa-1") << "its epoch's";
}

TEST_F(Launching, StepEndsOnce) {
  given_.Order(PlanOf({Defined("a")}));
  EXPECT_EQ(Would(Ends("a", ServiceStep::kBoot)), "") << "none was begun";
  given_.Order(Begins("a", ServiceStep::kBoot));
  EndStep failed = Ends("a", ServiceStep::kBoot);
  failed.fact.succeeded = false;
  failed.fact.error = "exit 3";
  const struct {
    EndStep order;
    std::string outcome;
  } cases[] = {
      {Ends("a", ServiceStep::kBoot), "boot a 1 done"},
      {failed, "boot a 1 failed: exit 3"},
      {Ends("a", ServiceStep::kReady), ""},
      {Ends("a", ServiceStep::kBoot, 2), ""},
      {{{ServiceNumber{999}, 1, ServiceStep::kBoot, true, "", "", "", {}}}, ""},
  };
  for (const auto& [order, outcome] : cases) EXPECT_EQ(Would(order), outcome);
  given_.Order(Ends("a", ServiceStep::kBoot));
  EXPECT_EQ(Would(Ends("a", ServiceStep::kBoot)), "") << "it is ended";
}

TEST_F(Launching, StepThatSaysTooMuchHasFailed) {
  given_.Order(PlanOf({Defined("a")})).Order(Begins("a", ServiceStep::kBoot));
  EndStep says = Ends("a", ServiceStep::kBoot);
  says.fact.attributes = {{"port", "8080", false}};
  EXPECT_EQ(Would(says), "boot a 1 done");
  says.fact.attributes.push_back({"motto", std::string(kRecordTextMax, 'x'), false});
  EXPECT_EQ(Would(says), "boot a 1 failed: what the boot program said takes more than 49152 bytes");
  given_.Order(says);
  EXPECT_TRUE(given_.state().launch.services.at(Number("a")).attributes.empty());
}

TEST_F(Launching, ErrorOfAStepIsCut) {
  given_.Order(PlanOf({Defined("a")})).Order(Begins("a", ServiceStep::kBoot));
  EndStep failed = Ends("a", ServiceStep::kBoot);
  failed.fact.succeeded = false;
  failed.fact.error = std::string(kTextMax + 1, 'x');
  given_.Order(failed);
  EXPECT_EQ(FindService(given_.state().launch, "a")->error.size(), kTextMax);
}

// ---- Event lines ----

TEST_F(Launching, LineSaysWhatItIs) {
  const LineHarvested whole{"provisioner", "new_node", "key", {}, "{}", "a"};
  const auto with = [&](std::string LineHarvested::*field, std::string text) {
    LineHarvested line = whole;
    line.*field = std::move(text);
    return NoteLines{{whole, line}};
  };
  const std::string lacks = "an event line without its source, its name or its key";
  const std::size_t rest = std::string("provisionernew_nodekeya").size();
  const struct {
    NoteLines note;
    std::string outcome;
  } cases[] = {
      {{{}}, ""},
      {{{whole, whole}}, "line; line"},
      {with(&LineHarvested::source, ""), lacks},
      {with(&LineHarvested::name, ""), lacks},
      {with(&LineHarvested::key, ""), lacks},
      {with(&LineHarvested::extra, ""), "line; line"},
      {with(&LineHarvested::extra, std::string(kRecordTextMax - rest, 'x')), "line; line"},
      {with(&LineHarvested::extra, std::string(kRecordTextMax - rest + 1, 'x')),
       "event line key takes 49153 bytes; at most 49152"},
  };
  for (const auto& [note, outcome] : cases) EXPECT_EQ(Would(note), outcome);
}

}  // namespace
}  // namespace epu
