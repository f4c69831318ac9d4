#include "cli/describe.h"

#include <gtest/gtest.h>

#include "cli/constraint_text.h"
#include "cli/json_view.h"
#include "cli/sample_log_for_tests.h"

namespace epu {
namespace {

constexpr WorkerNumber kTwelve{12};

// Every payload, with its line in history and its own fields in JSON.
struct Case {
  Payload payload;
  std::string text;
  std::string json;  // Between "actor" and "command".
};

std::vector<Case> EveryKind() {
  DecisionMade cut{kCrunch, DecisionCause::kScaling, "queuelen", 1, 4, 9, 2, {}, {}, {18180},
                   16902};
  cut.constraints = {{ConstraintKind::kHighWater, 132, 100, std::nullopt},
                     {ConstraintKind::kMaxInstances, 9, 6, std::nullopt}};
  return {
      {ServerStarted{"k3f9", 0x5d1e, "host", 4127, "/log"},
       "epud began on host, pid 4127, epoch 5d1e",
       R"("log_id":"k3f9","epoch":"5d1e","host":"host","pid":4127,"path":"/log")"},
      {ClockDiffered{-61s}, "the wall clock is 1m1s behind recorded time",
       R"("difference_s":-61.0)"},
      {ActorIntroduced{1000, "ops"}, "ops, user 1000", R"("user_id":1000,"name":"ops")"},
      {RunLimited{64}, "at most 64 workers in the run", R"("max_workers":64)"},
      {SiteDefined{kLocalSite, {"local", "process", 16, ""}}, "local process, at most 16 workers",
       R"("site":"local","definition":{"name":"local","driver":"process","max_workers":16,)"
       R"("credentials":null})"},
      {SiteAnswered{kLocalSite, false, "Permission\x1b denied"},
       "local does not answer: Permission\\x1b denied",
       R"("site":"local","answering":false,"error":"Permission\u001b denied")"},
      {LaunchingSwitched{SiteNumber{}, false}, "launching disabled",
       R"("site":null,"enabled":false)"},
      {LaunchingSwitched{kLocalSite, true}, "launching enabled at local",
       R"("site":"local","enabled":true)"},
      {EpuReconfigured{
           kCrunch,
           {{"queuelen_high_water", std::int64_t{80}}, {"reading_age_max", Duration(90s)}}},
       "crunch queuelen_high_water=80 reading_age_max=90s",
       R"("settings":{"queuelen_high_water":80,"reading_age_max_s":90.0})"},
      {EpuReconfigured{kCrunch,
                       {{"zone", TimeZone{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"}},
                        {"schedule", Schedule{{0x1F, 480, 6}, {0x60, 0, 0}}}}},
       "crunch zone=Europe/Berlin (CET-1CEST,M3.5.0,M10.5.0/3) "
       "schedule=mon-fri@08:00=6,sat+sun@00:00=0",
       R"("settings":{"zone":{"name":"Europe/Berlin","rule":"CET-1CEST,M3.5.0,M10.5.0/3"},)"
       R"("schedule":[{"days":"mon-fri","at":"08:00","count":6},)"
       R"({"days":"sat+sun","at":"00:00","count":0}]})"},
      {RemovalBegun{kCrunch}, "crunch is being drained", ""},
      {EpuRemoved{kCrunch}, "crunch has no worker left and is forgotten", ""},
      {ReadingTaken{kCrunch, kQueue, 132.5, 4.0, 15s, "spool /srv/spool"},
       "crunch/queue 132.5, 4 in progress, 15s old",
       R"("sensor":"crunch/queue","value":132.5,"absent":false,"error":null,"in_progress":4,)"
       R"("age_s":15.0,"source":"spool /srv/spool","taken":"2026-11-22T08:59:45.000000Z")"},
      {ReadingTaken{kCrunch, kQueue, Absent{}, std::nullopt, 0s, ""}, "crunch/queue absent",
       R"("sensor":"crunch/queue","value":null,"absent":true,"error":null,"in_progress":null,)"
       R"("age_s":0.0,"source":null,"taken":"2026-11-22T09:00:00.000000Z")"},
      {ReadingTaken{kCrunch, kQueue, Broken{"exit 1"}, std::nullopt, 0s, ""},
       "crunch/queue broken: exit 1",
       R"("sensor":"crunch/queue","value":null,"absent":false,"error":"exit 1",)"
       R"("in_progress":null,"age_s":0.0,"source":null,"taken":"2026-11-22T09:00:00.000000Z")"},
      {cut, "queuelen +2 (4 → 9): queue 132 > high water 100; 9 machines wanted, max_instances 6",
       R"("engine":"queuelen","engine_version":1,"launches":2,"retirements":[],"wanted":9,)"
       R"("reason":"queue 132 > high water 100","constraints":[{"kind":"high_water","value":132,)"
       R"("limit":100,"until":null},{"kind":"max_instances","value":9,"limit":6,"until":null}],)"
       R"("inputs":[18180],"policy":16902,"cause":"scaling","size":4)"},
      {EngineErrorChanged{kCrunch, "no sensor"}, "crunch cannot be decided for: no sensor",
       R"("error":"no sensor")"},
      {EngineErrorChanged{kCrunch, ""}, "crunch is decided for again", R"("error":null)"},
      {DevModeFailed{kCrunch, kTwelve}, "crunch/12 failed, and is not replaced in development mode",
       ""},
      {WorkerRequested{kCrunch, kTwelve, kLocalSite, {0x5d1e, 208}, "leader", 16902},
       "crunch/12 (leader) on local",
       R"("site":"local","token":"k3f9-5d1e-208","unique_key":"leader","policy":16902)"},
      {WorkerChanged{kCrunch, kTwelve, WorkerState::kPending, WorkerState::kFailed,
                     Reason::kIaasFull, "no room", ""},
       "crunch/12 400-PENDING → 900-FAILED, IAAS_FULL: no room",
       R"("from":"400-PENDING","to":"900-FAILED","reason":"IAAS_FULL","detail":"no room",)"
       R"("machine":null)"},
      {MachineChanged{kCrunch, kTwelve, Presence::kGone, "pid 40177"}, "crunch/12 pid 40177 gone",
       R"("to":"gone","machine":"pid 40177")"},
      {HealthChanged{kCrunch, kTwelve, Health::kMissing, 15s, ""},
       "crunch/12 MISSING, silent for 15s", R"("to":"MISSING","silence_s":15.0,"detail":null)"},
      {HealthChanged{kCrunch, kTwelve, Health::kProcessError, 0s, "exit 1\nboom"},
       "crunch/12 PROCESS_ERROR: exit 1\\nboom",
       R"("to":"PROCESS_ERROR","silence_s":0.0,"detail":"exit 1\nboom")"},
      {WorkReported{kCrunch,
                    kTwelve,
                    {Activity::kBusy, "photo\x1b.jpg", {{"load", 0.5}, {"todo", 7}}, "", 3s}},
       "crunch/12 says: busy, photo\\x1b.jpg, load 0.5, todo 7, 3s old",
       R"("activity":"busy","doing":"photo\u001b.jpg","metrics":{"load":0.5,"todo":7},)"
       R"("report_error":null,"report_age_s":3.0,"taken":"2026-11-22T08:59:57.000000Z")"},
      {WorkReported{kCrunch, kTwelve, {Activity::kUnknown, "", {}, "line 1: no", 0s}},
       "crunch/12 says: unknown, unreadable: line 1: no",
       R"("activity":"unknown","doing":null,"metrics":{},"report_error":"line 1: no",)"
       R"("report_age_s":0.0,"taken":"2026-11-22T09:00:00.000000Z")"},
      {DrainBegun{kCrunch, kTwelve, Reason::kRetired, At(9, 14, 45)},
       "crunch/12 is to take no further work, RETIRED; it ends when idle, at 09:14:45.000Z at the "
       "latest",
       R"("reason":"RETIRED","until":"2026-11-22T09:14:45.000000Z")"},
      {StrangerChanged{kLocalSite, {0x77aa, 3}, "pid 7", StrangerFate::kUndecided},
       "k3f9-77aa-3 (pid 7 on local) is from another history of this log, and left alone",
       R"("site":"local","token":"k3f9-77aa-3","machine":"pid 7","to":"undecided")"},
      {StrangerChanged{kLocalSite, {0x77aa, 3}, "pid 7", StrangerFate::kCollected},
       "k3f9-77aa-3 (pid 7 on local) is collected: to be ended",
       R"("site":"local","token":"k3f9-77aa-3","machine":"pid 7","to":"collected")"},
      {ShadowDecided{kCrunch,
                     "eager",
                     "queuelen",
                     1,
                     9,
                     2,
                     3,
                     {{ConstraintKind::kHighWater, 132, 50, std::nullopt}},
                     {},
                     5,
                     ""},
       "shadow eager (queuelen) 2 → 3: reading 132 > high water 50",
       R"("shadow":"eager","engine":"queuelen","engine_version":1,"basis":9,"size":2,"wanted":3,)"
       R"("constraints":[{"kind":"high_water","value":132,"limit":50,"until":null}],"inputs":[],)"
       R"("policy":5,"error":null)"},
      {ShadowDecided{kCrunch, "eager", "queuelen", 1, 9, 2, 2, {}, {}, 5, "no such key"},
       "shadow eager (queuelen) does not decide: no such key",
       R"("shadow":"eager","engine":"queuelen","engine_version":1,"basis":9,"size":2,"wanted":2,)"
       R"("constraints":[],"inputs":[],"policy":5,"error":"no such key")"},
      {PlanRead{"/p/main.conf", {{"scope", "run7", false}, {"password", "k", true}}},
       "plan /p/main.conf read",
       R"("plan":"/p/main.conf","globals":{"scope":"run7","password":{"secret":"k"}})"},
      {WalkBegun{WalkKind::kRepair}, "repair begins", R"("walk":"repair")"},
      {WalkEnded{WalkKind::kRepair, WalkEnd::kFailed}, "repair failed",
       R"("walk":"repair","end":"failed")"},
      {ServiceDropped{ServiceNumber{7}}, "#7 is in the plan no more", R"("service":"#7")"},
      {StepBegun{ServiceNumber{7}, 2, ServiceStep::kMachine, {0x5d1e, 4}},
       "#7 machine begins (attempt 2)",
       R"("service":"#7","attempt":2,"step":"machine","token":"k3f9-5d1e-4")"},
      {StepBegun{ServiceNumber{7}, 1, ServiceStep::kReady, {}}, "#7 ready program begins",
       R"("service":"#7","attempt":1,"step":"ready","token":null)"},
      {StepEnded{ServiceNumber{7},
                 1,
                 ServiceStep::kBoot,
                 true,
                 "",
                 "",
                 "",
                 {{"port", "5672", false}, {"password", "k", true}}},
       "#7 boot program done, port=5672, password=(secret)",
       R"("service":"#7","attempt":1,"step":"boot","succeeded":true,"error":null,)"
       R"("machine":null,"host":null,"attributes":{"port":"5672","password":{"secret":"k"}})"},
      {StepEnded{ServiceNumber{7}, 1, ServiceStep::kMachine, true, "", "pid 9", "127.0.0.1", {}},
       "#7 machine done, pid 9 at 127.0.0.1",
       R"("service":"#7","attempt":1,"step":"machine","succeeded":true,"error":null,)"
       R"("machine":"pid 9","host":"127.0.0.1","attributes":{})"},
      {StepEnded{ServiceNumber{7}, 1, ServiceStep::kEnd, false, "denied\n", "", "", {}},
       "#7 ending failed: denied\\n",
       R"("service":"#7","attempt":1,"step":"end","succeeded":false,"error":"denied\n",)"
       R"("machine":null,"host":null,"attributes":{})"},
      {LineHarvested{"provisioner", "new_node", "u-1", At(9, 0, 0), R"({"iaas_id":"i-1"})",
                     "broker"},
       R"(provisioner new_node {"iaas_id":"i-1"}, in the log of broker)",
       R"("source":"provisioner","name":"new_node","key":"u-1",)"
       R"("said":"2026-11-22T09:00:00.000000Z","extra":{"iaas_id":"i-1"},"origin":"broker")"},
      {DiskFilled{true}, "the disk is full: only what ends things is recorded", R"("full":true)"},
      {DiskFilled{false}, "there is room on the disk again", R"("full":false)"},
      {CommandDenied{"submit by uid 7"}, "no right: submit by uid 7",
       R"("what":"submit by uid 7")"},
  };
}

class Describing : public testing::Test {
 protected:
  void SetUp() override { PutSample(sample_); }
  HandmadeLog sample_;
};

TEST_F(Describing, PutsEveryKindIntoWords) {
  Names names(sample_.log());
  for (const Case& c : EveryKind()) {
    const Event event{20000, At(9, 0, 0), kServer, {}, {}, "", c.payload};
    EXPECT_EQ(Describe(event, names, Zone::kUtc), c.text);
  }
}

TEST_F(Describing, GivesEveryKindAsJson) {
  Names names(sample_.log());
  for (const Case& c : EveryKind()) {
    const Event event{20000, At(9, 0, 0), kOps, {0x7f3a9c01b2d4, 1}, {}, "night batch", c.payload};
    const std::string line = ToLine(EventJson(event, names));
    const std::string begin = R"("actor":"ops",)";
    const std::string end = R"("command":"7f3a9c01b2d4-1","note":"night batch"})";
    const std::string middle = c.json.empty() ? "" : c.json + ",";
    EXPECT_NE(line.find(begin + middle + end), std::string::npos) << line;
  }
}

TEST_F(Describing, ShowsTheNoteOfItsAuthor) {
  Names names(sample_.log());
  const Event event{20000, At(9, 0, 0), kOps, {}, {}, "night\x1b batch", RunLimited{64}};
  EXPECT_EQ(Describe(event, names, Zone::kUtc),
            "at most 64 workers in the run  \"night\\x1b batch\"");
}

TEST_F(Describing, HasWordsForEveryConstraint) {
  const Time until = At(9, 14, 45);
  const std::vector<std::string> expected = {
      "preserve_n 5",
      "3 of 5 unique instances are there",
      "queue 3 > high water 5",
      "queue 3 < low water 5",
      "queue 3 and no worker",
      "size 3 < min_instances 5",
      "the last worker stays while 3 are waiting or in progress",
      "3 pending",
      "queue absent",
      "queue broken",
      "queue 3s old (limit 5s)",
      "3 machines wanted, max_instances 5",
      "3 machines wanted at the site, its max_workers 5",
      "3 machines wanted in the run, its max_workers 5",
      "back-off after 3 failed launches until 09:14:45.000Z",
      "launching is disabled",
      "launching is disabled at the site",
      "3 unhealthy",
      "3 of 5 workers left",
      "3 at once, a review's limit 5",
      "decided on that reading before",
      "scheduled 5 until 2026-11-22 09:14:45Z",
      "3 wanted, scaling is paused at 5 until 09:14:45.000Z",
      "queue 3 needs 5 workers",
      "queue 3 > scale_up_threshold 5",
      "queue 3 < scale_down_threshold 5",
      "cooling down until 09:14:45.000Z",
      "3 of 5 workers report",
  };
  EXPECT_EQ(expected.size(), static_cast<std::size_t>(ConstraintKind::kReporting) + 1);
  for (std::size_t kind = 0; kind < expected.size(); ++kind) {
    const Constraint constraint{static_cast<ConstraintKind>(kind), 3, 5, until};
    EXPECT_EQ(ConstraintText(constraint, "queue", Zone::kUtc), expected[kind]);
  }
}

TEST(DescribingReports, ADecisionOnWhatWorkersReportNamesTheNumber) {
  HandmadeLog log;
  EpuDefinition fleet;
  fleet.name = "fleet";
  fleet.engine = "sensor";
  fleet.settings = {{"metric", std::string("load")},
                    {"sensor", std::string()},
                    {"scale_up_threshold", 0.8},
                    {"cooldown_period", Duration(5min)}};
  log.Put(5, At(9, 0, 0), EpuDefined{kCrunch, fleet});
  const WorkReport report{Activity::kBusy, "", {{"load", 1.0}}, "", 1s};
  log.Put(7, At(9, 0, 1), WorkReported{kCrunch, kTwelve, report});
  log.Put(8, At(9, 0, 2), EpuReconfigured{kCrunch, {{"cooldown_period", Duration(1min)}}});
  DecisionMade decision{kCrunch, DecisionCause::kScaling, "sensor", 1, 3, 4, 1, {}, {}, {7}, 5};
  decision.constraints = {{ConstraintKind::kAboveThreshold, 2.2 / 3, 0.7, std::nullopt},
                          {ConstraintKind::kReporting, 1, 3, std::nullopt}};
  Names names(log.log());
  EXPECT_EQ(DecisionText(decision, names, Zone::kUtc),
            "sensor +1 (3 → 4): average load 0.7333333333 > scale_up_threshold 0.7; 1 of 3 workers "
            "report");
  decision.policy = 8;
  EXPECT_EQ(ReasonText(decision, names, Zone::kUtc),
            "average load 0.7333333333 > scale_up_threshold 0.7")
      << "as the policy before said";
  log.Put(9, At(9, 0, 3), EpuReconfigured{kCrunch, {{"metric", std::string("todo")}}});
  log.Put(10, At(9, 0, 3), EpuReconfigured{kCrunch, {{"cooldown_period", Duration(2min)}}});
  decision.policy = 10;
  EXPECT_EQ(ReasonText(decision, names, Zone::kUtc),
            "average todo 0.7333333333 > scale_up_threshold 0.7");
  EXPECT_EQ(PolicyText(fleet), "average load, up above 0.8, cool-down 5m");
}

TEST_F(Describing, NamesAMachineByTheIdThatTheLogHadThen) {
  HandmadeLog log;
  log.Put(1, At(8, 0, 0), ServerStarted{"k3f9", 0x5d1e, "host", 1, "/log"});
  log.Put(9, At(9, 0, 0), ServerStarted{"k3f9", 0x5d1f, "host", 1, "/log"});
  log.Put(12, At(9, 0, 0), ServerStarted{"a1b2", 0x5d20, "other", 1, "/copy"});
  log.Put(15, At(9, 1, 0), ServerStarted{"a1b2", 0x5d21, "other", 1, "/copy"});
  Names names(log.log());
  EXPECT_EQ(names.Token({0x5d21, 1}, 16), "a1b2-5d21-1");
  EXPECT_EQ(names.Token({0x5d1f, 2}, 11), "k3f9-5d1f-2");
  EXPECT_EQ(names.Token({0x5d20, 1}, 12), "a1b2-5d20-1");
}

TEST_F(Describing, FallsBackOnNumbersWhereALogHasNoNames) {
  MemoryLog empty;
  Names names(empty);
  const Event event{9, At(9, 0, 0), kServer, {}, {}, "", RemovalBegun{EpuNumber{7}}};
  EXPECT_EQ(Describe(event, names, Zone::kUtc), "#7 is being drained");
}

}  // namespace
}  // namespace epu
