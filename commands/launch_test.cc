#include "commands/launch.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include <absl/strings/str_join.h>

#include <fmt/format.h>

#include "projections/evolve.h"

namespace epu {
namespace {

// A launch of services that are made of one letter and a level, driven step by step: what is told
// to fail fails, everything else succeeds.
class Drive {
 public:
  // "a1 b1 c2": a and b on level 1, c on level 2. A capital letter has a machine of its own, and
  // from x on they are on the machine of A.
  explicit Drive(const std::string& services) {
    Add(PlanRead{"plan", {}});
    for (std::size_t at = 0; at < services.size(); at += 3) {
      ServiceDefinition definition;
      definition.name = services.substr(at, 1);
      definition.level = static_cast<std::uint32_t>(services[at + 1] - '0');
      definition.terminate.path = "/end";
      if (definition.name >= "x") definition.hostname = "${A.hostname}";
      if (std::isupper(static_cast<unsigned char>(services[at]))) definition.driver = "process";
      Add(ServicePlanned{ServiceNumber{state_.head + 1}, definition});
    }
  }

  // The next so many times, a step of a service fails: "boot b".
  Drive& Fail(const std::string& step, int times = 1'000) {
    failures_[step] = times;
    return *this;
  }
  Drive& Drop(const std::string& name) {
    return Add(ServiceDropped{FindService(state_.launch, name)->number});
  }

  // Begins a walk and follows it to its end. What was done, a line a round:
  // "1: boot a boot b", then "done".
  std::string Walk(WalkKind kind) {
    Add(WalkBegun{kind});
    std::vector<std::string> rounds;
    while (true) {
      const WalkAhead ahead = LookAhead(state_.launch);
      if (ahead.end) {
        EXPECT_TRUE(ahead.steps.empty());
        Add(WalkEnded{kind, *ahead.end});
        rounds.emplace_back(WalkEndName(*ahead.end));
        return absl::StrJoin(rounds, ", ");
      }
      EXPECT_FALSE(ahead.steps.empty());
      if (ahead.steps.empty() || rounds.size() > 100) return "stuck";
      rounds.push_back(fmt::format("{}:{}", *ahead.level, Make(ahead.steps)));
    }
  }

  // Begins a walk, and is killed in its first round.
  Drive& BeginAndLeave(WalkKind kind) {
    Add(WalkBegun{kind});
    for (const NextStep& step : LookAhead(state_.launch).steps) {
      Add(StepBegun{step.service, step.attempt, step.step, {}});
    }
    return *this;
  }

  // "first again: end b, given up: boot a"
  std::string LookBack(WalkKind kind) const {
    const LeftSteps left = epu::LookBack(state_.launch, kind);
    const auto name = [&](std::string* out, const NextStep& step) {
      *out += fmt::format("{} {}", StepName(step.step),
                          state_.launch.services.at(step.service).definition.name);
    };
    return fmt::format("{}again: {}, given up: {}", left.first ? "first " : "",
                       absl::StrJoin(left.again, " ", name),
                       absl::StrJoin(left.given_up, " ", name));
  }

  const Launch& launch() const { return state_.launch; }

 private:
  // Begins all, and then ends all.
  std::string Make(const std::vector<NextStep>& steps) {
    std::string made;
    for (const NextStep& step : steps) {
      const std::string& name = state_.launch.services.at(step.service).definition.name;
      made += fmt::format(" {} {}", StepName(step.step), name);
      Add(StepBegun{step.service, step.attempt, step.step, {}});
    }
    EXPECT_TRUE(LookAhead(state_.launch).steps.empty()) << "they are under way";
    for (const NextStep& step : steps) {
      const std::string& name = state_.launch.services.at(step.service).definition.name;
      int& left = failures_[fmt::format("{} {}", StepName(step.step), name)];
      const bool fails = left > 0 && left-- > 0;
      Add(StepEnded{step.service, step.attempt, step.step, !fails, fails ? "no" : "", "", "", {}});
    }
    return made;
  }

  Drive& Add(Payload payload) {
    Event event;
    event.sequence = state_.head + 1;
    event.payload = std::move(payload);
    Evolve(state_, event);
    return *this;
  }

