#include "cli/sensors.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "eventlog/capabilities_for_tests.h"

namespace epu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A directory of its own for a test, gone with it.
class Sensors : public testing::Test {
 protected:
  Sensors() {
    std::string name = "/tmp/epu-sensors-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~Sensors() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  void Write(const std::string& name, const std::string& text = "") {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name)) << text;
  }
  // A program that runs `script`.
  std::vector<std::string> Program(const std::string& script) {
    Write("program", "#!/bin/sh\n" + script + "\n");
    chmod(Path("program").c_str(), 0700);
    return {Path("program")};
  }

  std::string directory_;
};

SampledReading Value(double value, std::optional<double> in_progress = {}) {
  return {value, in_progress};
}
SampledReading BrokenBy(const std::string& error) { return {Broken{error}, {}}; }

// ---- Directories ----

TEST_F(Sensors, AnEmptySpoolIsZero) { EXPECT_EQ(SpoolReading(directory_), Value(0)); }

TEST_F(Sensors, ASpoolCountsWaitingFilesAndNotThoseBeingWritten) {
  for (const char* name : {"a", "b", "c.txt", ".hidden", "d.tmp", "e.part", "f~", "done/x"}) {
    Write(name);
  }
  EXPECT_EQ(SpoolReading(directory_), Value(3));
}

TEST_F(Sensors, ASpoolCountsWorkInProgressOneLevelDeep) {
  for (const char* name : {"a", "in-progress/b", "in-progress/.c", "in-progress/crunch-1/d",
                           "in-progress/crunch-1/e.tmp", "in-progress/crunch-2/f/g"}) {
    Write(name);
  }
  EXPECT_EQ(SpoolReading(directory_), Value(1, 2));
}

TEST_F(Sensors, AnEmptyInProgressSaysThatNothingIs) {
  Write("in-progress/.keep");
  EXPECT_EQ(SpoolReading(directory_), Value(0, 0));
}

TEST_F(Sensors, ASpoolThatIsNotThereIsBroken) {
  EXPECT_EQ(SpoolReading(Path("none")),
            BrokenBy("cannot read " + Path("none") + ": No such file or directory"));
  Write("file");
  EXPECT_EQ(SpoolReading(Path("file")),
            BrokenBy("cannot read " + Path("file") + ": Not a directory"));
}

TEST_F(Sensors, ASpoolThatMayNotBeReadIsBroken) {
  Write("in-progress/a");
  chmod(Path("in-progress").c_str(), 0);
  std::thread([&] {
    EXPECT_TRUE(DropCapabilities());
    EXPECT_EQ(SpoolReading(directory_),
              BrokenBy("cannot read " + Path("in-progress") + ": Permission denied"));
  }).join();
  chmod(Path("in-progress").c_str(), 0700);
}

// ---- Programs ----

TEST_F(Sensors, AProgramPrintsOneNumber) {
  EXPECT_EQ(ExecReading(Program("echo 41"), seconds(5)), Value(41));
  EXPECT_EQ(ExecReading(Program("echo ' -0.5 '; echo noise >&2"), seconds(5)), Value(-0.5));
  EXPECT_EQ(ExecReading({"printf", "1e3"}, seconds(5)), Value(1000));
}

TEST_F(Sensors, AProgramThatPrintsAnythingElseIsBroken) {
  const auto printed = [&](const std::string& text) {
    return ExecReading({"printf", "%s", text}, seconds(5));
  };
  EXPECT_EQ(printed(""), BrokenBy("printed nothing"));
  EXPECT_EQ(printed("\n"), BrokenBy("printed nothing"));
  EXPECT_EQ(printed("nan"), BrokenBy("printed \"nan\", which is no number"));
  EXPECT_EQ(printed("inf"), BrokenBy("printed \"inf\", which is no number"));
  EXPECT_EQ(printed("1e999"), BrokenBy("printed \"1e999\", which is no number"));
  EXPECT_EQ(printed("010"), BrokenBy("printed \"010\", which is no number"));
  EXPECT_EQ(printed("41 jobs"), BrokenBy("printed \"41 jobs\", which is no number"));
  EXPECT_EQ(printed("1\n2"), BrokenBy("printed \"1\n2\", which is no number"));
}

TEST_F(Sensors, AProgramThatFailsIsBrokenWithTheFirstLineOfItsErrors) {
  EXPECT_EQ(ExecReading(Program("echo 41; exit 3"), seconds(5)), BrokenBy("exit 3"));
  EXPECT_EQ(ExecReading(Program("echo no queue >&2; echo more >&2; exit 1"), seconds(5)),
            BrokenBy("exit 1: no queue"));
  EXPECT_EQ(ExecReading(Program("kill -9 $$"), seconds(5)), BrokenBy("killed by signal 9"));
  EXPECT_EQ(ExecReading({Path("none")}, seconds(5)),
            BrokenBy("cannot run " + Path("none") + ": No such file or directory"));
}

