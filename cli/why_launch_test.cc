// `why` in the run of a launch, as it is typed.

#include <gtest/gtest.h>

#include "cli/sample_log_for_tests.h"
#include "cli/typed_for_tests.h"

namespace epu {
namespace {

constexpr ServiceNumber kBroker{3};
constexpr ServiceNumber kStore{4};

ServiceDefinition ServiceOf(const std::string& name) {
  ServiceDefinition definition;
  definition.name = name;
  definition.level = 1;
  definition.driver = "process";
  definition.boot.path = "/plan/boot.sh";
  return definition;
}

StepEnded Ended(ServiceNumber service, std::uint32_t attempt, ServiceStep step,
                const std::string& error = "") {
  StepEnded ended{service, attempt, step, error.empty(), error, "", "", {}};
  if (step == ServiceStep::kMachine && error.empty()) ended.machine = "pid 7";
  return ended;
}

// A boot whose boot program failed, and a repair by ops that is at it again; log files told of a
// worker.
void PutFailedLaunch(HandmadeLog& log) {
  log.Put(1, At(9, 0, 0), ServerStarted{"k3f9", 1, "host", 1, "/log"});
  log.Put(2, At(9, 0, 0), ActorIntroduced{1000, "ops"});
  log.Put(3, At(9, 0, 0), ServicePlanned{kBroker, ServiceOf("broker")});
  log.Put(4, At(9, 0, 0), ServicePlanned{kStore, ServiceOf("store")});
  log.Put(5, At(9, 0, 0), PlanRead{"/plan/main.conf", {}});
  log.Put(6, At(9, 0, 1), WalkBegun{WalkKind::kBoot}, {kOps, {}, {}, "first"});
  log.Put(7, At(9, 0, 1), StepBegun{kBroker, 1, ServiceStep::kMachine, {1, 7}});
  log.Put(8, At(9, 0, 2), Ended(kBroker, 1, ServiceStep::kMachine));
  log.Put(9, At(9, 0, 2), StepBegun{kBroker, 1, ServiceStep::kBoot, {}});
  log.Put(10, At(9, 0, 5), Ended(kBroker, 1, ServiceStep::kBoot, "exit 1: no port"));
  log.Put(11, At(9, 0, 5), WalkEnded{WalkKind::kBoot, WalkEnd::kFailed});
  log.Put(12, At(9, 1, 0), WalkBegun{WalkKind::kRepair}, {kOps, {}, {}, ""});
  log.Put(13, At(9, 1, 0), StepBegun{kBroker, 1, ServiceStep::kEnd, {}});
  log.Put(14, At(9, 1, 1),
          LineHarvested{"provisioner", "new_node", "a-1", At(9, 0, 59),
                        R"({"iaas_id":"pid 9","node_id":"crunch/2"})", "base-pools"});
  log.Put(15, At(9, 1, 2), LineHarvested{"app", "job_end", "b-1", At(9, 1, 1), "", "crunch-2"});
  log.Put(16, At(9, 1, 3), LineHarvested{"app", "up", "c-1", At(9, 1, 2), "", "broker"});
}

TEST(WhyLaunch, ToldOfAServiceIsWhatEachWalkDidWithIt) {
  HandmadeLog log;
  PutFailedLaunch(log);
  EXPECT_EQ(
      TypeOn(log.log(), {"why", "broker"}).out,
      "broker is under way: ending on pid 7, for 13m8s: exit 1: no port\n"
      "├─ 3  09:00:00.000  service: broker, level 1, on a machine of process\n"
      "├─ 6  09:00:01.000  walk: boot begins  \"first\", by ops\n"
      "│  ├─ 8  09:00:02.000  step-end: broker machine done, pid 7, in 1.0s\n"
      "│  ├─ 10  09:00:05.000  step-end: broker boot program failed: exit 1: no port, in 3.0s\n"
      "│  └─ 11  09:00:05.000  walk-end: boot failed\n"
      "├─ 12  09:01:00.000  walk: repair begins, by ops\n"
      "│  └─ 13  09:01:00.000  step: broker ending begins\n"
      "└─ 1 event line of log files\n"
      "   └─ 16  09:01:02.000  app up, in the log of broker\n");
  EXPECT_EQ(
      TypeOn(log.log(), {"why", "broker", "--at", "10"}).out,
      "at 10, 2026-11-22 09:00:05Z\n"
      "broker is failed on pid 7: exit 1: no port\n"
      "├─ 3  09:00:00.000  service: broker, level 1, on a machine of process\n"
      "└─ 6  09:00:01.000  walk: boot begins  \"first\", by ops\n"
      "   ├─ 8  09:00:02.000  step-end: broker machine done, pid 7, in 1.0s\n"
      "   └─ 10  09:00:05.000  step-end: broker boot program failed: exit 1: no port, in 3.0s\n");
  EXPECT_EQ(TypeOn(log.log(), {"why", "store"}).out,
            "store is waiting\n"
            "└─ 4  09:00:00.000  service: store, level 1, on a machine of process\n");
}

TEST(WhyLaunch, ToldOfAWorkerIsWhatLogFilesSay) {
  HandmadeLog log;
  PutFailedLaunch(log);
  EXPECT_EQ(TypeOn(log.log(), {"why", "crunch/2"}).out,
            "crunch/2, as event lines tell\n"
            "└─ 2 event lines of log files\n"
            "   ├─ 14  09:00:59.000  provisioner new_node {\"iaas_id\":\"pid "
            "9\",\"node_id\":\"crunch/2\"}, in the log of base-pools\n"
            "   └─ 15  09:01:01.000  app job_end, in the log of crunch-2\n");
  EXPECT_EQ(TypeOn(log.log(), {"why", "crunch"}).out,
            "crunch, as event lines tell\n"
            "└─ 1 event line of log files\n"
            "   └─ 14  09:00:59.000  provisioner new_node {\"iaas_id\":\"pid "
            "9\",\"node_id\":\"crunch/2\"}, in the log of base-pools\n");
}

TEST(WhyLaunch, WhatNobodyKnowsIsNotExplained) {
  HandmadeLog log;
  PutFailedLaunch(log);
  for (const char* nobody : {"nobody", "crunch/3", "web"}) {
    const Typed typed = TypeOn(log.log(), {"why", nobody});
    EXPECT_EQ(typed.exit, Exit::kTyped) << typed.out;
    EXPECT_EQ(typed.out, "");
  }
}

}  // namespace
}  // namespace epu