  State state_;
  std::map<std::string, int> failures_;
};

// ---- Booting ----

TEST(Walk, BootsLevelByLevelAndVerifiesEachBeforeTheNext) {
  EXPECT_EQ(Drive("a1 b1 c2").Walk(WalkKind::kBoot),
            "1: reach a reach b, 1: boot a boot b, 1: ready a ready b, "
            "2: reach c, 2: boot c, 2: ready c, done");
  EXPECT_EQ(Drive("A1 b2").Walk(WalkKind::kBoot),
            "1: machine A, 1: reach A, 1: boot A, 1: ready A, "
            "2: reach b, 2: boot b, 2: ready b, done")
      << "a machine of its own comes first";
  EXPECT_EQ(Drive("").Walk(WalkKind::kBoot), "done") << "an empty plan";
}

TEST(Walk, StopsAtALevelThatFailsWhenAllOfItIsAtItsEnd) {
  EXPECT_EQ(Drive("a1 b1 c2").Fail("boot a").Walk(WalkKind::kBoot),
            "1: reach a reach b, 1: boot a boot b, 1: ready b, failed")
      << "b goes on, c never begins";
  EXPECT_EQ(Drive("a1 c2").Fail("ready a").Walk(WalkKind::kBoot),
            "1: reach a, 1: boot a, 1: ready a, failed");
  EXPECT_EQ(Drive("A1 c2").Fail("machine A").Walk(WalkKind::kBoot), "1: machine A, failed");
}

// ---- Verifying and repairing ----

TEST(Walk, VerifiesEveryLevelWhateverFails) {
  Drive drive("a1 b2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kVerify), "1: ready a, 2: ready b, done");
  EXPECT_EQ(drive.Fail("ready a").Walk(WalkKind::kVerify), "1: ready a, 2: ready b, failed");
}

TEST(Walk, RepairsNothingThatIsWell) {
  Drive drive("A1 b2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kRepair), "1: ready A, 2: ready b, done");
}

TEST(Walk, RepairsByEndingAndBootingAnew) {
  Drive drive("A1 b2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(
      drive.Fail("ready A", 1).Walk(WalkKind::kRepair),
      "1: ready A, 1: terminate A, 1: end A, 1: machine A, 1: reach A, 1: boot A, 1: ready A, "
      "2: ready b, done");
  EXPECT_EQ(FindService(drive.launch(), "A")->attempt, 2u);
}

TEST(Walk, BootsAnewWhatWasOnAMachineThatIsReplaced) {
  Drive drive("A1 b2 x2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(
      drive.Fail("ready A", 1).Walk(WalkKind::kRepair),
      "1: ready A, 1: terminate A, 1: end A, 1: machine A, 1: reach A, 1: boot A, 1: ready A, "
      "2: ready b reach x, 2: boot x, 2: ready x, done")
      << "without its terminate program: what that would speak to went with the machine";
}

TEST(Walk, GivesARepairUpAfterTwoRestarts) {
  Drive drive("a1 b2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Fail("ready a").Walk(WalkKind::kRepair),
            "1: ready a, 1: terminate a, 1: end a, 1: reach a, 1: boot a, 1: ready a, "
            "1: terminate a, 1: end a, 1: reach a, 1: boot a, 1: ready a, failed");
  EXPECT_EQ(drive.Fail("ready a", 1).Walk(WalkKind::kRepair),
            "1: ready a, 1: terminate a, 1: end a, 1: reach a, 1: boot a, 1: ready a, "
            "2: ready b, done")
      << "the next repair counts anew";
}

TEST(Walk, RepairsABootThatFailed) {
  Drive drive("A1 b2");
  EXPECT_EQ(drive.Fail("machine A", 1).Walk(WalkKind::kBoot), "1: machine A, failed");
  EXPECT_EQ(drive.Walk(WalkKind::kRepair),
            "1: end A, 1: machine A, 1: reach A, 1: boot A, 1: ready A, "
            "2: reach b, 2: boot b, 2: ready b, done")
      << "a machine that was asked for in vain may be there";
}

TEST(Walk, DoesNotRepairWhatItCannotEnd) {
  Drive drive("A1 b2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Fail("ready A", 1).Fail("end A", 1).Walk(WalkKind::kRepair),
            "1: ready A, 1: terminate A, 1: end A, failed");
}

// ---- Ending ----

TEST(Walk, EndsTheHighestLevelFirst) {
  Drive drive("A1 b1 c2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kTerminate),
            "2: terminate c, 2: end c, 1: terminate A terminate b, 1: end A end b, done");
  EXPECT_EQ(drive.Walk(WalkKind::kTerminate), "done") << "again";
}

TEST(Walk, EndsAMachineWhateverItsTerminateProgramSays) {
  Drive drive("A1");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Fail("terminate A").Walk(WalkKind::kTerminate), "1: terminate A, 1: end A, done");
  EXPECT_TRUE(FindService(drive.launch(), "A")->machines.empty());
}

TEST(Walk, GoesOnEndingWhenSomethingCannotBeEnded) {
  Drive drive("A1 B2 c3");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Fail("end B", 1).Walk(WalkKind::kTerminate),
            "3: terminate c, 3: end c, 2: terminate B, 2: end B, 1: terminate A, 1: end A, failed");
  EXPECT_EQ(drive.Walk(WalkKind::kTerminate), "2: end B, done") << "and takes it up again";
}

TEST(Walk, EndsWhatWasNeverBootedWhole) {
  Drive drive("A1 b1");
  drive.Fail("boot A").Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kTerminate), "1: end A terminate b, 1: end b, done")
      << "no terminate program where the boot program failed";
}

