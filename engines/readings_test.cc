#include "engines/readings.h"

#include <gtest/gtest.h>

#include "engines/scenario.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

Pool Crunch() { return Pool("crunch").Sensor("load").Sensor("queue"); }

absl::StatusOr<SensorLook> Look(const Pool& pool, std::string_view sensor = "queue") {
  return LookAt(pool.Build(), sensor, 30s, pool.now());
}

TEST(Readings, AValueIsThereToDecideOn) {
  const Pool pool = Crunch().Reading(132, 1s).InProgress(7);
  const SensorLook look = *Look(pool);
  EXPECT_EQ(look.held, std::nullopt);
  EXPECT_EQ(look.value, 132);
  EXPECT_EQ(look.in_progress, 7);
  EXPECT_EQ(look.inputs, std::vector<Sequence>{FindSensor(pool.Build(), "queue")->latest.sequence});
  EXPECT_EQ(Look(Crunch().Reading(132, 1s))->in_progress, 0);
}

TEST(Readings, NothingSaidAFailureAndAnOldReadingHold) {
  const struct {
    Pool pool;
    Constraint held;
    std::size_t inputs;
  } cases[] = {
      {Crunch(), Because(ConstraintKind::kReadingAbsent, 0, 0), 0},
      {Crunch().Absent(), Because(ConstraintKind::kReadingAbsent, 0, 0), 1},
      {Crunch().Broken("exit 1"), Because(ConstraintKind::kReadingBroken, 0, 0), 1},
      {Crunch().Reading(5, 31s), Because(ConstraintKind::kReadingOld, 31, 30), 1},
      {Crunch().Reading(5, 30s).Later(1s), Because(ConstraintKind::kReadingOld, 31, 30), 1},
  };
  for (const auto& [pool, held, inputs] : cases) {
    const SensorLook look = *Look(pool);
    EXPECT_EQ(look.held, held);
    EXPECT_EQ(look.inputs.size(), inputs);
  }
  EXPECT_EQ(Look(Crunch().Reading(5, 30s))->held, std::nullopt) << "at its limit";
}

TEST(Readings, OnlyWhatWasReadSinceTheLastChangeOfTheSizeIsNew) {
  EXPECT_TRUE(Look(Crunch().Reading(5, 0s))->is_new);
  EXPECT_FALSE(Look(Crunch().Reading(5, 0s).Decided())->is_new);
  EXPECT_TRUE(Look(Crunch().Decided().Reading(5, 0s))->is_new);
}

TEST(Readings, ASensorThatIsNotThereIsAnError) {
  EXPECT_EQ(Look(Crunch(), "queu").status().message(), "there is no sensor \"queu\"");
}

// ---- What workers report ----

WorkersLook Workers(const Pool& pool) {
  return LookAtWorkers(pool.Build(), "load", 30s, pool.now());
}

TEST(Readings, TheAverageIsOverThoseThatReport) {
  const struct {
    Pool pool;
    double average;
    std::optional<Constraint> silent;
  } cases[] = {
      {Pool("p").Running(1).Metric("load", 0.5, 1s), 0.5, {}},
      {Pool("p").Running(4).Metric("load", 0.5, 1s), 0.5, {}},
      {Pool("p").Running(2).MetricOf(1, "load", 1, 1s).MetricOf(2, "load", 0, 1s), 0.5, {}},

      // Rounding takes it to no side: 0.8 + 0.8 + 0.8 is more than three times 0.8.
      {Pool("p").Running(3).Metric("load", 0.8, 1s), 0.8, {}},

      // Silent ones are in neither the sum nor the number.
      {Pool("p").Running(2).Metric("load", 0.5, 1s).Running(2), 0.5,
       Because(ConstraintKind::kReporting, 2, 4)},
      {Pool("p").Running(1).Metric("load", 9, 31s).Running(1).MetricOf(2, "load", 1, 1s), 1,
       Because(ConstraintKind::kReporting, 1, 2)},
      {Pool("p").Running(2).Metric("jobs", 7, 1s).MetricOf(2, "load", 1, 1s), 1,
       Because(ConstraintKind::kReporting, 1, 2)},

      // Those on their way, and those that no longer count, are no silent ones.
      {Pool("p").Running(1).Metric("load", 0.5, 1s).Pending(3).Ending(2), 0.5, {}},
      {Pool("p").Running(1).Metric("load", 0, 30s), 0, {}},
      {Pool("p").Running(2).Metric("load", 1.5e308, 1s), 1.5e308, {}},
      {Pool("p").Running(1).Metric("load", -3, 1s), -3, {}},
  };
  for (const auto& [pool, average, silent] : cases) {
    const WorkersLook look = Workers(pool);
    EXPECT_EQ(look.held, std::nullopt);
    EXPECT_EQ(look.average, average);
    EXPECT_EQ(look.silent, silent);
  }
}

