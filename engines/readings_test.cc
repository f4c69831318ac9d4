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
