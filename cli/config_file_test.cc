#include "cli/config_file.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/config_format.h"
#include "commands/apply.h"
#include "projections/evolve.h"

namespace epu {
namespace {

// The configuration of the documents, line by line; the bad files below are small changes of it.
constexpr std::string_view kExample = R"(version: 1
max_workers: 64

sites:
  local:
    driver: process
    max_workers: 16

epus:
  web:
    engine: npreserving
    config:
      preserve_n: 3
      unique_instances:
        leader: {ROLE: leader}
    worker:
      site: local
      command: [/usr/local/bin/web-worker, --quiet]
      environment: {REGION: north, PORT: 010}
      stop_grace: 5s
    health: {boot_timeout: 30s, missing_timeout: 15s, zombie_timeout: 2m}

  crunch:
    engine: queuelen
    config:
      sensor: queue
      queuelen_high_water: 100
      queuelen_low_water: 10
      min_instances: 1
      max_instances: 8
      reading_age_max: 30s
    sensors:
      queue: {spool: /srv/spool}
      load: {exec: [/usr/local/bin/load-of, crunch], every: 30s}
      told: {}
    worker:
      site: local
      command: [/usr/local/bin/crunch-worker, /srv/spool]
)";

ParsedConfig Parse(std::string_view text, const std::set<std::string>& sites = {}) {
  return ParseConfig(text, BuiltInEngines(), sites);
}

// All faults as epumgmt prints them, one a line.
std::string FaultsOf(std::string_view text, const std::set<std::string>& sites = {}) {
  std::string lines;
  for (const ConfigFault& fault : Parse(text, sites).faults) {
    lines += (lines.empty() ? "" : "\n") + FormatFault("pools.yaml", fault);
  }
  return lines;
}

// The example with its one place of `from` replaced by `to`.
std::string Changed(std::string_view from, std::string_view to) {
  std::string text(kExample);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ParseConfig, ReadsTheExampleWhole) {
  const ParsedConfig parsed = Parse(kExample);
  EXPECT_EQ(FaultsOf(kExample), "");
  EXPECT_EQ(parsed.apply.max_workers, 64u);
  ASSERT_EQ(parsed.apply.sites.size(), 1u);
  EXPECT_EQ(parsed.apply.sites[0], (SiteDefinition{"local", "process", 16, ""}));
  ASSERT_EQ(parsed.apply.epus.size(), 2u);
}

TEST(ParseConfig, TakesValuesAsTheyAreWritten) {
  const EpuDefinition web = Parse(kExample).apply.epus.at(0);
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.engine, "npreserving");
  EXPECT_EQ(
      web.settings,
      (std::vector<Setting>{
          {"preserve_n", std::int64_t{3}},
          {"unique_instances", std::vector<UniqueInstance>{{"leader", {{"ROLE", "leader"}}}}}}));
  EXPECT_EQ(web.worker.command, (std::vector<std::string>{"/usr/local/bin/web-worker", "--quiet"}));
  EXPECT_EQ(web.worker.environment, (std::vector<Variable>{{"REGION", "north"}, {"PORT", "010"}}));
  EXPECT_EQ(web.worker.stop_grace, std::chrono::seconds(5));
  EXPECT_EQ(web.health, (HealthDefinition{true, std::chrono::seconds(30), std::chrono::seconds(15),
                                          std::chrono::seconds(120)}));
}

TEST(ParseConfig, FillsInTheDefaultsOfTheFrame) {
  const EpuDefinition crunch = Parse(kExample).apply.epus.at(1);
  EXPECT_EQ(crunch.worker.stop_grace, std::chrono::seconds(10));
  EXPECT_EQ(crunch.health,
            (HealthDefinition{true, std::chrono::seconds(300), std::chrono::seconds(120),
                              std::chrono::seconds(120)}));
  ASSERT_EQ(crunch.sensors.size(), 3u);
  EXPECT_EQ(crunch.sensors[0],
            (SensorDefinition{{}, "queue", SpoolSource{"/srv/spool"}, std::chrono::seconds(2)}));
  EXPECT_EQ(
      crunch.sensors[1],
      (SensorDefinition{{},
                        "load",
                        ExecSource{{"/usr/local/bin/load-of", "crunch"}, std::chrono::seconds(2)},
                        std::chrono::seconds(30)}));
  EXPECT_EQ(crunch.sensors[2], (SensorDefinition{{}, "told", PutSource{}, {}}));
}

