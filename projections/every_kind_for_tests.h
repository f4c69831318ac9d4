#pragma once

#include <string>
#include <utility>
#include <vector>

#include "eventlog/event.h"

// Events of every kind there is, in an order in which they may have happened: a morning of one pool
// with a worker that runs and one that failed.

namespace epu {

inline constexpr SiteNumber kKindsSite{3};
inline constexpr EpuNumber kKindsPool{5};
inline constexpr SensorNumber kKindsQueue{5 * kSensorsMax};

inline constexpr ServiceNumber kKindsService{35};

inline EpuDefinition KindsPoolDefinition() {
  using namespace std::chrono_literals;
  EpuDefinition pool;
  pool.name = "crunch";
  pool.engine = "queuelen";
  pool.settings = {
      {"sensor", std::string("queue")},
      {"max_instances", std::int64_t{8}},
      {"factor", -0.5},
      {"eager", true},
      {"reading_age_max", Duration(30s)},
      {"unique_instances",
       std::vector<UniqueInstance>{{"leader", {{"ROLE", "leader", false}, {"KEY", "key", true}}}}},
      {"zone", TimeZone{"Europe/Paris", "CET-1CEST,M3.5.0,M10.5.0/3"}},
      {"schedule", Schedule{{0x1f, 8 * 60, 4}}}};
  pool.worker = {kKindsSite, "local", {"/bin/crunch", "--all"}, {{"REGION", "north", false}},
                 10s,        5s};
  pool.health = {true, 30s, 15s, 2min};
  pool.sensors = {
      {kKindsQueue, "queue", SpoolSource{"/srv/spool"}, 2s},
      {SensorNumber{ToInteger(kKindsQueue) + 1}, "load", ExecSource{{"load", "-1"}, 2s}, 30s},
      {SensorNumber{ToInteger(kKindsQueue) + 2}, "put", PutSource{}, 0s}};
  pool.shadows = {{"steady", "npreserving", {{"preserve_n", std::int64_t{2}}}}};
  return pool;
}

inline ServiceDefinition KindsService() {
  using namespace std::chrono_literals;
  ServiceDefinition service;
  service.name = "broker";
  service.level = 1;
  service.cloud = "cloud-ec2";
  service.driver = "process";
  service.image = "ami-1";
  service.allocation = "m1.small";
  service.security_groups = "default";
  service.key_name = "key";
  service.ssh_user = "root";
  service.scp_user = "ops";
  service.ssh_key = "/srv/plans/key.pem";
  service.local = true;
  service.boot_template = "/srv/plans/boot.json";
  service.boot = {"/srv/plans/boot.sh", "--queue ${global.scope}"};
  service.ready = {"/srv/plans/ready.sh", ""};
  service.terminate = {"/srv/plans/end.sh", "now"};
  service.program_timeout = 90s;
  service.attributes = {{"scope", "${global.scope}", false}, {"password", "broker.password", true}};
  return service;
}

inline WorkerChanged KindsChange(std::uint32_t worker, WorkerState from, WorkerState to,
                                 Reason reason, std::string machine) {
  return {kKindsPool, WorkerNumber{worker}, from, to, reason, "why", std::move(machine)};
}

inline std::vector<Payload> EveryKind() {
  using namespace std::chrono_literals;
  DecisionMade decision{kKindsPool, DecisionCause::kScaling, "queuelen", 1, 0, 2, 2, {}, {}, {}, 5};
  decision.constraints = {{ConstraintKind::kHighWater, 132, 100, std::nullopt},
                          {ConstraintKind::kBackOff, 1, 0, Time(77s)}};
  const auto request = [](std::uint32_t worker) {
    return WorkerRequested{kKindsPool, WorkerNumber{worker}, kKindsSite, {7, worker}, "leader", 5};
  };
  return {
      ServerStarted{"k3f9", 7, "host", 4711, "/var/lib/epu/default/log"},
      ActorIntroduced{1000, "ops"},
      SiteDefined{kKindsSite, {"local", "process", 16, "key"}},
      SiteAnswered{kKindsSite, false, "denied"},
      EpuDefined{kKindsPool, KindsPoolDefinition()},
      RunLimited{40},
      ClockDiffered{-90s},
      LaunchingSwitched{kKindsSite, false},
      EpuReconfigured{kKindsPool, {{"max_instances", std::int64_t{9}}}},
      ReadingTaken{kKindsPool, kKindsQueue, 132.25, 4.0, 200ms, "spool /srv/spool"},
      ReadingTaken{
          kKindsPool, SensorNumber{ToInteger(kKindsQueue) + 1}, Broken{"exit 1"}, {}, 0s, ""},
      decision,
      request(1),
      request(2),
      KindsChange(1, WorkerState::kRequested, WorkerState::kPending, Reason::kNone, ""),
      KindsChange(1, WorkerState::kPending, WorkerState::kStarted, Reason::kNone, "pid 7"),
      MachineChanged{kKindsPool, WorkerNumber{1}, Presence::kListed, "pid 7"},
      KindsChange(1, WorkerState::kStarted, WorkerState::kRunning, Reason::kNone, ""),
      HealthChanged{kKindsPool, WorkerNumber{1}, Health::kOk, 0s, ""},
      KindsChange(2, WorkerState::kRequested, WorkerState::kPending, Reason::kNone, ""),
      KindsChange(2, WorkerState::kPending, WorkerState::kFailed, Reason::kIaasFull, ""),
      HealthChanged{kKindsPool, WorkerNumber{1}, Health::kMissing, 15s, "exit 1"},
      WorkReported{
          kKindsPool, WorkerNumber{1}, {Activity::kBusy, "a.jpg", {{"rate", 0.5}}, "no", 1s}},
      DrainBegun{kKindsPool, WorkerNumber{1}, Reason::kRetired, Time(99s)},
      ScalingPaused{kKindsPool, true, true, Time(88s)},
      ScalingResumed{kKindsPool, false, true},
      EngineErrorChanged{kKindsPool, "no such key"},
      DevModeFailed{kKindsPool, WorkerNumber{2}},
      CommandDenied{"killrun"},
      DiskFilled{true},
      EpuDefined{EpuNumber{30}, {"web", "npreserving", {}, {}, {}, {}}},
      RemovalBegun{kKindsPool},
      EpuRemoved{EpuNumber{30}},
      StrangerChanged{kKindsSite, {9, 4}, "pid 8", StrangerFate::kUndecided},
      ShadowDecided{kKindsPool,
                    "steady",
                    "npreserving",
                    1,
                    11,
                    1,
                    2,
                    {{ConstraintKind::kPreserveN, 1, 2, std::nullopt}},
                    {10},
                    5,
                    "no"},
      PlanRead{"/srv/plans/main.conf", {{"scope", "run7", false}}},
      ServicePlanned{kKindsService, KindsService()},
      ServicePlanned{ServiceNumber{36}, {}},
      ServiceDropped{ServiceNumber{36}},
      WalkBegun{WalkKind::kBoot},
      StepBegun{kKindsService, 1, ServiceStep::kMachine, {7, 3}},
      StepEnded{kKindsService, 1, ServiceStep::kMachine, true, "", "pid 9", "127.0.0.1", {}},
      StepBegun{kKindsService, 1, ServiceStep::kBoot, {}},
      StepEnded{
          kKindsService, 1, ServiceStep::kBoot, true, "", "", "", {{"queue", "jobs", false}}},
      StepBegun{kKindsService, 1, ServiceStep::kReady, {}},
      StepEnded{kKindsService, 1, ServiceStep::kReady, false, "exit 1", "", "", {}},
      WalkEnded{WalkKind::kBoot, WalkEnd::kFailed},
      LineHarvested{"provisioner", "new_node", "k3f9-9", Time(55s), "{}", "broker"},
  };
}

// The same as the events of a log, a second apart, by three clients in turn.
inline std::vector<Event> EventsOfEveryKind() {
  std::vector<Event> events;
  for (Payload& payload : EveryKind()) {
    Event event;
    event.sequence = events.size() + 1;
    event.time = Time(std::chrono::hours(24 * 365 * 50) + std::chrono::seconds(event.sequence));
    event.actor = ActorNumber{2};
    event.command = {event.sequence % 3, event.sequence};
    event.payload = std::move(payload);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace epu