TEST(Walk, RebootsByEndingAllAndThenBooting) {
  Drive drive("A1 b2");
  drive.Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kReboot),
            "2: terminate b, 2: end b, 1: terminate A, 1: end A, "
            "1: machine A, 1: reach A, 1: boot A, 1: ready A, 2: reach b, 2: boot b, 2: ready b, "
            "done");
  EXPECT_EQ(drive.Fail("end A", 1).Walk(WalkKind::kReboot),
            "2: terminate b, 2: end b, 1: terminate A, 1: end A, failed")
      << "nothing is booted beside what cannot be ended";
}

TEST(Walk, RebootsWhatIsNotThereByBootingIt) {
  Drive drive("A1 b2");
  drive.Fail("boot A", 1).Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kReboot),
            "1: end A, 1: machine A, 1: reach A, 1: boot A, 1: ready A, "
            "2: reach b, 2: boot b, 2: ready b, done")
      << "b was never begun";
  drive.Walk(WalkKind::kTerminate);
  EXPECT_EQ(drive.Walk(WalkKind::kReboot),
            "1: machine A, 1: reach A, 1: boot A, 1: ready A, "
            "2: reach b, 2: boot b, 2: ready b, done")
      << "all was ended before";
}

// ---- What a launcher left that was killed ----

TEST(Walk, MakesAgainWhatWasLeftUnlessItIsToBeEnded) {
  Drive drive("a1 b1 c2");
  drive.BeginAndLeave(WalkKind::kBoot);
  EXPECT_EQ(drive.LookBack(WalkKind::kBoot), "again: reach a reach b, given up: ");
  EXPECT_EQ(drive.LookBack(WalkKind::kRepair), "first again: reach a reach b, given up: ");
  EXPECT_EQ(drive.LookBack(WalkKind::kVerify), "first again: reach a reach b, given up: ");
  EXPECT_EQ(drive.LookBack(WalkKind::kTerminate), "first again: , given up: reach a reach b");
  EXPECT_EQ(drive.LookBack(WalkKind::kReboot), "first again: , given up: reach a reach b");
}

TEST(Walk, MakesAnEndThatWasLeftAgainWhateverComesNext) {
  Drive drive("A1 b2");
  drive.Walk(WalkKind::kBoot);
  drive.BeginAndLeave(WalkKind::kTerminate);
  for (const WalkKind kind : {WalkKind::kBoot, WalkKind::kReboot, WalkKind::kClean}) {
    EXPECT_EQ(drive.LookBack(kind), "first again: terminate b, given up: ");
  }
  EXPECT_EQ(drive.LookBack(WalkKind::kTerminate), "again: terminate b, given up: ");
}

TEST(Walk, GoesOnWithARebootInsteadOfGivingItUp) {
  Drive drive("A1");
  drive.BeginAndLeave(WalkKind::kReboot);
  EXPECT_EQ(drive.LookBack(WalkKind::kReboot), "again: machine A, given up: ");
}

// ---- Cleaning ----

TEST(Walk, CleansMachinesThatNobodyUses) {
  Drive drive("A1 B1");
  drive.Fail("boot B").Walk(WalkKind::kBoot);
  EXPECT_EQ(drive.Walk(WalkKind::kClean), "1: end B, done") << "it was never contextualized";
  EXPECT_EQ(drive.Drop("A").Walk(WalkKind::kClean), "1: end A, done") << "the plan lacks it";
  EXPECT_EQ(drive.launch().services.size(), 1u) << "and then it is forgotten";
}

}  // namespace
}  // namespace epu