TEST_F(Sensors, AProgramThatHangsIsKilledWithWhatItStarted) {
  const auto begun = std::chrono::steady_clock::now();
  const SampledReading reading = ExecReading(
      Program("sleep 60 & echo $! >" + Path("child") + "; echo 1; sleep 60"), milliseconds(500));
  EXPECT_EQ(reading, BrokenBy("no answer within 500ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(10));
  pid_t child = 0;
  std::ifstream(Path("child")) >> child;
  ASSERT_GT(child, 0);
  // Its parent is gone; init takes its rest away soon.
  for (int i = 0; i < 100 && kill(child, 0) == 0; ++i) {
    std::string state;
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    stat >> state >> state >> state;
    if (state == "Z") return;
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_NE(kill(child, 0), 0);
}

TEST_F(Sensors, AProgramThatLeavesAnotherBehindHasAnsweredAllTheSame) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(ExecReading(Program("sleep 60 & echo 7"), seconds(30)), Value(7));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(20));
}

TEST_F(Sensors, AProgramMayPrintMoreThanFitsIntoAPipe) {
  const SampledReading reading =
      ExecReading(Program("head -c 300000 /dev/zero >&2; echo 5"), seconds(30));
  EXPECT_EQ(reading, Value(5));
}

// ---- Reports and schedule ----

TEST_F(Sensors, ASampleSaysWhereItComesFrom) {
  Write("a");
  const PutReading order =
      Sample("crunch", {SensorNumber{7}, "queue", SpoolSource{directory_}, seconds(2)});
  EXPECT_EQ(order.epu, "crunch");
  EXPECT_EQ(order.sensor, "queue");
  EXPECT_EQ(order.measure, Measure(1.0));
  EXPECT_EQ(order.source, "spool " + directory_);
  EXPECT_GE(order.age, Duration::zero());
}

Time At(int second) { return Time(seconds(second)); }

// An EPU `name` with a directory (1) and two programs (2, 3) every 10 s, and a sensor from outside.
State StateWithSensors() {
  Epu epu;
  epu.number = EpuNumber{1};
  epu.definition.name = "crunch";
  const auto add = [&](std::uint64_t number, SensorSource source, Duration every) {
    Sensor sensor;
    sensor.definition = {SensorNumber{number}, "s" + std::to_string(number), std::move(source),
                         every};
    epu.sensors[SensorNumber{number}] = sensor;
  };
  add(1, ExecSource{{"x"}, seconds(2)}, seconds(10));
  add(2, SpoolSource{"/srv"}, seconds(10));
  add(3, ExecSource{{"y"}, seconds(2)}, seconds(10));
  add(4, PutSource{}, {});
  State state;
  state.epus[epu.number] = epu;
  return state;
}

std::vector<std::string> NamesDue(const State& state, const SampleTimes& sampled, Time now) {
  std::vector<std::string> names;
  for (const DueSensor& sensor : DueSensors(state, sampled, now)) {
    names.push_back(sensor.definition.name);
  }
  return names;
}

using Due = std::vector<std::string>;

TEST(DueSensors, TakesDirectoriesFirst) {
  const State state = StateWithSensors();
  SampleTimes sampled;
  EXPECT_EQ(NamesDue(state, sampled, At(100)), (Due{"s2", "s1", "s3"}));
  sampled = {{SensorNumber{1}, At(100)}, {SensorNumber{2}, At(100)}};
  EXPECT_EQ(NamesDue(state, sampled, At(102)), (Due{"s3"}));
  sampled[SensorNumber{3}] = At(102);
  EXPECT_EQ(NamesDue(state, sampled, At(109)), (Due{}));
  EXPECT_EQ(NamesDue(state, sampled, At(110)), (Due{"s2", "s1"}));
  EXPECT_EQ(NamesDue(state, sampled, At(130)), (Due{"s2", "s1", "s3"}));
}

TEST(DueSensors, TakesTheProgramThatWaitedLongestFirst) {
  const SampleTimes sampled = {
      {SensorNumber{1}, At(101)}, {SensorNumber{2}, At(120)}, {SensorNumber{3}, At(100)}};
  EXPECT_EQ(NamesDue(StateWithSensors(), sampled, At(120)), (Due{"s3", "s1"}));
}

TEST(DueSensors, LeavesOutWhatIsBeingRemoved) {
  State state = StateWithSensors();
  state.epus[EpuNumber{1}].removing = true;
  EXPECT_EQ(NamesDue(state, {}, At(100)), (Due{}));
  EXPECT_EQ(NextSensorTime(state, {}, At(100)), Time::max());
}

TEST(NextSensorTime, IsThatOfTheFirstToBeDue) {
  const State state = StateWithSensors();
  SampleTimes sampled = {{SensorNumber{1}, At(101)}, {SensorNumber{2}, At(100)}};
  EXPECT_EQ(NextSensorTime(state, sampled, At(103)), At(103));
  sampled[SensorNumber{3}] = At(102);
  EXPECT_EQ(NextSensorTime(state, sampled, At(103)), At(110));
}

}  // namespace
}  // namespace epu
