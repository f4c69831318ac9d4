#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/names.h"
#include "cli/status_facts.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "eventlog/memory_log.h"
#include "projections/evolve.h"
#include "projections/projection.h"

// A log made by hand: the run of the samples in the manual, event by event. Sequences that the
// story does not need are filled with events about nothing.

namespace epu {

using namespace std::chrono_literals;

// A time of the samples' day.
inline Time At(int hour, int minute, int second, int millisecond = 0) {
  return Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) +
         std::chrono::milliseconds(millisecond);
}

class HandmadeLog {
 public:
  // Who, in which command, and where in it.
  struct By {
    ActorNumber actor = kServer;
    CommandId command;
    Place place;
    std::string note;
  };

  void Put(Sequence sequence, Time time, Payload payload, By by) {
    const absl::StatusOr<Sequence> head = log_.Head();
    CHECK(head.ok() && sequence > *head);
    std::vector<Record> records;
    for (Sequence filler = *head + 1; filler < sequence; ++filler) {
      records.push_back(
          Encode({filler, time_, kServer, {}, {}, "", CommandDenied{"something else"}}));
    }
    records.push_back(Encode(
        {sequence, time, by.actor, by.command, by.place, std::move(by.note), std::move(payload)}));
    CHECK(log_.Append(*head, records, Reserve::kKeep).ok());
    time_ = time;
  }
  void Put(Sequence sequence, Time time, Payload payload) {
    Put(sequence, time, std::move(payload), By{});
  }

  MemoryLog& log() { return log_; }

  // What is known at `sequence`.
  State FoldTo(Sequence sequence) const {
    Projection<State> projection;
    CHECK(CatchUp(log_, projection, sequence).ok());
    return projection.state;
  }

 private:
  MemoryLog log_;
  Time time_{};
};

inline constexpr EpuNumber kCrunch{5};
inline constexpr EpuNumber kWeb{6};
inline constexpr SiteNumber kLocalSite{3};
inline constexpr ActorNumber kOps{2};
inline constexpr SensorNumber kQueue{5 * kSensorsMax};

inline EpuDefinition Crunch() {
  EpuDefinition definition;
  definition.name = "crunch";
  definition.engine = "queuelen";
  definition.settings = {
      {"sensor", std::string("queue")},          {"queuelen_high_water", std::int64_t{100}},
      {"queuelen_low_water", std::int64_t{10}},  {"min_instances", std::int64_t{1}},
      {"reading_age_max", Duration(30s)},        {"max_instances", std::int64_t{8}},
      {"devmode_no_failure_compensation", false}};
  definition.worker = {kLocalSite, "local", {"/usr/local/bin/crunch-worker"}, {}, 10s};
  definition.health = {true, 300s, 120s, 120s};
  definition.sensors = {{kQueue, "queue", SpoolSource{"/srv/spool"}, 2s}};
  return definition;
}

inline EpuDefinition Web() {
  EpuDefinition definition = Crunch();
  definition.name = "web";
  definition.engine = "npreserving";
  definition.settings = {{"preserve_n", std::int64_t{3}}, {"max_instances", std::int64_t{64}}};
  definition.sensors = {};
  return definition;
}

// A change of state that says nothing else.
inline WorkerChanged Move(EpuNumber epu, WorkerNumber worker, WorkerState from, WorkerState to) {
  return {epu, worker, from, to, Reason::kNone, "", ""};
}

// One decision for a worker more, its request and its life up to RUNNING, from `sequence` on.
inline void PutWorker(HandmadeLog& sample, Sequence sequence, Time time, EpuNumber epu,
                      WorkerNumber worker, std::uint32_t size, const std::string& machine) {
  DecisionMade decision{epu,
                        DecisionCause::kScaling,
                        epu == kCrunch ? "queuelen" : "npreserving",
                        1,
                        size,
                        size + 1,
                        1,
                        {},
                        {},
                        {},
                        ToInteger(epu)};
  decision.constraints = {{ConstraintKind::kPreserveN, 0, 3, std::nullopt}};
  if (epu == kCrunch) decision.constraints = {{ConstraintKind::kHighWater, 120, 100, std::nullopt}};
  const auto move = [&](WorkerState from, WorkerState to, const std::string& where) {
    return WorkerChanged{epu, worker, from, to, Reason::kNone, "", where};
  };
  sample.Put(sequence, time, decision, {kServer, {}, {0, 2}, ""});
  sample.Put(
      sequence + 1, time,
      WorkerRequested{epu, worker, kLocalSite, {0x5d1e, ToInteger(worker)}, "", ToInteger(epu)},
      {kServer, {}, {1, 2}, ""});
  sample.Put(sequence + 2, time, move(WorkerState::kRequested, WorkerState::kPending, ""));
  sample.Put(sequence + 3, time, move(WorkerState::kPending, WorkerState::kStarted, machine));
  sample.Put(sequence + 4, time, move(WorkerState::kStarted, WorkerState::kRunning, ""));
  sample.Put(sequence + 5, time, HealthChanged{epu, worker, Health::kOk, 0s, ""});
}

