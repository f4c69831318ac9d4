#include "commands/apply.h"

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

const EngineCatalog kCatalog = BuiltInEngines();

Apply Declare(EpuDefinition definition) { return {{}, {}, {std::move(definition)}}; }

EpuDefinition Web(std::string_view settings = "preserve_n=2") {
  return DefinitionOf(kCatalog, "web", "npreserving", settings);
}

SensorDefinition PutSensor(std::string name) { return {{}, std::move(name), PutSource{}, {}}; }

// ---- What is recorded ----

TEST(Apply, CompletesAndNumbersADefinition) {
  Given given;
  EpuDefinition web = Web();
  web.sensors = {PutSensor("queue"), PutSensor("load")};
  const Sequence first = given.state().head + 1;
  given.Order(Declare(web));

  const Epu& epu = given.pool("web");
  EXPECT_EQ(epu.number, EpuNumber{first});
  EXPECT_EQ(epu.policy, first);
  EXPECT_EQ(epu.definition.settings.size(), 4u);
  EXPECT_EQ(IntegerOf(epu.definition, "max_instances"), kMaxWorkersDefault);
  EXPECT_EQ(epu.definition.worker.site, FindSite(given.state(), "here")->number);
  EXPECT_EQ(epu.definition.sensors[0].number, SensorNumber{kSensorsMax * first});
  EXPECT_EQ(epu.definition.sensors[1].number, SensorNumber{kSensorsMax * first + 1});
}

TEST(Apply, IntroducesASiteAndAPoolThatUsesItTogether) {
  Given given;
  EpuDefinition web = Web();
  web.worker.site_name = "there";
  const Sequence first = given.state().head + 1;
  given.Order(Apply{50, {{"there", "process", 5, ""}}, {web}});
  EXPECT_EQ(given.last(), "limit; site; policy");
  EXPECT_EQ(given.pool("web").definition.worker.site, SiteNumber{first + 1});
  EXPECT_EQ(given.pool("web").number, EpuNumber{first + 2});
}

TEST(Apply, CountsTheIntroductionOfItsAuthor) {
  Given given;
  const Sequence first = given.state().head + 1;
  ASSERT_TRUE(given.Send({{9, 1}, Author{1001, "otto"}, "", Declare(Web())}).ok());
  EXPECT_EQ(given.last(), "actor; policy");
  EXPECT_EQ(given.pool("web").number, EpuNumber{first + 1});
}

TEST(Apply, RecordsNothingForWhatIsSoAlready) {
  Given given;
  EpuDefinition web = Web();
  web.sensors = {PutSensor("queue")};
  given.Order(Declare(web));
  EXPECT_EQ(given.Would(Declare(web)), "");
  EXPECT_EQ(given.Would(Apply{10'000, {{"here", "process", 10'000, ""}}, {}}), "");
  EXPECT_EQ(given.Would(Declare(Web("preserve_n=2 max_instances=64"))),
            "policy");  // A sensor less.
}

TEST(Apply, TakesReconfiguredValuesBack) {
  Given given;
  given.Order(Declare(Web())).Order(Reconfigure{"web", {{"preserve_n", std::int64_t{5}}}});
  given.Order(Declare(Web()));
  EXPECT_EQ(IntegerOf(given.pool("web").definition, "preserve_n"), 2);
}

TEST(Apply, NumbersNewSensorsAndKeepsTheNumbersAndReadingsOfOldOnes) {
  Given given;
  EpuDefinition web = Web();
  web.sensors = {PutSensor("queue")};
  given.Order(Declare(web)).Reads("web", 7);
  const Sensor queue = *FindSensor(given.pool("web"), "queue");

  web.sensors = {PutSensor("load"), PutSensor("queue")};
  const Sequence second = given.state().head + 1;
  given.Order(Declare(web));
  EXPECT_EQ(*FindSensor(given.pool("web"), "queue"), queue);
  EXPECT_EQ(FindSensor(given.pool("web"), "load")->definition.number,
            SensorNumber{kSensorsMax * second});
}