TEST(ParseConfig, SaysWhereEachPathStands) {
  const ParsedConfig parsed = Parse(kExample);
  EXPECT_EQ(parsed.marks.at("epus.crunch.config.queuelen_low_water"), (YamlMark{28, 27}));
  EXPECT_EQ(parsed.marks.at("epus.web.worker"), (YamlMark{16, 5}));
}

TEST(ParseConfig, AcceptsASiteThatTheServerKnows) {
  const std::string text =
      "version: 1\nepus: {a: {engine: npreserving, worker: {site: far, command: [x]}}}\n";
  EXPECT_EQ(FaultsOf(text, {"far"}), "");
  EXPECT_EQ(FaultsOf(text),
            "pools.yaml:2:48: epus.a.worker.site is far, which is no site; "
            "there is none");
}

struct Case {
  std::string_view from;
  std::string_view to;
  std::string_view faults;
};

// A case is a line, with what is said of it at its end.
// clang-format off
TEST(ParseConfig, RefusesWhatIsNoConfiguration) {
  const Case cases[] = {
      {kExample, "", "pools.yaml:1:1: the file is empty; a configuration begins with version: 1"},
      {kExample, "- a\n", "pools.yaml:1:1: the file is a list; a map (key: value) is due"},
      {"version: 1\n", "", "pools.yaml:1:1: version is missing; a configuration needs it"},
      {"version: 1", "version: 2", "pools.yaml:1:10: version is 2; this build reads version 1"},
      {"version: 1", "version: \"1\"", "pools.yaml:1:10: version is \"1\" in quotes, which makes it text; a whole number is due"},
      {"driver: process", "driver:\tprocess", "pools.yaml:6:12: a tab; indent with blanks, and write \\t in double quotes"},
      {"driver", "dri\x04ver", "pools.yaml:6:8: a control character, \\x04"},
      {"driver", "dri\xffver", "pools.yaml:6:8: byte 0xff is no UTF-8"},
      {"\nepus:", "---\nepus:", "pools.yaml:8:1: a second document begins here; one file is one document"},
      {"web:\n", "web: &w\n", "pools.yaml:10:8: epus.web has an anchor (&w); write the value out where it is used"},
      {"preserve_n: 3", "preserve_n: !!int 3", "pools.yaml:13:19: epus.web.config.preserve_n has a tag (!…); write the value alone"},
      {"[/usr/local/bin/web-worker", "[/usr/local/bin/web-worker]]", "pools.yaml:18:43: no YAML: illegal flow end"},
      {"max_workers: 64", "max_worker: 64", "pools.yaml:2:1: max_worker: a configuration has no such key; did you mean max_workers?"},
      {"max_workers: 64", "max_workers: 64\nmax_workers: 65", "pools.yaml:3:1: max_workers is given twice (first in line 2); remove one"},
      {"crunch:\n", "web:\n", "pools.yaml:23:3: epus.web is given twice (first in line 10); remove one"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultsOf(Changed(c.from, c.to)), c.faults);
}

TEST(ParseConfig, RefusesValuesThatOtherReadersGuess) {
  const Case cases[] = {
      {"preserve_n: 3", "preserve_n: 010", "pools.yaml:13:19: epus.web.config.preserve_n: \"010\" is no whole number"},
      {"preserve_n: 3", "preserve_n: 3.7", "pools.yaml:13:19: epus.web.config.preserve_n: \"3.7\" is no whole number"},
      {"preserve_n: 3", "preserve_n: 1e999", "pools.yaml:13:19: epus.web.config.preserve_n: \"1e999\" is no whole number"},
      {"preserve_n: 3", "preserve_n: nan", "pools.yaml:13:19: epus.web.config.preserve_n: \"nan\" is no whole number"},
      {"preserve_n: 3", "preserve_n: yes", "pools.yaml:13:19: epus.web.config.preserve_n: \"yes\" is no whole number"},
      {"preserve_n: 3", "preserve_n: \"3\"", "pools.yaml:13:19: epus.web.config.preserve_n is \"3\" in quotes, which makes it text; a whole number is due"},
      {"preserve_n: 3", "preserve_n:", "pools.yaml:13:7: epus.web.config.preserve_n is empty; a whole number is due"},
      {"preserve_n: 3", "preserve_n: [3]", "pools.yaml:13:7: epus.web.config.preserve_n is a list; a whole number is due"},
      {"preserve_n: 3", "preserve_n: 99999", "pools.yaml:13:19: epus.web.config.preserve_n is 99999, above its limit 10000"},
      {"preserve_n: 3", "preserve_m: 3", "pools.yaml:13:7: epus.web.config.preserve_m: npreserving has no such key; did you mean preserve_n?"},
      {"reading_age_max: 30s", "reading_age_max: 30", "pools.yaml:31:24: epus.crunch.config.reading_age_max: \"30\" has no unit: write 30s, 30m, …"},
      {"max_workers: 16", "max_workers: 0", "pools.yaml:7:18: sites.local.max_workers is 0; 1 to 10000 is due"},
      {"max_workers: 16", "max_workers: 10001", "pools.yaml:7:18: sites.local.max_workers is 10001; 1 to 10000 is due"},
      {"stop_grace: 5s", "stop_grace: 2d", "pools.yaml:20:19: epus.web.worker.stop_grace is 2d; 0s to 1h is due"},
      {"boot_timeout: 30s", "boot_timeout: 0s", "pools.yaml:21:28: epus.web.health.boot_timeout is 0s; 100ms to 7d is due"},
      {"health: {", "health: {monitor: yes, ", "pools.yaml:21:23: epus.web.health.monitor: \"yes\" is neither true nor false"},
      {"{REGION: north,", "{REGION: ,", "pools.yaml:19:21: epus.web.worker.environment.REGION is empty; write \"\" for an empty value"},
      {"REGION: north", "API: {secret: ../x}", "pools.yaml:19:35: epus.web.worker.environment.API.secret is no name: \"../x\"; a letter or digit is due, then letters, digits, '.', '_', '-'"},
      {"REGION: north", "API: {secret: }", "pools.yaml:19:27: epus.web.worker.environment.API.secret is empty; text is due"},
      {"REGION: north", "EPU_NAME: x", "pools.yaml:19:21: epus.web.worker.environment.EPU_NAME is a variable that EPU itself sets; take another name"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultsOf(Changed(c.from, c.to)), c.faults);
}

TEST(ParseConfig, RefusesNamesThatLeadNowhere) {
  const Case cases[] = {
      {"driver: process", "driver: ec2", "pools.yaml:6:13: sites.local.driver is \"ec2\"; this build has: process"},
      {"    driver: process\n", "", "pools.yaml:5:3: sites.local.driver is missing; a site needs it"},
      {"    driver: process\n", "    driver: process\n    credentials: key\n", "pools.yaml:7:5: sites.local.credentials: driver process takes none; leave it out"},
      {"engine: queuelen", "engine: queulen", "pools.yaml:24:13: epus.crunch.engine is \"queulen\", which is no engine of this build; did you mean queuelen?"},
      {"site: local", "site: lokal", "pools.yaml:17:13: epus.web.worker.site is lokal, which is no site; did you mean local?"},
      {"sensor: queue", "sensor: queu", "pools.yaml:26:15: epus.crunch.config.sensor is \"queu\", which is no sensor of this EPU; did you mean queue?"},
      {"  web:", "  17:", "pools.yaml:10:3: epus.17 is a name of digits alone, which would read as an event; add a letter"},
      {"  web:", "  -w:", "pools.yaml:10:3: epus.-w is no name: \"-w\"; a letter or digit is due, then letters, digits, '.', '_', '-'"},
      {"  web:", "  \"w\\eb\":", "pools.yaml:10:3: epus.w\\x1bb is no name: \"w\\x1bb\"; a letter or digit is due, then letters, digits, '.', '_', '-'"},
      {"told: {}", "told:", "pools.yaml:35:7: epus.crunch.sensors.told is empty; write {} for readings that come by epumgmt sensor put"},
      {"told: {}", "told: {every: 2s}", "pools.yaml:35:14: epus.crunch.sensors.told.every goes with spool or exec; readings by epumgmt sensor put come when they come"},
      {"{spool: /srv/spool}", "{spool: srv}", "pools.yaml:33:22: epus.crunch.sensors.queue.spool is \"srv\"; an absolute path is due, because epud has another directory"},
      {"{spool: /srv/spool}", "{spool: /s, timeout: 2s}", "pools.yaml:33:26: epus.crunch.sensors.queue.timeout goes with exec alone; remove it"},
      {"{spool: /srv/spool}", "{spool: /s, exec: [x]}", "pools.yaml:33:7: epus.crunch.sensors.queue has both spool and exec; a sensor has one source"},
      {"[/usr/local/bin/web-worker, --quiet]", "web-worker --quiet", "pools.yaml:18:7: epus.web.worker.command is a single value; a list of a program and its arguments, [/bin/sleep, 60], is due"},
      {"[/usr/local/bin/web-worker, --quiet]", "[]", "pools.yaml:18:7: epus.web.worker.command is empty; a list of a program and its arguments, [/bin/sleep, 60], is due"},
      {"[/usr/local/bin/web-worker, --quiet]", "[bin/web]", "pools.yaml:18:17: epus.web.worker.command[0] is \"bin/web\"; a program is due, by its absolute path or its name alone"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultsOf(Changed(c.from, c.to)), c.faults);
}
// clang-format on

TEST(ParseConfig, RefusesANameOfMoreThan63Characters) {
  const std::string name(64, 'x');
  EXPECT_EQ(
      FaultsOf(Changed("  web:", "  " + name + ":")),
      fmt::format("pools.yaml:10:3: epus.{} is a name of 64 characters; 63 are allowed", name));
  EXPECT_EQ(FaultsOf(Changed("  web:", "  " + name.substr(1) + ":")), "");
}

TEST(ParseConfig, NamesTheOtherKeyOfARuleAndItsLine) {
  EXPECT_EQ(FaultsOf(Changed("queuelen_low_water: 10", "queuelen_low_water: 120")),
            "pools.yaml:28:27: epus.crunch.config.queuelen_low_water is 120, above "
            "queuelen_high_water 100 (line 27)");
  EXPECT_EQ(FaultsOf(Changed("preserve_n: 3", "preserve_n: 65")),
            "pools.yaml:13:19: epus.web.config.preserve_n is 65, above max_instances 64 "
            "(the default)");
}

TEST(ParseConfig, ReportsEveryFaultInTheOrderOfTheFile) {
  std::string text = Changed("queuelen_low_water: 10", "queuelen_low_water: 120");
  text.replace(text.find("preserve_n"), 10, "preserve_m");
  text.replace(text.find("max_workers: 16"), 15, "max_workers: x");
  EXPECT_EQ(FaultsOf(text),
            "pools.yaml:7:18: sites.local.max_workers: \"x\" is no whole number\n"
            "pools.yaml:13:7: epus.web.config.preserve_m: npreserving has no such key; did you "
            "mean preserve_n?\n"
            "pools.yaml:28:27: epus.crunch.config.queuelen_low_water is 120, above "
            "queuelen_high_water 100 (line 27)");
}

TEST(ParseConfig, RefusesAFileThatIsTooLarge) {
  EXPECT_EQ(FaultsOf(std::string(kConfigBytesMax + 1, ' ')),
            "pools.yaml: the file is larger than 16777216 bytes, the most a file may have");
  std::string many = "version: 1\nepus:\n";
  for (std::size_t i = 0; i <= kConfigEpusMax; ++i) many += fmt::format("  a{}: {{}}\n", i);
  EXPECT_EQ(FaultsOf(many), "pools.yaml:2:1: epus has 10001 EPUs; 10000 are allowed");
}

TEST(LocateFault, FindsThePathOrTheNearestAroundIt) {
  const std::map<std::string, YamlMark> marks = {{"epus.a", {3, 3}}, {"epus.a.config.n", {5, 9}}};
  EXPECT_EQ(FormatFault("f", LocateFault("epus.a.config.n is 7, too much", marks)),
            "f:5:9: epus.a.config.n is 7, too much");
  EXPECT_EQ(FormatFault("f", LocateFault("epus.a.config.m: no such key", marks)),
            "f:3:3: epus.a.config.m: no such key");
  EXPECT_EQ(FormatFault("f", LocateFault("the log is full", marks)), "f: the log is full");
}

// The state after `apply`, as the server records it.
State Applied(const Apply& apply) {
  State state;
  const auto payloads = DecideApply(state, apply, 1, BuiltInEngines());
  EXPECT_TRUE(payloads.ok()) << payloads.status();
  if (!payloads.ok()) return state;
  for (const Payload& payload : *payloads) {
    Event event;
    event.sequence = state.head + 1;
    event.payload = payload;
    Evolve(state, event);
  }
  return state;
}

std::vector<EpuDefinition> DefinitionsOf(const State& state) {
  std::vector<EpuDefinition> definitions;
  for (const auto& [number, epu] : state.epus) definitions.push_back(epu.definition);
  return definitions;
}

TEST(FormatConfig, GivesTheSameDefinitionsWhenReadAgain) {
  const State state = Applied(Parse(kExample).apply);
  const std::string text = FormatConfig(state);
  EXPECT_EQ(FaultsOf(text), "");
  const State again = Applied(Parse(text).apply);
  EXPECT_EQ(again.max_workers, state.max_workers);
  EXPECT_EQ(DefinitionsOf(again), DefinitionsOf(state));
  EXPECT_EQ(FormatConfig(again), text);
}

TEST(FormatConfig, WritesEveryTextSoThatItReadsAsItself) {
  const std::vector<std::string> texts = {
      "",       "null", "~",     "yes",     "010",  "3",     "- a",        "a: b",
      "a #b",   "#",    "\"q\"", "it's",    "a\\b", "\x1b",  "two\nlines", "{a}",
      "[a, b]", "--",   "-x",    "--quiet", "a,b",  " lead", "trail ",     "&a",
      "*a",     "!t",   "|",     ">",       "%d",   "@x",    "`x`",        "ünï",
      "a:",     "?",    "\t",    "---",     "...",  "a=b",   "\x7f",       "/p/q-1.x"};
  for (const std::string& text : texts) {
    Apply apply = Parse(kExample).apply;
    apply.epus[0].worker.command.push_back(text);
    apply.epus[0].worker.environment.push_back({"TEXT", text});
    const State state = Applied(apply);
    const ParsedConfig parsed = Parse(FormatConfig(state));
    ASSERT_EQ(parsed.faults.size(), 0u) << text << ": " << FaultMessage(parsed.faults[0]);
    EXPECT_EQ(DefinitionsOf(Applied(parsed.apply)), DefinitionsOf(state)) << text;
  }
}

TEST(FormatConfig, WritesOneEpuWithItsSite) {
  const State state = Applied(Parse(kExample).apply);
  EXPECT_EQ(FormatConfig(state, FindEpu(state, "crunch")), R"(version: 1
max_workers: 64

sites:
  local:
    driver: process
    max_workers: 16

epus:
  crunch:
    engine: queuelen
    config:
      sensor: queue
      queuelen_high_water: 100
      queuelen_low_water: 10
      min_instances: 1
      reading_age_max: 30s
      max_instances: 8
      devmode_no_failure_compensation: false
    sensors:
      queue: {spool: /srv/spool, every: 2s}
      load: {exec: [/usr/local/bin/load-of, crunch], every: 30s, timeout: 2s}
      told: {}
    worker:
      site: local
      command: [/usr/local/bin/crunch-worker, /srv/spool]
      stop_grace: 10s
      drain_timeout: 5m
    health:
      monitor: true
      boot_timeout: 5m
      missing_timeout: 2m
      zombie_timeout: 2m
)");
}

}  // namespace
}  // namespace epu
