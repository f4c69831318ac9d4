@0xe015cd1cdd577e0b;

# What programs say to epud and what it answers: one message is one frame. The meaning of each field stands with the
# C++ type of the same name, in commands/command.h, commands/liveness.h and commands/wire.h. Times and durations are
# microseconds, times since 1970-01-01 UTC.
#
# Nothing here is stored. Within a protocol version fields and union members are added at the end; any other change is
# another version. The two fields of Envelope are for ever: by them programs of two versions can tell each other so.

using Cxx = import "/capnp/c++.capnp";
using Stored = import "/eventlog/event.capnp";
$Cxx.namespace("epu::wire");

# How every message of every version begins.
struct Envelope {
  version @0 :UInt32;
  number @1 :UInt64;
}

struct Request {
  version @0 :UInt32;
  number @1 :UInt64;  # Of the request, counted by its sender; the reply carries it.
  union {
    submit @2 :Command;
    read @3 :Read;
    state @4 :Void;
    heartbeat @5 :Heartbeat;
  }
}

struct Reply {
  version @0 :UInt32;
  number @1 :UInt64;
  union {
    refused @2 :Status;  # The request was not taken.
    outcome @3 :Outcome;
    records @4 :Records;
    state @5 :State;
    noted @6 :Noted;
  }
}

# ---- Requests ----

# The server's own orders (start-server, note-clock, note-disk, report-work, review, those of a launcher) have no form here: nobody else may give them.
struct Command {
  client @0 :UInt64;
  number @1 :UInt64;
  note @2 :Text;
  union {
    apply @3 :Apply;
    reconfigure @4 :Reconfigure;
    kill @5 :List(WorkerReference);
    killSome @6 :WorkerReference;  # The number is how many.
    remove @7 :Text;
    switchLaunching @8 :SwitchLaunching;
    endRun @9 :Void;
    putReading @10 :PutReading;
    reportWorker @11 :ReportWorker;
    reportMachine @12 :ReportMachine;
    reportHealth @13 :ReportHealth;
    reportSite @14 :Stored.SiteAnswered;
    pause @15 :PauseScaling;
    resume @16 :ResumeScaling;
    adopt @17 :List(Text);  # Tokens.
    collect @18 :List(Text);
    reportStranger @19 :ReportStranger;
    noteLines @20 :List(Stored.LineHarvested);
  }
}

struct Apply {
  hasMaxWorkers @0 :Bool;
  maxWorkers @1 :UInt32;
  sites @2 :List(Stored.SiteDefinition);
  epus @3 :List(Stored.EpuDefinition);
  prune @4 :Bool;
  hasBasis @5 :Bool;
  basis @6 :UInt64;
}

struct Reconfigure {
  epu @0 :Text;
  settings @1 :List(Stored.Setting);
}

struct WorkerReference {
  epu @0 :Text;
  number @1 :UInt32;
}

struct SwitchLaunching {
  site @0 :Text;
  enabled @1 :Bool;
}

struct PutReading {
  epu @0 :Text;
  sensor @1 :Text;
  age @2 :Int64;
  hasInProgress @3 :Bool;
  inProgress @4 :Float64;
  source @5 :Text;
  union {
    absent @6 :Void;
    value @7 :Float64;
    broken @8 :Text;
  }
}

struct PauseScaling {
  epu @0 :Text;
  out @1 :Bool;
  in @2 :Bool;
  hasLength @3 :Bool;
  length @4 :Int64;
}

struct ResumeScaling {
  epu @0 :Text;
  out @1 :Bool;
  in @2 :Bool;
}

struct WorkerId {
  epu @0 :UInt64;
  number @1 :UInt32;
}

struct ReportWorker {
  worker @0 :WorkerId;
  to @1 :UInt16;
  reason @2 :UInt16;
  detail @3 :Text;
  machine @4 :Text;
}

struct ReportMachine {
  worker @0 :WorkerId;
  to @1 :UInt16;
  machine @2 :Text;
}

struct ReportHealth {
  worker @0 :WorkerId;
  to @1 :UInt16;
  silence @2 :Int64;
  detail @3 :Text;
}

struct ReportStranger {
  site @0 :UInt64;
  epoch @1 :UInt32;
  request @2 :UInt64;
  machine @3 :Text;
  listed @4 :Bool;
}

struct Heartbeat {
  worker @0 :WorkerId;
  epoch @1 :UInt32;
  request @2 :UInt64;
  health @3 :UInt16;
  detail @4 :Text;
  report @5 :Stored.WorkReport;  # Null while the worker says nothing of itself.
}

struct Noted {
  drain @0 :Bool;
}

struct Read {
  after @0 :UInt64;
  records @1 :UInt32;
  bytes @2 :UInt32;
  wait @3 :Int64;
}

# ---- Replies ----

struct Status {
  code @0 :UInt16;  # absl::StatusCode
  message @1 :Text;
}

struct Outcome {
  status @0 :Status;
  first @1 :UInt64;
  last @2 :UInt64;
}

struct Records {
  records @0 :List(Data);  # Byte for byte as stored, checksums included.
  scannedTo @1 :UInt64;
  head @2 :UInt64;
}

struct State {
  head @0 :UInt64;
  time @1 :Int64;
  logId @2 :Text;
  epoch @3 :UInt32;
  heard @4 :List(Heard);
}

struct Heard {
  worker @0 :WorkerId;
  age @1 :Int64;
}