TEST(Apply, ANameThatIsDefinedAnewGoesOnWithItsNumberAndItsWorkersNumbers) {
  Given given;
  given.Order(Declare(Web())).Review("web");
  const EpuNumber number = given.pool("web").number;
  given.Order(Remove{"web"}).Review("web").Gone("web", 1).Gone("web", 2).Review("web");
  EXPECT_EQ(given.Would(Remove{"web"}), "no EPU \"web\"");

  given.Order(Declare(Web())).Review("web");
  EXPECT_EQ(given.pool("web").number, number);
  EXPECT_EQ(given.last(), "scaling 0>2 +2 -0: preserve_n 0/2; request 3; request 4");
}

TEST(Apply, SetsAPoolGoingThatDevelopmentModeStopped) {
  Given given;
  const EpuDefinition web = Web("preserve_n=1 devmode_no_failure_compensation=true");
  given.Order(Declare(web)).Review("web").Fails("web", 1).Review("web");
  EXPECT_EQ(given.last(), "devmode failed 1");
  given.Order(Declare(web));
  EXPECT_EQ(given.last(), "policy");
  EXPECT_EQ(given.WouldReview("web"), "repair 0>1 +1 -0: lost 0/1; request 2");
}

// ---- What is refused ----

TEST(Apply, RefusesWithEveryFaultAndItsPath) {
  const Given given;
  EpuDefinition web = Web("preserve_n=9 max_instances=3");
  web.worker.site_name = "nowhere";
  web.worker.command.clear();
  web.health.boot_timeout = Duration::zero();
  web.sensors = {PutSensor("queue"), PutSensor("queue"), {{}, "dir", SpoolSource{"/srv"}, {}}};
  EpuDefinition odd = DefinitionOf(kCatalog, "odd", "npreserving", "");
  odd.engine = "npreservin";
  odd.worker.stop_grace = Duration(-1);
  EpuDefinition typo = DefinitionOf(kCatalog, "typo", "npreserving", "");
  typo.settings = {{"preserve_m", std::int64_t{1}}};
  const Apply apply{0, {{"far", "cloud", 0, ""}, {"far", "process", 1, ""}}, {web, odd, typo, web}};

  const auto refused = given.Decided(apply);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string web_faults =
      "epus.web.worker.command: a program is due\n"
      "epus.web.health.boot_timeout is 0s; 100ms to 7d is due\n"
      "epus.web.sensors.queue is declared twice\n"
      "epus.web.sensors.dir.every is 0s; 100ms to 1d is due\n"
      "epus.web.worker.site: no site \"nowhere\" is defined\n"
      "epus.web.config.preserve_n is 9, above max_instances 3\n";
  EXPECT_EQ(refused.status().message(),
            "max_workers is 0; it may be 1 to 10000\n"
            "sites.far.max_workers is 0; it may be 1 to 10000\n"
            "sites.far.driver is \"cloud\"; the drivers are: process\n"
            "sites.far is declared twice\n" +
                web_faults +
                "epus.odd.worker.stop_grace is -1ms; 0s to 1h is due\n"
                "epus.odd.engine: there is no engine \"npreservin\"; see: epumgmt engines\n"
                "epus.typo.config.preserve_m: npreserving has no such key; did you mean "
                "preserve_n?\n"
                "epus.web is declared twice\n" +
                web_faults.substr(0, web_faults.size() - 1));
}

TEST(Apply, RefusesMoreUniqueInstancesThanWorkers) {
  const Given given;
  EpuDefinition web = Web("preserve_n=1");
  web.settings.push_back({"unique_instances", std::vector<UniqueInstance>{{"a", {}}, {"b", {}}}});
  EXPECT_EQ(given.Would(Declare(web)),
            "epus.web.config.unique_instances has 2 keys, above preserve_n 1");
}

