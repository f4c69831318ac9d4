@0xd2f6a1c34b7e9058;

# The stored form of an event. What is here is for ever: fields and union members are added at the end, never
# renumbered, never given a new meaning. The C++ vocabulary, with the meaning of each field, is eventlog/event.h.
#
# The fixed-size fields of the root are what filters look at in place; the payload behind them is decoded only where
# it is needed. Times and durations are microseconds, times since 1970-01-01 UTC. 0 stands for "none" in every number
# of an EPU, worker, site or sensor.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("epu::wire");

struct Event {
  sequence @0 :UInt64;
  time @1 :Int64;
  epu @2 :UInt64;
  actor @3 :UInt64;
  client @4 :UInt64;
  number @5 :UInt64;
  worker @6 :UInt32;
  index @7 :UInt16;
  count @8 :UInt16;
  note @9 :Text;

  # The tag of the union is the event's kind.
  union {
    serverStarted @10 :ServerStarted;
    clockDiffered @11 :Int64;
    actorIntroduced @12 :ActorIntroduced;
    runLimited @13 :UInt32;
    siteDefined @14 :SiteDefined;
    siteAnswered @15 :SiteAnswered;
    launchingSwitched @16 :LaunchingSwitched;
    epuDefined @17 :EpuDefinition;
    epuReconfigured @18 :List(Setting);
    removalBegun @19 :Void;
    epuRemoved @20 :Void;
    readingTaken @21 :ReadingTaken;
    decisionMade @22 :DecisionMade;
    engineErrorChanged @23 :Text;
    devModeFailed @24 :Void;
    workerRequested @25 :WorkerRequested;
    workerChanged @26 :WorkerChanged;
    machineChanged @27 :MachineChanged;
    healthChanged @28 :HealthChanged;
    commandDenied @29 :Text;
    scalingPaused @30 :ScalingPaused;
    scalingResumed @31 :ScalingResumed;
    workReported @32 :WorkReport;
    drainBegun @33 :DrainBegun;
    strangerChanged @34 :StrangerChanged;
    diskFilled @35 :Bool;
    shadowDecided @36 :ShadowDecided;
    planRead @37 :PlanRead;
    servicePlanned @38 :ServicePlanned;
    serviceDropped @39 :UInt64;
    walkBegun @40 :UInt16;
    walkEnded @41 :WalkEnded;
    stepBegun @42 :StepBegun;
    stepEnded @43 :StepEnded;
    lineHarvested @44 :LineHarvested;
  }
}

struct ServerStarted {
  logId @0 :Text;
  epoch @1 :UInt32;
  host @2 :Text;
  pid @3 :Int64;
  path @4 :Text;
}

struct ActorIntroduced {
  userId @0 :UInt32;
  name @1 :Text;
}

struct Variable {
  name @0 :Text;
  value @1 :Text;
  secret @2 :Bool;
}

struct UniqueInstance {
  key @0 :Text;
  variables @1 :List(Variable);
}

struct TimeZone {
  name @0 :Text;
  rule @1 :Text;
}

struct ScheduleEntry {
  days @0 :UInt8;
  minute @1 :UInt16;
  count @2 :UInt32;
}

struct Setting {
  key @0 :Text;
  union {
    integer @1 :Int64;
    number @2 :Float64;
    flag @3 :Bool;
    text @4 :Text;
    duration @5 :Int64;
    uniques @6 :List(UniqueInstance);
    zone @7 :TimeZone;
    schedule @8 :List(ScheduleEntry);
  }
}

struct SiteDefinition {
  name @0 :Text;
  driver @1 :Text;
  maxWorkers @2 :UInt32;
  credentials @3 :Text;
}

struct SiteDefined {
  site @0 :UInt64;
  definition @1 :SiteDefinition;
}

struct SiteAnswered {
  site @0 :UInt64;
  answering @1 :Bool;
  error @2 :Text;
}

struct LaunchingSwitched {
  site @0 :UInt64;
  enabled @1 :Bool;
}

struct SensorDefinition {
  number @0 :UInt64;
  name @1 :Text;
  every @2 :Int64;
  union {
    put @3 :Void;
    spool @4 :Text;
    exec :group {
      command @5 :List(Text);
      timeout @6 :Int64;
    }
  }
}

struct EpuDefinition {
  name @0 :Text;
  engine @1 :Text;
  settings @2 :List(Setting);
  site @3 :UInt64;
  siteName @4 :Text;
  command @5 :List(Text);
  environment @6 :List(Variable);
  stopGrace @7 :Int64;
  monitor @8 :Bool;
  bootTimeout @9 :Int64;
  missingTimeout @10 :Int64;
  zombieTimeout @11 :Int64;
  sensors @12 :List(SensorDefinition);
  drainTimeout @13 :Int64;
  shadows @14 :List(ShadowDefinition);
}

