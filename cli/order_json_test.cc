#include "cli/order_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/world_for_tests.h"

namespace epu {
namespace {

constexpr std::string_view kPools = R"(version: 1
sites: {local: {driver: process, max_workers: 16}}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 2}
    worker: {site: local, command: [/bin/w]}
  crunch:
    engine: queuelen
    config: {sensor: queue, queuelen_high_water: 100, queuelen_low_water: 10}
    sensors: {queue: {}}
    worker: {site: local, command: [/bin/w]}
)";

class OrderJson : public testing::Test {
 protected:
  OrderJson() { world_.Apply(kPools); }

  ParsedOrder Parse(std::string_view text) {
    return ParseOrder(text, world_.view().state, world_.catalog());
  }

  // "LINE:COLUMN: what", a line each; empty where it is an order.
  std::string FaultsOf(std::string_view text) {
    std::string lines;
    for (const ConfigFault& fault : Parse(text).faults) {
      lines += (lines.empty() ? "" : "\n") + FormatFault("f", fault).substr(2);
    }
    return lines;
  }

  World world_;
};

TEST_F(OrderJson, ReadsEveryOrderOfPeople) {
  using std::chrono::hours;
  using std::chrono::seconds;
  const struct {
    std::string text;
    Order order;
  } cases[] = {
      {R"({"apply": {"version": 1, "max_workers": 9, "prune": true, "basis": 12}})",
       Apply{9, {}, {}, true, 12}},
      {R"({"apply": {"version": 1, "max_workers": null, "basis": null}})", Apply{}},
      {R"({"apply": {"version": 1, "sites": {"x": {"driver": "process", "max_workers": 3}}}})",
       Apply{{}, {{"x", "process", 3, ""}}, {}}},
      {R"({"reconfigure": {"epu": "web", "settings": {"preserve_n": 3}}})",
       Reconfigure{"web", {{"preserve_n", std::int64_t{3}}}}},
      {R"({"reconfigure": {"epu": "crunch", "settings": {"reading_age_max": "30s"}}})",
       Reconfigure{"crunch", {{"reading_age_max", Duration(seconds(30))}}}},
      {R"({"reconfigure": {"epu": "web", "settings": {"unique_instances": {"a": {"X": "1"}},
           "devmode_no_failure_compensation": true}}})",
       Reconfigure{"web",
                   {{"unique_instances", std::vector<UniqueInstance>{{"a", {{"X", "1"}}}}},
                    {"devmode_no_failure_compensation", true}}}},
      {R"({"kill": {"workers": ["web/1", "crunch/2"]}})", Kill{{{"web", 1}, {"crunch", 2}}}},
      {R"({"kill_some": {"epu": "web", "count": 2}})", KillSome{"web", 2}},
      {R"({"remove": {"epu": "web"}})", Remove{"web"}},
      {R"({"switch_launching": {"enabled": false}})", SwitchLaunching{"", false}},
      {R"({"switch_launching": {"enabled": true, "site": "local"}})",
       SwitchLaunching{"local", true}},
      {R"({"end_run": {}})", EndRun{}},
      {R"({"put_reading": {"sensor": "crunch/queue", "value": -1.5e2, "age": "10s",
           "in_progress": 2, "source": "cron"}})",
       PutReading{"crunch", "queue", -150.0, 2.0, seconds(10), "cron"}},
      {R"({"put_reading": {"sensor": "crunch/queue", "absent": true}})",
       PutReading{"crunch", "queue", Absent{}, {}, {}, ""}},
      {R"({"put_reading": {"sensor": "crunch/queue", "broken": "exit 1", "absent": false}})",
       PutReading{"crunch", "queue", Broken{"exit 1"}, {}, {}, ""}},
      {R"({"pause": {"epu": "web"}})", PauseScaling{"web", true, true, {}}},
      {R"({"pause": {"epu": "web", "out": true, "for": "2h"}})",
       PauseScaling{"web", true, false, Duration(hours(2))}},
      {R"({"resume": {"epu": "web", "in": true}})", ResumeScaling{"web", false, true}},
      {R"({"adopt": {"machines": ["k3f9-5d1e-208"]}})", Adopt{{"k3f9-5d1e-208"}}},
      {R"({"collect": {"machines": ["a-1-1", "a-1-2"]}})", Collect{{"a-1-1", "a-1-2"}}},
  };
  std::set<std::string> read;
  for (const auto& [text, order] : cases) {
    const ParsedOrder parsed = Parse(text);
    EXPECT_EQ(FaultsOf(text), "") << text;
    EXPECT_EQ(parsed.order, order) << text;
    read.insert(parsed.name);
  }
  EXPECT_EQ(read.size(), OrderShapes().size());
}

