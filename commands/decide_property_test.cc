#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "commands/dice.h"
#include "commands/given.h"
#include "engines/schedule.h"
#include "projections/pool.h"

// What holds whatever happens, over random histories. The seed of a failure is printed; set
// kFirstSeed to it and kSeeds to 1.

namespace epu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kSeeds = 300;
constexpr int kSteps = 60;

// ---- What may happen ----

std::string SomePool(Dice& dice) { return dice.Of<std::string>({"a", "b", "c", "nobody"}); }

WorkerId SomeWorker(const Given& given, Dice& dice) {
  std::vector<WorkerId> workers = {{EpuNumber{1}, WorkerNumber{1}}};
  for (const auto& [number, epu] : given.state().epus) {
    for (const auto& [worker, unused] : epu.workers) workers.push_back({number, worker});
  }
  return workers[dice.Below(workers.size())];
}

// Each engine, with the settings that an operator begins with.
struct Engine {
  std::string name;
  std::string settings;
};
Engine SomeEngine(Dice& dice) {
  static const std::vector<Engine> kEngines = {
      {"npreserving", "preserve_n=3"},
      {"queuelen", "sensor=queue queuelen_high_water=9 queuelen_low_water=3"},
      {"scheduled", "schedule=09:00=1,09:02=4,09:04=0,09:06=3,09:09=2"},
      {"sensor", "metric=load scale_up_threshold=4 scale_down_threshold=2 cooldown_period=5s"},
      {"sensor", "sensor=queue scale_up_threshold=9 scale_down_threshold=3 cooldown_period=0s"},
  };
  return kEngines[dice.Below(kEngines.size())];
}

Setting SomeInteger(Dice& dice, std::string key, std::uint64_t bound) {
  return {std::move(key), static_cast<std::int64_t>(dice.Below(bound))};
}

Setting SomeUniques(Dice& dice) {
  std::vector<UniqueInstance> uniques;
  for (const std::string key : {"x", "y", "z"}) {
    if (dice.Below(2) == 0) uniques.push_back({key, {{"KEY", key}}});
  }
  return {"unique_instances", std::move(uniques)};
}

// Another count every few minutes: a history lasts for minutes.
Setting SomeSchedule(Dice& dice) {
  Schedule schedule;
  for (std::uint16_t minute = 9 * 60; minute < 9 * 60 + 20;
       minute = static_cast<std::uint16_t>(minute + 1 + dice.Below(4))) {
    schedule.push_back({kEveryDay, minute, static_cast<std::uint32_t>(dice.Below(6))});
  }
  return {"schedule", std::move(schedule)};
}

Setting SomeStep(Dice& dice) {
  if (dice.Below(2) == 0) return {"cooldown_period", Duration(seconds(dice.Below(20)))};
  return {dice.Of<std::string>({"scale_up_n", "scale_down_n"}),
          1 + static_cast<std::int64_t>(dice.Below(3))};
}

Setting SomeSetting(Dice& dice, std::string_view engine) {
  switch (dice.Below(5)) {
    case 0:
      return SomeInteger(dice, "max_instances", 8);
    case 1:
      return {"devmode_no_failure_compensation", dice.Below(3) == 0};
    case 2:
      if (engine == "queuelen") return SomeInteger(dice, "queuelen_low_water", 6);
      if (engine == "scheduled") return SomeSchedule(dice);
      if (engine == "sensor") return SomeStep(dice);
      return SomeInteger(dice, "preserve_n", 6);
    case 3:
      return SomeInteger(dice, engine == "npreserving" ? "preserve_n" : "min_instances", 4);
    default:
      if (engine == "queuelen") return SomeInteger(dice, "queuelen_high_water", 12);
      if (engine == "scheduled") return SomeSchedule(dice);
      if (engine == "sensor") return SomeStep(dice);
      return SomeUniques(dice);
  }
}