TEST(Apply, OfADefinitionThatLacksAKeyOfTodayChangesNothing) {
  Given given;
  given.Order(Declare(Web("preserve_n=1")));
  EpuDefinition older = given.pool("web").definition;
  const std::size_t keys = older.settings.size();
  std::erase_if(older.settings,
                [](const Setting& setting) { return setting.key == "max_instances"; });
  ASSERT_EQ(older.settings.size(), keys - 1);
  given.Fact(EpuDefined{given.pool("web").number, older});
  EXPECT_EQ(given.Would(Declare(Web("preserve_n=1"))), "");
  EXPECT_EQ(given.Would(Declare(Web("preserve_n=2"))), "policy");
}

TEST(Apply, RefusesCredentialsForADriverThatTakesNone) {
  EXPECT_EQ(Given().Would(Apply{{}, {{"far", "process", 1, "key"}}, {}}),
            "sites.far.credentials: driver process takes none; leave it out");
}

TEST(Apply, RefusesANameThatIsNone) {
  const struct {
    std::string name;
    bool proper;
  } names[] = {
      {"web", true},
      {"w", true},
      {"0web", true},
      {"a.b_c-d", true},
      {std::string(63, 'a'), true},
      {"", false},
      {"12", false},
      {"-web", false},
      {".web", false},
      {"we b", false},
      {"web/1", false},
      {"wéb", false},
      {std::string(64, 'a'), false},
  };
  for (const auto& [name, proper] : names) {
    EXPECT_EQ(IsName(name), proper) << name;
    EpuDefinition definition = Web();
    definition.name = name;
    EXPECT_EQ(Given().Decided(Declare(definition)).ok(), proper) << name;
    EXPECT_EQ(Given().Decided(Apply{{}, {{name, "process", 1, ""}}, {}}).ok(), proper) << name;
  }
}