TEST_F(OrderJson, ReadsADefinitionAsAFileDoes) {
  const ParsedOrder parsed = Parse(R"({"apply": {"version": 1, "epus": {"thumbs": {
    "engine": "npreserving", "config": {"preserve_n": 2},
    "sensors": {"load": {"exec": ["load-of"], "every": "30s", "timeout": "2s"}},
    "worker": {"site": "local", "command": ["/bin/w", "60"], "environment": {"A": "1"},
               "stop_grace": "3s"},
    "health": {"monitor": false, "boot_timeout": "1m"}}}}})");
  const ParsedConfig file = ParseConfig(
      "version: 1\nepus: {thumbs: {engine: npreserving, config: {preserve_n: 2}, sensors: {load: "
      "{exec: [load-of], every: 30s, timeout: 2s}}, worker: {site: local, command: [/bin/w, "
      "\"60\"], environment: {A: \"1\"}, stop_grace: 3s}, health: {monitor: false, boot_timeout: "
      "1m}}}\n",
      world_.catalog(), {"local"});
  ASSERT_TRUE(file.faults.empty());
  EXPECT_EQ(parsed.order, Order(file.apply));
}

TEST_F(OrderJson, RefusesWithEveryFaultAndItsPlace) {
  const struct {
    std::string text;
    std::string faults;
  } cases[] = {
      {"", "1:1: no JSON: it ends where a value is due"},
      {"null", "1:1: the file is empty; a map (key: value) is due"},
      {"[]", "1:1: the file is a list; a map (key: value) is due"},
      {"{}", "1:1: an object of 0 members; one is due, the command"},
      {R"({"remove": {"epu": "web"}, "end_run": {}})",
       "1:1: an object of 2 members; one is due, the command"},
      {R"({"paus": {"epu": "web"}})", "1:2: paus: submit has no such key; did you mean pause?"},
      {R"({"report_worker": {}})",
       "1:2: report_worker: submit has no such key; it has apply, reconfigure, kill, kill_some, "
       "remove, switch_launching, end_run, put_reading, pause, resume, adopt, collect"},
      {R"({"remove": {}})", "1:2: remove.epu is missing; remove needs it"},
      {R"({"remove": {"epu": null}})", "1:2: remove.epu is missing; remove needs it"},
      {R"({"remove": "web"})", "1:2: remove is a single value; a map (key: value) is due"},
      {R"({"remove": {"epu": "wep"}})", "1:20: remove.epu: no EPU \"wep\"; did you mean web?"},
      {R"({"remove": {"epu": 7}})", "1:20: remove.epu is 7; text in quotes is due"},
      {R"({"remove": {"epu": "web", "epu": "web"}})",
       "1:27: remove.epu is given twice (first in line 1); remove one"},
      {R"({"kill": {"workers": []}})",
       "1:11: kill.workers: a list of workers is due, [\"crunch/12\"]"},
      {R"({"kill": {"workers": ["web", 3, "web/1"]}})",
       "1:23: kill.workers[0] is \"web\"; a worker like crunch/12 is due\n"
       "1:30: kill.workers[1] is 3; text in quotes is due"},
      {R"({"collect": {"machines": "a-1-1"}})",
       "1:14: collect.machines: a list of machines is due, [\"k3f9-5d1e-208\"]"},
      {R"({"adopt": {"machines": [7]}})", "1:25: adopt.machines[0] is 7; text in quotes is due"},
      {R"({"kill_some": {"epu": "web", "count": 0}})",
       "1:39: kill_some.count is 0; 1 to 10000 is due"},
      {R"({"kill_some": {"epu": "web", "count": "2"}})",
       "1:39: kill_some.count is \"2\" in quotes, which makes it text; a whole number is due"},
      {R"({"kill_some": {"epu": "web", "count": 2.5}})",
       "1:39: kill_some.count: \"2.5\" is no whole number"},
      {R"({"switch_launching": {"site": "local"}})",
       "1:2: switch_launching.enabled is missing; switch_launching needs it"},
      {R"({"switch_launching": {"enabled": "false"}})",
       "1:34: switch_launching.enabled is \"false\" in quotes, which makes it text; true or false "
       "is due"},
      {R"({"pause": {"epu": "web", "for": 7200}})",
       "1:33: pause.for is 7200; a duration like 10s in quotes is due"},
      {R"({"pause": {"epu": "web", "for": "0s"}})", "1:33: pause.for is 0s; 1ms to 366d is due"},
      {R"({"pause": {"epu": "web", "for": "400d"}})",
       "1:33: pause.for is 400d; 1ms to 366d is due"},
      {R"({"put_reading": {"sensor": "crunch/queue"}})",
       "1:2: put_reading has 0 of value, absent and broken; one is due"},
      {R"({"put_reading": {"sensor": "crunch", "value": 1, "absent": true}})",
       "1:2: put_reading has 2 of value, absent and broken; one is due\n"
       "1:28: put_reading.sensor: \"crunch\" is no sensor; write EPU/SENSOR: crunch/queue"},
      {R"({"put_reading": {"sensor": "crunch/queue", "value": 1e999}})",
       "1:53: put_reading.value: \"1e999\" is beyond what a number can hold"},
      {R"({"reconfigure": {"epu": "web", "settings": {"preserve_m": 1, "max_instances": "9"}}})",
       "1:45: epus.web.config.preserve_m: npreserving has no such key; did you mean preserve_n?\n"
       "1:79: epus.web.config.max_instances is \"9\" in quotes, which makes it text; a whole "
       "number is due"},
      {R"({"apply": {"epus": {"web": {"engine": "npreserving"}}, "basis": -1}})",
       "1:2: version is missing; a configuration needs it\n"
       "1:21: epus.web.worker is missing; an EPU needs it\n"
       "1:65: basis is -1; 0 to 9223372036854775807 is due"},
      {R"({"apply": {"version": 1, "sites": {"x": {"driver": "process", "max_workers": 0}}}})",
       "1:78: sites.x.max_workers is 0; 1 to 10000 is due"},
  };
  for (const auto& [text, faults] : cases) EXPECT_EQ(FaultsOf(text), faults) << text;
}