// web/2 is missing and replaced by web/4.
inline void PutReplacement(HandmadeLog& sample) {
  const Time time = At(7, 2, 44);
  const WorkerNumber old{2};
  const WorkerNumber fresh{4};
  sample.Put(16500, time, HealthChanged{kWeb, old, Health::kMissing, 15s, ""});
  DecisionMade repair{kWeb, DecisionCause::kRepair, "npreserving", 1, 3, 3, 1, {old}, {}, {16500},
                      6};
  repair.constraints = {{ConstraintKind::kUnhealthy, 1, 0, std::nullopt}};
  sample.Put(16501, time, repair, {kServer, {}, {0, 3}, ""});
  sample.Put(16502, time,
             WorkerChanged{kWeb, old, WorkerState::kRunning, WorkerState::kTerminating,
                           Reason::kUnhealthy, "", ""},
             {kServer, {}, {1, 3}, ""});
  sample.Put(16503, time, WorkerRequested{kWeb, fresh, kLocalSite, {0x5d1e, 104}, "", 6},
             {kServer, {}, {2, 3}, ""});
  sample.Put(16504, time, Move(kWeb, fresh, WorkerState::kRequested, WorkerState::kPending));
  sample.Put(16505, time,
             WorkerChanged{kWeb, fresh, WorkerState::kPending, WorkerState::kStarted, Reason::kNone,
                           "", "pid 40130"});
  sample.Put(16506, time, Move(kWeb, fresh, WorkerState::kStarted, WorkerState::kRunning));
  sample.Put(16507, time, HealthChanged{kWeb, fresh, Health::kOk, 0s, ""});
  sample.Put(16508, time, Move(kWeb, old, WorkerState::kTerminating, WorkerState::kTerminated));
  sample.Put(16509, time, MachineChanged{kWeb, old, Presence::kGone, "pid 40101"});
}

// The morning of the samples, up to crunch/12's first heartbeat.
inline void PutSample(HandmadeLog& sample) {
  sample.Put(1, At(6, 0, 0),
             ServerStarted{"k3f9", 0x5d1e, "host", 4127, "/var/lib/epu/default/log"});
  sample.Put(2, At(6, 0, 1), ActorIntroduced{1000, "ops"});
  sample.Put(3, At(6, 0, 1), SiteDefined{kLocalSite, {"local", "process", 16, ""}});
  sample.Put(4, At(6, 0, 1), SiteAnswered{kLocalSite, true, ""});
  sample.Put(5, At(6, 0, 1), EpuDefined{kCrunch, Crunch()});
  sample.Put(6, At(6, 0, 1), EpuDefined{kWeb, Web()});
  for (std::uint32_t worker = 1; worker <= 3; ++worker) {
    PutWorker(sample, 10 + 10 * worker, At(6, 0, 2), kWeb, WorkerNumber{worker}, worker - 1,
              "pid 4010" + std::to_string(worker - 1));
  }
  PutWorker(sample, 15210, At(6, 33, 40), kCrunch, WorkerNumber{8}, 0, "pid 40121");
  PutWorker(sample, 15216, At(6, 33, 41), kCrunch, WorkerNumber{9}, 1, "pid 40133");
  PutReplacement(sample);
  sample.Put(16902, At(8, 2, 11), EpuDefined{kCrunch, Crunch()},
             {kOps, {0x7f3a9c01b2d4, 1}, {0, 1}, "raise for the quarter end"});
  PutWorker(sample, 16990, At(8, 42, 45), kCrunch, WorkerNumber{10}, 2, "pid 40140");
  PutWorker(sample, 18101, At(9, 12, 5), kCrunch, WorkerNumber{11}, 3, "pid 40158");
  sample.Put(18172, At(9, 13, 39, 118),
             ReadingTaken{kCrunch, kQueue, 96.0, std::nullopt, 0s, "spool /srv/spool"});
  const Time decided = At(9, 13, 45, 201);
  sample.Put(18180, decided,
             ReadingTaken{kCrunch, kQueue, 132.0, std::nullopt, 200ms, "spool /srv/spool"});
  DecisionMade decision{kCrunch, DecisionCause::kScaling, "queuelen", 1, 4, 5, 1, {}, {}, {18180},
                        16902};
  decision.constraints = {{ConstraintKind::kHighWater, 132, 100, std::nullopt}};
  sample.Put(18181, decided, decision, {kServer, {}, {0, 2}, ""});
  const WorkerNumber twelve{12};
  sample.Put(18182, decided, WorkerRequested{kCrunch, twelve, kLocalSite, {0x5d1e, 208}, "", 16902},
             {kServer, {}, {1, 2}, ""});
  sample.Put(18183, At(9, 13, 45, 260),
             Move(kCrunch, twelve, WorkerState::kRequested, WorkerState::kPending));
  sample.Put(18190, At(9, 13, 45, 312),
             WorkerChanged{kCrunch, twelve, WorkerState::kPending, WorkerState::kStarted,
                           Reason::kNone, "", "pid 40177"});
  sample.Put(18196, At(9, 13, 46, 20),
             Move(kCrunch, twelve, WorkerState::kStarted, WorkerState::kRunning));
  sample.Put(18197, At(9, 13, 46, 20), HealthChanged{kCrunch, twelve, Health::kOk, 0s, ""});
}

}  // namespace epu
