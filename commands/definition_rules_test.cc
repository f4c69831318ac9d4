#include "commands/definition_rules.h"

#include <functional>

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const EngineCatalog kCatalog = BuiltInEngines();

EpuDefinition Web() { return DefinitionOf(kCatalog, "web", "npreserving", "preserve_n=2"); }

std::string FaultsOf(const EpuDefinition& epu) {
  Faults faults;
  CheckParts(faults, "epus." + epu.name, epu);
  return std::string(faults.ToStatus().message());
}

using Change = std::function<void(EpuDefinition&)>;

Change Argument(std::string text) {
  return [=](EpuDefinition& epu) { epu.worker.command.push_back(text); };
}
Change Program(std::string text) {
  return [=](EpuDefinition& epu) { epu.worker.command[0] = text; };
}
Change Environment(std::vector<Variable> variables) {
  return [=](EpuDefinition& epu) { epu.worker.environment = variables; };
}
Change Sensor(SensorSource source, Duration every) {
  return [=](EpuDefinition& epu) { epu.sensors = {{{}, "queue", source, every}}; };
}
Change Grace(Duration grace) {
  return [=](EpuDefinition& epu) { epu.worker.stop_grace = grace; };
}
Change Boot(Duration window) {
  return [=](EpuDefinition& epu) { epu.health.boot_timeout = window; };
}
Change Uniques(std::vector<Variable> variables) {
  return [=](EpuDefinition& epu) {
    epu.settings.push_back({"unique_instances", std::vector<UniqueInstance>{{"a", variables}}});
  };
}

TEST(DefinitionRules, SayWhatEachPartHasToBe) {
  const std::string nul("a\0b", 3);
  const struct {
    Change change;
    std::string faults;  // Empty: accepted.
  } cases[] = {
      // Texts.
      {Argument(""), ""},
      {Argument("\x1b\n\t ünï"), ""},
      {Argument(std::string(4096, 'x')), ""},
      {Argument(std::string(4097, 'x')),
       "epus.web.worker.command[1] is 4097 bytes long; 4096 are allowed"},
      {Argument("\xff"), "epus.web.worker.command[1] is no UTF-8"},
      {Argument(nul),
       "epus.web.worker.command[1] has a NUL character, which no program can be handed"},
      // Programs.
      {Program("sleep"), ""},
      {Program("/bin/sleep"), ""},
      {Program(""),
       "epus.web.worker.command[0] is \"\"; a program is due, by its absolute path or "
       "its name alone"},
      {Program("bin/sleep"),
       "epus.web.worker.command[0] is \"bin/sleep\"; a program is due, by "
       "its absolute path or its name alone"},
      // Variables.
      {Environment({{"A", "1"}, {"B C", ""}, {"ü", "\n"}}), ""},
      {Environment({{"A", "1"}, {"A", "2"}}), "epus.web.worker.environment has \"A\" twice"},
      {Environment({{"", "1"}}),
       "epus.web.worker.environment has \"\", which cannot name a variable"},
      {Environment({{"A=B", "1"}}),
       "epus.web.worker.environment has \"A=B\", which cannot name a variable"},
      {Environment({{"A\n", "1"}}),
       "epus.web.worker.environment has \"A\n\", which cannot name a variable"},
      {Environment({{"EPU_TOKEN", "1"}}),
       "epus.web.worker.environment has EPU_TOKEN, which EPU itself sets"},
      {Environment({{"A", "\xff"}}), "epus.web.worker.environment.A is no UTF-8"},
      {Uniques({{"ROLE", "leader"}}), ""},
      {Uniques({{"EPU_RUN", "x"}}),
       "epus.web.config.unique_instances.a has EPU_RUN, which EPU itself sets"},
      // Durations.
      {Grace(seconds(0)), ""},
      {Grace(hours(1)), ""},
      {Grace(hours(1) + milliseconds(1)), "epus.web.worker.stop_grace is 1h; 0s to 1h is due"},
      {Grace(seconds(-1)), "epus.web.worker.stop_grace is -1s; 0s to 1h is due"},
      {Grace(microseconds(1)), "epus.web.worker.stop_grace is finer than a millisecond"},
      {Boot(milliseconds(100)), ""},
      {Boot(milliseconds(99)), "epus.web.health.boot_timeout is 99ms; 100ms to 7d is due"},
      {Boot(Duration::max()), "epus.web.health.boot_timeout is 106751991d4h; 100ms to 7d is due"},
      {Boot(Duration::min()), "epus.web.health.boot_timeout is -106751991d4h; 100ms to 7d is due"},
      // Sensors.
      {Sensor(PutSource{}, seconds(0)), ""},
      {Sensor(PutSource{}, seconds(1)),
       "epus.web.sensors.queue.every goes with spool or exec; "
       "readings by sensor put come when they come"},
      {Sensor(SpoolSource{"/srv"}, seconds(2)), ""},
      {Sensor(SpoolSource{"/srv"}, seconds(0)),
       "epus.web.sensors.queue.every is 0s; 100ms to 1d is due"},
      {Sensor(SpoolSource{"srv"}, seconds(2)),
       "epus.web.sensors.queue.spool is \"srv\"; an absolute path is due"},
      {Sensor(ExecSource{{"load-of", "x"}, seconds(1)}, seconds(2)), ""},
      {Sensor(ExecSource{{}, seconds(1)}, seconds(2)),
       "epus.web.sensors.queue.exec: a program is due"},
      {Sensor(ExecSource{{"x"}, hours(1)}, seconds(2)),
       "epus.web.sensors.queue.timeout is 1h; 100ms to 1m is due"},
  };
  for (const auto& [change, faults] : cases) {
    EpuDefinition epu = Web();
    change(epu);
    EXPECT_EQ(FaultsOf(epu), faults);
  }
}

TEST(DefinitionRules, CountParts) {
  EpuDefinition epu = Web();
  for (int i = 0; i < 257; ++i) {
    epu.worker.command.push_back("x");
    epu.worker.environment.push_back({"A" + std::to_string(i), ""});
  }
  for (int i = 0; i < 65; ++i) {
    epu.sensors.push_back({{}, "s" + std::to_string(i), PutSource{}, {}});
  }
  EXPECT_EQ(FaultsOf(epu),
            "epus.web.worker.command has 258 parts; at most 256\n"
            "epus.web.worker.environment has 257 variables; at most 256\n"
            "epus.web.sensors has 65 sensors; at most 64");
}

TEST(DefinitionRules, HoldASiteToItsOwn) {
  const struct {
    SiteDefinition site;
    std::string faults;
  } cases[] = {
      {{"local", "process", 1, ""}, ""},
      {{"local", "process", 10'000, "key"}, ""},
      {{"local", "process", 0, ""}, "sites.x.max_workers is 0; it may be 1 to 10000"},
      {{"local", "process", 10'001, ""}, "sites.x.max_workers is 10001; it may be 1 to 10000"},
      {{"local", "process", 1, "../key"},
       "sites.x.credentials: \"../key\" is no name: letters, digits, '.', '_', '-', at most 63, a "
       "letter or digit first, not only digits"},
  };
  for (const auto& [site, text] : cases) {
    Faults faults;
    CheckParts(faults, "sites.x", site);
    EXPECT_EQ(faults.ToStatus().message(), text);
  }
}

}  // namespace
}  // namespace epu