TEST(Apply, RefusesWhatDoesNotFitARecord) {
  Given given;
  EpuDefinition web = Web();
  web.worker.environment = {{"A", std::string(60'000, 'x')}};
  EXPECT_EQ(given.Would(Declare(web)).substr(0, 12), "epus.web is ");
  std::vector<UniqueInstance> uniques;
  for (int i = 0; i < 2'000; ++i) uniques.push_back({"key-" + std::to_string(i), {}});
  given.Order(Declare(Web("preserve_n=2000 max_instances=2000")));
  EXPECT_EQ(given.Would(Reconfigure{"web", {{"unique_instances", uniques}}}).substr(0, 12),
            "epus.web is ");
  EpuDefinition office = DefinitionOf(given.catalog(), "office", "scheduled", "schedule=08:00=1");
  for (int i = 0; i < 10; ++i) {
    office.worker.environment.push_back({"A" + std::to_string(i), std::string(4'000, 'x')});
  }
  EXPECT_EQ(given.Would(Declare(office)), "policy");
  Schedule schedule;
  for (std::uint16_t hour = 0; hour < 24 * 7; ++hour) {
    const auto day = static_cast<std::uint8_t>(1u << hour / 24);
    schedule.push_back({day, static_cast<std::uint16_t>(hour % 24 * 60), 1});
  }
  office.settings = {{"schedule", schedule}};
  EXPECT_EQ(given.Would(Declare(office)).substr(0, 15), "epus.office is ");
}

TEST(Apply, RefusesAnotherDriverWhileTheSiteHasMachines) {
  Given given;
  given.Order(Declare(Web())).Review("web");
  State state = given.state();
  state.sites.begin()->second.definition.driver = "cloud";  // Of a build that has another.
  const auto refused =
      DecideApply(state, {{}, {{"here", "process", 9, ""}}, {}}, state.head + 1, kCatalog);
  EXPECT_EQ(refused.status().message(),
            "sites.here.driver cannot change while the site has machines; drain it first");
}

TEST(Apply, CountsOnlyNewNamesAgainstTheLimitOfALog) {
  State state = Given().state();
  for (Sequence number = 100; state.epus.size() < kEpusMax - 1; ++number) {
    Epu& epu = state.epus[EpuNumber{number}];
    epu.definition.name = "p" + std::to_string(number);
    epu.removed = true;
  }
  EpuDefinition known = Web();
  known.name = "p100";
  EpuDefinition other = Web();
  other.name = "other";
  EXPECT_TRUE(DecideApply(state, {{}, {}, {known, Web()}}, 9, kCatalog).ok());
  EXPECT_EQ(DecideApply(state, {{}, {}, {other, Web()}}, 9, kCatalog).status().message(),
            "epus: a log holds at most 10000 names of EPUs");
}

// ---- Reconfigure ----

TEST(Reconfigure, KeepsTheKeysItDoesNotName) {
  Given given;
  given.Order(Declare(Web("preserve_n=2 max_instances=9")));
  given.Order(Reconfigure{"web", {{"preserve_n", std::int64_t{3}}}});
  EXPECT_EQ(given.last(), "reconfigure");
  EXPECT_EQ(IntegerOf(given.pool("web").definition, "preserve_n"), 3);
  EXPECT_EQ(IntegerOf(given.pool("web").definition, "max_instances"), 9);
  EXPECT_EQ(given.pool("web").policy, given.state().head);
}

TEST(Reconfigure, ReplacesAKeyWhole) {
  Given given;
  given.Order(Declare(Web()));
  const auto keys = [](const char* key) {
    return Reconfigure{"web", {{"unique_instances", std::vector<UniqueInstance>{{key, {}}}}}};
  };
  given.Order(keys("a")).Order(keys("b"));
  EXPECT_EQ(UniquesOf(given.pool("web").definition, "unique_instances"),
            (std::vector<UniqueInstance>{{"b", {}}}));
}

TEST(Reconfigure, RecordsOnlyWhatChanges) {
  Given given;
  given.Order(Declare(Web("preserve_n=2 max_instances=9")));
  const Reconfigure same{"web", {{"preserve_n", std::int64_t{2}}}};
  EXPECT_EQ(given.Would(same), "");
  EXPECT_EQ(given.Would(Reconfigure{"web", {}}), "");
  given.Order(
      Reconfigure{"web", {{"preserve_n", std::int64_t{2}}, {"max_instances", std::int64_t{8}}}});
  EXPECT_EQ(std::get<EpuReconfigured>(given.last_payloads()[0]).settings,
            (std::vector<Setting>{{"max_instances", std::int64_t{8}}}));
}

TEST(Reconfigure, IsRefusedAsAWhole) {
  Given given;
  given.Order(Declare(Web("preserve_n=2 max_instances=9"))).Pool("leaving", "npreserving", "");
  given.Order(Remove{"leaving"});
  const Value three = std::int64_t{3};
  const struct {
    Reconfigure change;
    std::string refusal;
  } cases[] = {
      {{"wob", {{"preserve_n", three}}}, "no EPU \"wob\""},
      {{"leaving", {{"preserve_n", three}}}, "leaving is being removed"},
      {{"web", {{"preserve_n", std::int64_t{-1}}}},
       "epus.web.config.preserve_n is -1, below its limit 0"},
      {{"web", {{"preserve_n", std::int64_t{10}}}},
       "epus.web.config.preserve_n is 10, above max_instances 9"},
      {{"web", {{"preserve_n", true}}},
       "epus.web.config.preserve_n is \"true\"; a whole number is due"},
      {{"web", {{"preserve_n", three}, {"preserve_m", three}}},
       "epus.web.config.preserve_m: npreserving has no such key; did you mean preserve_n?"},
      {{"web", {{"preserve_n", three}, {"preserve_n", std::int64_t{2}}}},
       "epus.web.config.preserve_n is given twice"},
      {{"web",
        {{"unique_instances", std::vector<UniqueInstance>{{"a", {}}, {"b", {}}, {"c", {}}}}}},
       "epus.web.config.unique_instances has 3 keys, above preserve_n 2"},
  };
  for (const auto& [change, refusal] : cases) EXPECT_EQ(given.Would(change), refusal);
}

TEST(Reconfigure, LeavesAPoolAloneWhoseEngineIsMissing) {
  Given given;
  given.Order(Declare(Web()));
  const auto refused =
      DecideReconfigure(given.state(), {"web", {{"preserve_n", std::int64_t{3}}}}, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace epu