TEST(Readings, WhereNoWorkerReportsTheSizeIsHeld) {
  const struct {
    Pool pool;
    Constraint held;
  } cases[] = {
      {Pool("p"), Because(ConstraintKind::kReadingAbsent, 0, 0)},
      {Pool("p").Running(3), Because(ConstraintKind::kReadingAbsent, 0, 0)},
      {Pool("p").Running(3).Metric("jobs", 1, 1s), Because(ConstraintKind::kReadingAbsent, 0, 0)},
      {Pool("p").Running(3).Metric("load", 1, 1s).Later(1min),
       Because(ConstraintKind::kReadingOld, 61, 30)},
      {Pool("p").Running(1).Metric("load", 1, 90s).Running(1).MetricOf(2, "load", 1, 40s),
       Because(ConstraintKind::kReadingOld, 40, 30)},
  };
  for (const auto& [pool, held] : cases) {
    EXPECT_EQ(Workers(pool).held, held);
    EXPECT_TRUE(Workers(pool).inputs.empty());
  }
}

TEST(Readings, ReportsAreNewWhereOneIsAndTheNewestAreNamed) {
  EXPECT_TRUE(Workers(Pool("p").Running(1).Metric("load", 1, 1s)).is_new);
  EXPECT_FALSE(Workers(Pool("p").Running(1).Metric("load", 1, 1s).Decided()).is_new);
  const Pool half = Pool("p").Running(2).Metric("load", 1, 1s).Decided().MetricOf(1, "load", 1, 1s);
  EXPECT_TRUE(Workers(half).is_new);
  const Epu epu = half.Build();
  EXPECT_EQ(Workers(half).inputs,
            (std::vector<Sequence>{epu.workers.at(WorkerNumber{1}).reported,
                                   epu.workers.at(WorkerNumber{2}).reported}));
  const Pool many = Pool("p").Running(100).Metric("load", 1, 1s);
  EXPECT_EQ(Workers(many).inputs.size(), kInputsMax);
  EXPECT_EQ(Workers(many).inputs.front(), many.Build().workers.at(WorkerNumber{100}).reported);
}

TEST(Readings, ASettingIsToNameASensor) {
  const struct {
    const char* name;
    const char* problem;
  } cases[] = {
      {"queue", ""},
      {"queu", " is \"queu\", which is no sensor of this EPU; did you mean queue?"},
      {"", " is \"\", which is no sensor of this EPU"},
      {"Mars", " is \"Mars\", which is no sensor of this EPU"},
  };
  for (const auto& [name, text] : cases) {
    EpuDefinition definition = Crunch().Build().definition;
    definition.settings = {{"sensor", std::string(name)}};
    const auto problem = SensorProblem(definition, "sensor");
    EXPECT_EQ(problem ? problem->text : "", text);
    EXPECT_EQ(problem ? problem->key : "sensor", "sensor");
  }
}

}  // namespace
}  // namespace epu