Order SomeDefinition(const Given& given, Dice& dice) {
  const auto [engine, settings] = SomeEngine(dice);
  EpuDefinition definition = DefinitionOf(given.catalog(), SomePool(dice), engine, settings);
  definition.settings = Merge(definition.settings, {SomeSetting(dice, engine)});
  definition.health.monitor = dice.Below(4) != 0;
  return Apply{{}, {}, {definition}};
}

Order SomeReading(Dice& dice) {
  const auto value = dice.Of<double>({0, 1, 5, 50, -3, std::numeric_limits<double>::quiet_NaN()});
  const Measure measure = dice.Of<Measure>({value, value, value, Absent{}, Broken{"no such file"}});
  PutReading put{SomePool(dice), "queue", measure, {}, seconds(dice.Below(40)), ""};
  if (dice.Below(3) == 0) put.in_progress = static_cast<double>(dice.Below(3));
  return put;
}

Order SomeReport(const Given& given, Dice& dice) {
  const WorkerId worker = SomeWorker(given, dice);
  switch (dice.Below(4)) {
    case 0: {
      WorkReport report;
      report.activity = dice.Of({Activity::kUnknown, Activity::kIdle, Activity::kBusy});
      if (dice.Below(4) != 0) report.metrics = {{"load", static_cast<double>(dice.Below(7))}};
      report.age = seconds(dice.Below(40));
      return ReportWork{worker, std::move(report)};
    }
    case 1:
      return ReportMachine{worker,
                           dice.Of({Presence::kUnasked, Presence::kListed, Presence::kUnlisted,
                                    Presence::kGone, Presence::kGone}),
                           "pid"};
    case 2:
      return ReportHealth{worker,
                          dice.Of({Health::kOk, Health::kOk, Health::kProcessError,
                                   Health::kMissing, Health::kZombie}),
                          {},
                          dice.Of<std::string>({"", "exit 1"})};
    default:
      return ReportWorker{
          worker,
          dice.Of({WorkerState::kPending, WorkerState::kStarted, WorkerState::kRunning,
                   WorkerState::kRunning, WorkerState::kRunningFailed, WorkerState::kTerminated,
                   WorkerState::kFailed, WorkerState::kRejected}),
          dice.Of({Reason::kNone, Reason::kIaasFull}), "", ""};
  }
}

Order SomePause(Dice& dice) {
  const bool out = dice.Below(2) == 0;
  const bool in = dice.Below(2) == 0;
  if (dice.Below(3) == 0) return ResumeScaling{SomePool(dice), out, in};
  PauseScaling pause{SomePool(dice), out, in, {}};
  if (dice.Below(2) == 0) pause.length = seconds(dice.Below(60));
  return pause;
}

Order SomeOrder(const Given& given, Dice& dice) {
  switch (dice.Below(20)) {
    case 0:
    case 1:
      return SomeDefinition(given, dice);
    case 2:
    case 3:
      return Reconfigure{SomePool(dice), {SomeSetting(dice, SomeEngine(dice).name)}};
    case 4:
      return Kill{{{SomePool(dice), 1 + static_cast<std::uint32_t>(dice.Below(6))}}};
    case 5:
      return KillSome{SomePool(dice), static_cast<std::uint32_t>(dice.Below(3))};
    case 6:
      return dice.Below(3) == 0 ? Order(Remove{SomePool(dice)}) : Order(Review{EpuNumber{1}});
    case 7:
      return SwitchLaunching{dice.Of<std::string>({"", "here", "there"}), dice.Below(3) != 0};
    case 8:
      return Apply{1 + static_cast<std::uint32_t>(dice.Below(12)),
                   {{"here", "process", 1 + static_cast<std::uint32_t>(dice.Below(12)), ""}},
                   {}};
    case 9:
      return dice.Below(5) == 0 ? Order(EndRun{}) : Order(NoteClock{seconds(dice.Below(3) * 100)});
    case 10:
      return StartServer{{"k3f9", static_cast<std::uint32_t>(dice.Below(9)), "host", 1, "/log"}};
    case 11:
      return dice.Below(3) == 0
                 ? Order(ReportSite{SiteNumber{dice.Below(4)}, dice.Below(2) == 0, ""})
                 : SomePause(dice);
    case 12:
    case 13:
    case 14:
      return SomeReading(dice);
    default:
      return SomeReport(given, dice);
  }
}