struct ShadowDefinition {
  name @0 :Text;
  engine @1 :Text;
  settings @2 :List(Setting);
}

struct ReadingTaken {
  sensor @0 :UInt64;
  age @1 :Int64;
  hasInProgress @2 :Bool;
  inProgress @3 :Float64;
  source @4 :Text;
  union {
    absent @5 :Void;
    value @6 :Float64;
    broken @7 :Text;
  }
}

struct Constraint {
  kind @0 :UInt16;
  hasUntil @1 :Bool;
  value @2 :Float64;
  limit @3 :Float64;
  until @4 :Int64;
}

struct DecisionMade {
  cause @0 :UInt16;
  engine @1 :Text;
  engineVersion @2 :UInt32;
  size @3 :UInt32;
  wanted @4 :UInt32;
  launches @5 :UInt32;
  retirements @6 :List(UInt32);
  constraints @7 :List(Constraint);
  inputs @8 :List(UInt64);
  policy @9 :UInt64;
}

struct WorkerRequested {
  site @0 :UInt64;
  epoch @1 :UInt32;
  request @2 :UInt64;
  uniqueKey @3 :Text;
  policy @4 :UInt64;
}

struct WorkerChanged {
  from @0 :UInt16;
  to @1 :UInt16;
  reason @2 :UInt16;
  detail @3 :Text;
  machine @4 :Text;
}

struct MachineChanged {
  to @0 :UInt16;
  machine @1 :Text;
}

struct HealthChanged {
  to @0 :UInt16;
  silence @1 :Int64;
  detail @2 :Text;
}

struct ScalingPaused {
  out @0 :Bool;
  in @1 :Bool;
  hasUntil @2 :Bool;
  until @3 :Int64;
}

struct ScalingResumed {
  out @0 :Bool;
  in @1 :Bool;
}

struct Metric {
  name @0 :Text;
  value @1 :Float64;
}

struct WorkReport {
  activity @0 :UInt16;
  doing @1 :Text;
  metrics @2 :List(Metric);
  error @3 :Text;
  age @4 :Int64;
}

struct DrainBegun {
  reason @0 :UInt16;
  until @1 :Int64;
}

struct StrangerChanged {
  site @0 :UInt64;
  epoch @1 :UInt32;
  request @2 :UInt64;
  machine @3 :Text;
  to @4 :UInt16;
}

struct ShadowDecided {
  shadow @0 :Text;
  engine @1 :Text;
  engineVersion @2 :UInt32;
  basis @3 :UInt64;
  size @4 :UInt32;
  wanted @5 :UInt32;
  constraints @6 :List(Constraint);
  inputs @7 :List(UInt64);
  policy @8 :UInt64;
  error @9 :Text;
}

struct PlanRead {
  plan @0 :Text;
  globals @1 :List(Variable);
}

struct ServiceProgram {
  path @0 :Text;
  arguments @1 :Text;
}

struct ServiceDefinition {
  name @0 :Text;
  level @1 :UInt32;
  cloud @2 :Text;
  driver @3 :Text;
  hostname @4 :Text;
  image @5 :Text;
  allocation @6 :Text;
  securityGroups @7 :Text;
  keyName @8 :Text;
  sshUser @9 :Text;
  scpUser @10 :Text;
  sshKey @11 :Text;
  local @12 :Bool;
  bootTemplate @13 :Text;
  boot @14 :ServiceProgram;
  ready @15 :ServiceProgram;
  terminate @16 :ServiceProgram;
  programTimeout @17 :Int64;
  attributes @18 :List(Variable);
}

struct ServicePlanned {
  service @0 :UInt64;
  definition @1 :ServiceDefinition;
}

struct WalkEnded {
  kind @0 :UInt16;
  end @1 :UInt16;
}

struct StepBegun {
  service @0 :UInt64;
  attempt @1 :UInt32;
  step @2 :UInt16;
  epoch @3 :UInt32;
  request @4 :UInt64;
}

struct StepEnded {
  service @0 :UInt64;
  attempt @1 :UInt32;
  step @2 :UInt16;
  succeeded @3 :Bool;
  error @4 :Text;
  machine @5 :Text;
  host @6 :Text;
  attributes @7 :List(Variable);
}

struct LineHarvested {
  source @0 :Text;
  name @1 :Text;
  key @2 :Text;
  said @3 :Int64;
  extra @4 :Text;
  origin @5 :Text;
}