TEST_F(OrderJson, EveryExampleOfTheSchemaIsAnOrder) {
  for (const OrderShape& shape : OrderShapes()) {
    const ParsedOrder parsed = Parse(shape.example);
    EXPECT_EQ(FaultsOf(shape.example), "") << shape.example;
    EXPECT_EQ(parsed.name, shape.name);
  }
}

TEST_F(OrderJson, EveryOrderIsThereOrIsNotPeoples) {
  std::set<std::size_t> seen;
  for (const OrderShape& shape : OrderShapes()) {
    if (const auto order = Parse(shape.example).order) seen.insert(order->index());
  }
  // Those of sites, agents and the server itself.
  for (const Order& order :
       {Order(StartServer{}), Order(NoteClock{}), Order(ReportWorker{}), Order(ReportMachine{}),
        Order(ReportHealth{}), Order(ReportSite{}), Order(Review{}), Order(NoteDenied{}),
        Order(ReportWork{}), Order(ReportStranger{}), Order(NoteDisk{}), Order(ReportShadow{}),
        Order(PlanLaunch{}), Order(BeginWalk{}), Order(EndWalk{}), Order(BeginStep{}),
        Order(EndStep{}), Order(NoteLines{})}) {
    EXPECT_TRUE(seen.insert(order.index()).second) << OrderName(order);
  }
  EXPECT_EQ(seen.size(), std::variant_size_v<Order>);
}

TEST_F(OrderJson, RemembersWhereTheServersRefusalPoints) {
  const ParsedOrder parsed =
      Parse(R"({"reconfigure": {"epu": "web", "settings": {"preserve_n": 65}}})");
  const std::vector<ConfigFault> faults =
      LocateFaults("epus.web.config.preserve_n is 65, above max_instances 64", {}, parsed.marks);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].mark, (YamlMark{1, 59}));
}

}  // namespace
}  // namespace epu
