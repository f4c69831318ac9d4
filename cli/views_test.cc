// The samples of the manual, word for word, from a log made by hand.

#include <gtest/gtest.h>

#include "cli/describe.h"
#include "cli/history_view.h"
#include "cli/json_view.h"
#include "cli/log_search.h"
#include "cli/sample_log_for_tests.h"
#include "cli/show_view.h"
#include "cli/status_json.h"
#include "cli/status_view.h"
#include "cli/verify.h"
#include "cli/why.h"

namespace epu {
namespace {

// Made once for all tests, which only read it.
class Views : public testing::Test {
 protected:
  void SetUp() override { PutSample(sample_); }

  HandmadeLog sample_;
};

const HeardAges kHeard = {{{kCrunch, WorkerNumber{8}}, 1s},
                          {{kCrunch, WorkerNumber{9}}, 300ms},
                          {{kCrunch, WorkerNumber{10}}, 1s},
                          {{kCrunch, WorkerNumber{11}}, 20ms}};

TEST_F(Views, ShowTheStatusOfTheRun) {
  Names names(sample_.log());
  const State state = sample_.FoldTo(18184);
  const StatusFacts facts{"default", state, At(9, 13, 45, 260), &kHeard, names, Zone::kUtc};
  EXPECT_EQ(
      FormatStatus(facts, Terminal{}),
      "run default (k3f9)  at 18184, 2026-11-22 09:13:45Z  provisioner enabled  sites 1/1 answering"
      "  8 workers, 16 at most\n"
      "\n"
      "EPU     ENGINE       STATE    WORKERS  SENSOR             LAST CHANGE\n"
      "crunch  queuelen     PENDING  4/5      queue 132, 0s old  0s ago     +1: queue 132 > high "
      "water 100\n"
      "web     npreserving  STABLE   3/3      -                  2h11m ago  replaced web/2: "
      "MISSING,"
      " silent for 15s\n");
}

TEST_F(Views, ShowTheStatusOfOnePool) {
  Names names(sample_.log());
  const State state = sample_.FoldTo(18184);
  const StatusFacts facts{"default", state, At(9, 13, 45, 260), &kHeard, names, Zone::kUtc};
  EXPECT_EQ(FormatEpuStatus(facts, *FindEpu(state, "crunch"), Terminal{}),
            "crunch  queuelen  PENDING  4 running, 1 starting, 5 wanted, 1 to 8 allowed\n"
            "policy  16902  08:02:11 by ops: high 100, low 10, min 1, max 8  \"raise for the "
            "quarter end\"\n"
            "sensor  queue 132, 0s old (spool /srv/spool, every 2s)\n"
            "\n"
            "WORKER     STATE        HEALTH   SITE   MACHINE    SINCE  HEARD   WHY\n"
            "crunch/8   600-RUNNING  OK       local  pid 40121  2h40m  1s ago  15210\n"
            "crunch/9   600-RUNNING  OK       local  pid 40133  2h40m  0s ago  15216\n"
            "crunch/10  600-RUNNING  OK       local  pid 40140  31m    1s ago  16990\n"
            "crunch/11  600-RUNNING  OK       local  pid 40158  1m40s  0s ago  18101\n"
            "crunch/12  400-PENDING  UNKNOWN  local  -          0s     -       18181\n");
}

TEST_F(Views, ShowHistory) {
  Names names(sample_.log());
  const Sequence first = *FirstAt(sample_.log(), At(9, 13, 0));
  EXPECT_EQ(first, 18172u);
  const LastEvents last =
      *ReadLast(sample_.log(), {EpuName{"crunch"}, {}, ""}, {first, 18196}, 40, names);
  const HistoryColumns columns = ColumnsFor(last.events, Zone::kUtc);
  std::string text = HistoryHeading(columns);
  for (const Event& event : last.events) text += HistoryLine(event, columns, names);
  text += EarlierLine(5210, true);
  EXPECT_EQ(text,
            "SEQ    TIME (2026-11-22)  KIND      WHAT\n"
            "18172  09:13:39.118Z      reading   crunch/queue 96\n"
            "18180  09:13:45.201Z      reading   crunch/queue 132\n"
            "18181  09:13:45.201Z      decision  queuelen +1 (4 → 5): queue 132 > high water 100\n"
            "18182  09:13:45.201Z      request   crunch/12 on local\n"
            "18183  09:13:45.260Z      worker    crunch/12 200-REQUESTED → 400-PENDING\n"
            "18190  09:13:45.312Z      worker    crunch/12 400-PENDING → 500-STARTED, pid 40177\n"
            "18196  09:13:46.020Z      worker    crunch/12 500-STARTED → 600-RUNNING\n"
            "(5,210 earlier; --all shows them)\n");
}

TEST_F(Views, ShowWhenItWasTrueBesideWhenItWasRecorded) {
  Names names(sample_.log());
  HistoryColumns columns;
  columns.day = At(9, 13, 0);
  const auto line = [&](Duration age, const Payload& payload) {
    Event event{18200, At(9, 13, 45, 201), kServer, {}, {}, "", payload};
    if (auto* reading = std::get_if<ReadingTaken>(&event.payload)) reading->age = age;
    if (auto* work = std::get_if<WorkReported>(&event.payload)) work->report.age = age;
    const std::optional<Time> taken = TakenAt(event);
    EXPECT_TRUE(!taken || event.time - *taken == age);
    return HistoryLine(event, columns, names);
  };
  const ReadingTaken reading{kCrunch, kQueue, 96.0, std::nullopt, {}, ""};
  WorkReported work{kCrunch, WorkerNumber{12}, {}};
  work.report.activity = Activity::kBusy;
  const struct {
    Duration age;
    Payload payload;
    std::string line;
  } cases[] = {
      {0s, reading, "18200  09:13:45.201Z  reading  crunch/queue 96\n"},
      {999ms, reading, "18200  09:13:45.201Z  reading  crunch/queue 96\n"},
      {4min, reading,
       "18200  09:13:45.201Z  reading  crunch/queue 96, 4m old, taken 09:09:45.201Z\n"},
      {24h, reading,
       "18200  09:13:45.201Z  reading  crunch/queue 96, 1d old, taken 2026-11-21 "
       "09:13:45.201Z\n"},
      {3s, work,
       "18200  09:13:45.201Z  report  crunch/12 says: busy, 3s old, taken 09:13:42.201Z\n"},
      {4min, HealthChanged{kCrunch, WorkerNumber{12}, Health::kOk, {}, ""},
       "18200  09:13:45.201Z  health  crunch/12 OK\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(line(c.age, c.payload), c.line);
}

TEST_F(Views, ShowWhyAWorkerIsThere) {
  Names names(sample_.log());
  const Position position{18197, At(9, 14, 8, 500)};
  const absl::StatusOr<Node> root =
      ExplainWhy(sample_.log(), &FromStart, WorkerOf{"crunch", 12}, position, names, Zone::kUtc);
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(
      FormatTree(*root),
      "crunch/12 is 600-RUNNING on local (pid 40177), OK, for 22s\n"
      "├─ 18182  09:13:45.201  requested: one worker of crunch on local, token k3f9-5d1e-208\n"
      "│  └─ 18181  09:13:45.201  decided by queuelen 1: launch 1 (4 → 5)\n"
      "│     ├─ because  queue 132 > high water 100\n"
      "│     ├─ input    18180  queue 132, read 0.2s before by spool /srv/spool\n"
      "│     ├─ limits   max_instances 8 left 4; site local 16 left 9; none pending; no back-off; "
      "enabled\n"
      "│     └─ policy   16902  08:02:11 apply by ops \"raise for the quarter end\"\n"
      "├─ 18183  09:13:45.260  400-PENDING  asked of local\n"
      "├─ 18190  09:13:45.312  500-STARTED  pid 40177\n"
      "└─ 18196  09:13:46.020  600-RUNNING  first heartbeat, 0.8s after the decision\n");
}

TEST_F(Views, ShowWhyAWorkerWasReplaced) {
  Names names(sample_.log());
  const absl::StatusOr<Node> root = ExplainWhy(sample_.log(), &FromStart, WorkerOf{"web", 2},
                                               {18197, At(9, 13, 46)}, names, Zone::kUtc);
  ASSERT_TRUE(root.ok()) << root.status();
  const std::string text = FormatTree(*root);
  EXPECT_NE(text.find("web/2 is 800-TERMINATED, UNHEALTHY, its machine gone, 2h11m ago\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("├─ 16500  07:02:44.000  MISSING, silent for 15s\n"
                      "├─ 16502  07:02:44.000  700-TERMINATING  UNHEALTHY\n"
                      "│  └─ 16501  07:02:44.000  decided by npreserving 1: repair, launch 1, end "
                      "web/2 (3 → 3)\n"
                      "│     ├─ because  1 unhealthy\n"),
            std::string::npos)
      << text;
}

TEST_F(Views, AnswerWhyForEveryShapeOfReference) {
  Names names(sample_.log());
  const Position position{18197, At(9, 14, 8)};
  const std::vector<Reference> references = {
      EpuName{"crunch"}, EpuName{"web"},    WorkerOf{"crunch", 8}, SensorOf{"crunch", "queue"},
      SequenceOf{18181}, SequenceOf{18180}, SequenceOf{16902},     SequenceOf{1},
      SequenceOf{18190}, SequenceOf{16500}};
  for (const Reference& reference : references) {
    const absl::StatusOr<Node> root =
        ExplainWhy(sample_.log(), &FromStart, reference, position, names, Zone::kUtc);
    EXPECT_TRUE(root.ok()) << FormatReference(reference) << ": " << root.status();
  }
  const absl::StatusOr<Node> unknown =
      ExplainWhy(sample_.log(), &FromStart, EpuName{"crunsh"}, position, names, Zone::kUtc);
  EXPECT_EQ(unknown.status().message(), "no EPU \"crunsh\"; did you mean crunch?");
  EXPECT_FALSE(
      ExplainWhy(sample_.log(), &FromStart, WorkerOf{"crunch", 99}, position, names, Zone::kUtc)
          .ok());
  EXPECT_FALSE(
      ExplainWhy(sample_.log(), &FromStart, SequenceOf{99999}, position, names, Zone::kUtc).ok());
}

TEST_F(Views, GiveADecisionAsOneLineOfJson) {
  Names names(sample_.log());
  EXPECT_EQ(ToLine(EventJson(*ReadEvent(sample_.log(), 18181), names)),
            R"({"sequence":18181,"time":"2026-11-22T09:13:45.201000Z","kind":"decision",)"
            R"("epu":"crunch","actor":"epud","engine":"queuelen","engine_version":1,"launches":1,)"
            R"("retirements":[],"wanted":5,"reason":"queue 132 > high water 100",)"
            R"("constraints":[{"kind":"high_water","value":132,"limit":100,"until":null}],)"
            R"("inputs":[18180],"policy":16902,"cause":"scaling","size":4,"command":null,)"
            R"("note":null})");
}

TEST_F(Views, ShowOneEventWhole) {
  Names names(sample_.log());
  const absl::StatusOr<ShownEvent> shown = ReadToShow(sample_.log(), 18181, 18197, names);
  ASSERT_TRUE(shown.ok()) << shown.status();
  const std::string text = FormatShown(*shown, names, Zone::kUtc);
  for (const std::string line : {
           "18181  queuelen +1 (4 → 5): queue 132 > high water 100\n",
           "place           1 of 2 in its command\n",
           "from  18180  09:13:45.201  reading  crunch/queue 132\n",
           "from  16902  08:02:11.000  policy  crunch queuelen: high 100, low 10, min 1, max 8  "
           "\"raise for the quarter end\"\n",
           "then  18182  09:13:45.201  request  crunch/12 on local\n",
           "then  18196  09:13:46.020  worker  crunch/12 500-STARTED → 600-RUNNING\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(ReadToShow(sample_.log(), 18181, 18183, names)->effects.size(), 2u)
      << "what followed up to then";
  EXPECT_EQ(ReadToShow(sample_.log(), 18181, 18180, names).status().code(),
            absl::StatusCode::kNotFound)
      << "it had not happened yet";
  EXPECT_EQ(ReadToShow(sample_.log(), 18198, 18198, names).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Views, GiveTheStatusAsJson) {
  Names names(sample_.log());
  const State state = sample_.FoldTo(18184);
  const StatusFacts facts{"default", state, At(9, 13, 45, 260), &kHeard, names, Zone::kUtc};
  const Json json = StatusJson(facts);
  EXPECT_EQ(ToLine(json["sites"]),
            R"([{"name":"local","driver":"process","max_workers":16,"workers":8,"enabled":true,)"
            R"("answering":true,"error":null}])");
  EXPECT_EQ(
      ToLine(json["epus"][0]["workers"][4]),
      R"({"name":"crunch/12","state":"400-PENDING","since":"2026-11-22T09:13:45.260000Z",)"
      R"("reason":null,"detail":null,"health":"UNKNOWN","health_detail":null,"heard_s":null,)"
      R"("site":"local","machine":null,"presence":"opened","token":"k3f9-5d1e-208",)"
      R"("unique_key":null,"requested":"2026-11-22T09:13:45.201000Z","request":18182,)"
      R"("decision":18181,"policy":16902,"drain_until":null,"activity":"unknown","doing":null,)"
      R"("metrics":{},"report_error":null,"report_age_s":null})");
  EXPECT_EQ(ToLine(json["epus"][0]["sensors"]),
            R"([{"name":"crunch/queue","sequence":18180,"value":132,"absent":false,"error":null,)"
            R"("in_progress":null,"age_s":0.259,"usable":true,"source":"spool /srv/spool",)"
            R"("every_s":2.0}])");
}

TEST_F(Views, SayWhatIsNotAsItShouldBe) {
  Names names(sample_.log());
  State state = sample_.FoldTo(18184);
  state.enabled = false;
  state.sites.at(kLocalSite).answering = false;
  state.sites.at(kLocalSite).error = "Permission\x1b denied";
  Epu& crunch = state.epus.at(kCrunch);
  crunch.back_off = {3, 18184, At(9, 13, 40), At(9, 14, 45, 260)};
  crunch.dev_mode_failure = WorkerNumber{9};
  crunch.engine_error = "no sensor";
  crunch.engine_error_since = At(9, 13, 15, 260);
  const StatusFacts facts{"default", state, At(9, 17, 45, 260), nullptr, names, Zone::kUtc};
  EXPECT_EQ(SensorText(crunch, crunch.sensors.at(kQueue), facts.now),
            "queue 132, 4m old (limit 30s)");
  EXPECT_EQ(FindTroubles(facts),
            (std::vector<std::string>{
                "launching is disabled", "local does not answer: Permission\\x1b denied",
                "crunch is DEVMODE_FAILED", "crunch cannot be decided for: no sensor",
                "crunch: queue 132, 4m old (limit 30s)"}));
  crunch.sensors.at(kQueue).latest.measure = Broken{"exit 1"};
  crunch.sensors.at(kQueue).latest.age = 0s;
  crunch.sensors.at(kQueue).latest.recorded = facts.now;
  EXPECT_EQ(SensorText(crunch, crunch.sensors.at(kQueue), facts.now),
            "queue broken: exit 1, 0s old");
  crunch.sensors.at(kQueue).latest = {};
  EXPECT_EQ(SensorText(crunch, crunch.sensors.at(kQueue), facts.now), "queue absent");
}

TEST_F(Views, SayThatNothingIsWrongWhereNothingIs) {
  Names names(sample_.log());
  State state = sample_.FoldTo(18197);
  const StatusFacts facts{"default", state, At(9, 13, 47), nullptr, names, Zone::kUtc};
  EXPECT_EQ(FindTroubles(facts), std::vector<std::string>{});
}

// ---- Finding ----

TEST_F(Views, FindTimesAndSequences) {
  const MemoryLog& log = sample_.log();
  EXPECT_EQ(*FirstAt(log, At(0, 0, 0)), 1u);
  EXPECT_EQ(*FirstAt(log, At(9, 13, 46, 20)), 18196u);
  EXPECT_EQ(*FirstAt(log, At(10, 0, 0)), 18198u);
  EXPECT_EQ(Resolve(log, At(9, 13, 45, 300))->sequence, 18189u);
  EXPECT_EQ(Resolve(log, Sequence{18181})->time, At(9, 13, 45, 201));
  EXPECT_EQ(Resolve(log, Sequence{18198}).status().message(),
            "there is no event 18198 yet; the last is 18197");
  EXPECT_FALSE(Resolve(log, At(5, 0, 0)).ok());
}

TEST_F(Views, FindEventsByWhatTheyAreAbout) {
  Names names(sample_.log());
  struct Case {
    EventFilter filter;
    Sequence last;
    std::uint64_t count;
  };
  const std::vector<Case> cases = {
      {{WorkerOf{"crunch", 12}, {}, ""}, 18197, 5},
      {{SensorOf{"crunch", "queue"}, {}, ""}, 18180, 2},
      {{SequenceOf{18182}, {}, ""}, 18182, 2},
      {{EpuName{"web"}, {12}, ""}, 16501, 4},
      {{std::nullopt, {}, "ops"}, 16902, 1},
      {{EpuName{"nobody"}, {}, ""}, 0, 0},
      {{std::nullopt, {}, ""}, 18197, 18197},
  };
  for (const Case& c : cases) {
    const LastEvents last = *ReadLast(sample_.log(), c.filter, {1, 18197}, 1, names);
    EXPECT_EQ(last.events.empty() ? 0 : last.events.back().sequence, c.last);
    EXPECT_EQ(last.events.size() + last.earlier, c.count);
    std::uint64_t forward = 0;
    SequenceRange range{1, 18197};
    while (range.first <= range.last) {
      const NextEvents next = *ReadNext(sample_.log(), c.filter, range, names);
      forward += next.events.size();
      range.first = next.next;
    }
    EXPECT_EQ(forward, c.count);
  }
}

// ---- Verifying ----

TEST_F(Views, VerifyAWholeLogAndNameADamagedRecord) {
  Sequence told = 0;
  const Verified whole = Verify(sample_.log(), [&](Sequence done, Sequence) { told = done; });
  EXPECT_TRUE(whole.fault.ok()) << whole.fault;
  EXPECT_EQ(whole.events, 18197u);
  EXPECT_EQ(told, 18197u);

  sample_.log().TEST_FlipBit(18181, 99);
  const Verified damaged = Verify(sample_.log(), [](Sequence, Sequence) {});
  EXPECT_EQ(damaged.events, 18180u);
  EXPECT_EQ(damaged.fault.code(), absl::StatusCode::kDataLoss);
  const std::string message(damaged.fault.message());
  EXPECT_EQ(message.find("damaged at 18181: stored checksum "), 0u) << message;
  EXPECT_NE(message.find("; 18180 and before are whole"), std::string::npos) << message;
}

TEST(Verify, FindsATimeThatGoesBack) {
  HandmadeLog log;
  log.Put(1, At(9, 0, 0), RunLimited{64});
  log.Put(2, At(8, 0, 0), RunLimited{65});
  const Verified verified = Verify(log.log(), [](Sequence, Sequence) {});
  EXPECT_EQ(verified.fault.message(),
            "damaged at 2: its time 2026-11-22T08:00:00.000000Z is before that of 1, "
            "2026-11-22T09:00:00.000000Z; 1 and before are whole");
}

}  // namespace
}  // namespace epu