// ---- What holds ----

class History {
 public:
  explicit History(std::uint64_t seed) : dice_(seed) {
    for (const std::string pool : {"a", "b"}) {
      given_.Pool(pool, "npreserving", "preserve_n=3 max_instances=4");
    }
  }

  void Step() {
    given_.Later(dice_.Of<Duration>(
        {milliseconds(10), milliseconds(10), seconds(1), seconds(8), seconds(40)}));
    const Command command{{7, ++sent_}, Author{1000, "olga"}, "", SomeOrder(given_, dice_)};
    SCOPED_TRACE(OrderName(command.order));
    if (Note(given_.Send(command))) ExpectNoEffect(command);
    ReviewAll();
  }

 private:
  bool Note(const absl::StatusOr<std::vector<Payload>>& payloads) {
    if (!payloads.ok()) return false;
    EXPECT_LE(payloads->size(), kEventsPerCommandMax);
    for (const Payload& payload : *payloads) {
      const auto* request = std::get_if<WorkerRequested>(&payload);
      if (request == nullptr) continue;
      EXPECT_TRUE(workers_.insert({request->epu, request->worker}).second);
      EXPECT_TRUE(launches_.insert(request->launch).second);
    }
    return true;
  }

  // Decided again on its own result: by the same id, and said anew.
  void ExpectNoEffect(Command command) {
    const auto repeated = Decide(given_.state(), command, given_.now(), given_.catalog());
    EXPECT_EQ(repeated.ok() ? repeated->size() : 0, 0u);
    if (std::holds_alternative<PutReading>(command.order)) return;
    if (std::holds_alternative<KillSome>(command.order)) return;
    command.id.number = 0;
    const auto anew = Decide(given_.state(), command, given_.now(), given_.catalog());
    EXPECT_EQ(anew.ok() ? given_.Lines(*anew) : "", "");
  }

  void ReviewAll() {
    for (const auto& [number, unused] : given_.state().epus) {
      const Command review{{}, {}, "", Review{number}};
      const auto payloads = given_.Send(review);
      ASSERT_TRUE(Note(payloads));
      ExpectNoEffect(review);
      if (Launches(*payloads)) ExpectWithinLimits(number);
    }
  }

  static bool Launches(const std::vector<Payload>& payloads) {
    for (const Payload& payload : payloads) {
      if (std::holds_alternative<WorkerRequested>(payload)) return true;
    }
    return false;
  }

  void ExpectWithinLimits(EpuNumber number) {
    const State& state = given_.state();
    const Epu& epu = state.epus.at(number);
    const Site& site = state.sites.at(epu.definition.worker.site);
    EXPECT_LE(CountMachines(epu), IntegerOf(epu.definition, "max_instances"));
    EXPECT_LE(CountMachines(state, site.number), site.definition.max_workers);
    EXPECT_LE(CountMachines(state), state.max_workers);
    EXPECT_LE(CountValid(epu), epu.wanted.value());
    EXPECT_TRUE(state.enabled && site.enabled);
    EXPECT_FALSE(epu.dev_mode_failure.has_value());
    EXPECT_GE(given_.now(), epu.back_off.until);
  }

  Dice dice_;
  Given given_;
  std::uint64_t sent_ = 0;
  std::set<WorkerId> workers_;
  std::set<LaunchId> launches_;
};

TEST(DecideProperty, DecidingAgainOnItsOwnResultGivesNothingAndNoLimitIsExceeded) {
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history(seed);
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) history.Step();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace epu
