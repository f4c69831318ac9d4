#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/event.h"
#include "projections/launch.h"

// What is known: the fold of a log that the writer, every provisioner and most answers use. It
// holds what is alive; the past is in the log. Values throughout; only Evolve (evolve.h) changes
// them.

namespace epu {

// ---- Limits ----

inline constexpr std::uint32_t kMaxWorkersDefault =
    64;  // Of a run that says nothing: a mistake stays small.
inline constexpr std::size_t kEpusMax = 10'000;  // Names of a log; each is kept for ever.
inline constexpr std::size_t kSitesMax = 1'000;  // Each has a thread of its own.
inline constexpr std::size_t kActorsMax = 10'000;
inline constexpr std::size_t kStrangersMax = 10'000;  // More are left alone, but not recorded.
inline constexpr std::size_t kClientsMax =
    100'000;  // Heard within a day; more are answered "busy".
inline constexpr Duration kClientForgotten = std::chrono::hours(24);

// A launch failed when its worker ended unasked, or was found unhealthy, before it had run for
// kSettled. The n-th failure in a row holds launches back for kBackOffFirst × 2^(n-2), at most
// kBackOffMax: the first is repaired at once.
inline constexpr Duration kSettled = std::chrono::seconds(30);
inline constexpr Duration kBackOffFirst = std::chrono::seconds(1);
inline constexpr Duration kBackOffMax = std::chrono::minutes(5);

// ---- What is known ----

// The latest of a sensor, and where it stands in the log. Its age at `now` is `age + (now -
// recorded)`.
struct Reading {
  Sequence sequence = 0;  // 0: none was taken yet, which an engine sees as Absent.
  Time recorded{};
  Duration age{};
  Measure measure = Absent{};
  std::optional<double> in_progress;
  std::string source;
  bool operator==(const Reading&) const = default;
};

struct Sensor {
  SensorDefinition definition;
  Reading latest;
  bool operator==(const Sensor&) const = default;
};

struct Worker {
  WorkerNumber number{};
  SiteNumber site{};
  LaunchId launch;
  std::string unique_key;
  Sequence request = 0;  // The WorkerRequested event.
  Time requested{};
  Sequence policy = 0;

  WorkerState state = WorkerState::kRequested;
  Time state_since{};
  std::optional<Time> running_since;
  bool settled = false;  // It has run for kSettled, and cannot become a success any more.
  Reason reason = Reason::kNone;
  std::string detail;

  Health health = Health::kUnknown;
  Time health_since{};
  Sequence health_event = 0;  // What the health is known from; 0 while nothing was said.
  std::string health_detail;

  WorkReport report;                // What it last said of itself,
  Sequence reported = 0;            // in which event; 0: nothing yet,
  Time reported_at{};               // and when that was recorded.
  std::optional<Time> drain_until;  // While it is draining: a retired worker that was busy.
  Reason drain_reason = Reason::kNone;

  Presence presence = Presence::kUnasked;
  Time presence_since{};
  std::string machine;
  bool operator==(const Worker&) const = default;
};

// How launches that keep failing are held back; see kBackOff… above.
struct BackOff {
  std::uint32_t failures = 0;  // In a row; halved by each success.
  Sequence event = 0;          // The last failure that counted,
  Time since{};                // and its time.
  Time until{};                // No launch before this.
  bool operator==(const BackOff&) const = default;
};

// Scaling held by somebody in one direction.
struct Hold {
  Sequence event = 0;         // The ScalingPaused that began it,
  Time since{};               // and its time.
  std::optional<Time> until;  // When it lets go by itself; none: when it is resumed.
  Sequence decision = 0;      // The first that it held; 0: none wanted anything yet.
  bool operator==(const Hold&) const = default;
};

// What a shadow imagines of its pool; see commands/shadow.h.
struct Shadow {
  std::optional<std::uint32_t> wanted;  // The size it last wanted; none before its first decision.
  Sequence decision = 0;                // The last ShadowDecided,
  Sequence basis = 0;                   // what it was decided on,
  Time decided{};                       // and its time.
  std::string error;                    // Why it does not decide; empty while it does.
  bool operator==(const Shadow&) const = default;
};

struct Epu {
  EpuNumber number{};
  EpuDefinition definition;  // In force: reconfigured values are in it.
  Sequence policy = 0;       // The event that put it into force.
  bool removing = false;     // Being drained.
  bool removed = false;      // Forgotten, but for its name and next_worker.
  WorkerNumber next_worker{1};
  std::map<WorkerNumber, Worker>
      workers;  // Those whose machine may exist or whose end is not recorded.
  std::map<SensorNumber, Sensor> sensors;

  std::optional<std::uint32_t> wanted;  // The size last wanted; none before the first decision.
  Sequence decision = 0;                // The last one,
  Time decided{};                       // and its time.
  Sequence scaling = 0;                 // The last by which the engine changed that size,
  Time scaled{};                        // and its time. Repairs are none.
  std::vector<Constraint> held;  // What cut its launches, where it fell short of the size it wants.
  std::optional<Hold> paused_out;  // Growing; it may have let go (HoldOut in pool.h tells),
  std::optional<Hold> paused_in;   // shrinking. Neither holds repair.
  BackOff back_off;
  Sequence removal = 0;      // The event that began its removal, or ended it; 0: none yet.
  std::string engine_error;  // Empty while the engine decides.
  Time engine_error_since{};
  std::optional<WorkerNumber> failure;  // The last worker that failed under the policy in force.
  std::optional<WorkerNumber> dev_mode_failure;
  std::map<std::string, Shadow> shadows;  // By name; those that have decided under the definition.
  bool operator==(const Epu&) const = default;
};

struct Site {
  SiteNumber number{};
  SiteDefinition definition;
  Sequence policy = 0;  // The event that put it into force.
  bool enabled = true;
  std::optional<bool> answering;  // None before its first listing.
  std::string error;
  Time answering_since{};
  bool operator==(const Site&) const = default;
};

// A machine from another history of this log; see StrangerFate.
struct Stranger {
  SiteNumber site{};  // Whose listing showed it first: that one says when it is gone.
  std::string machine;
  StrangerFate fate{};
  Sequence event = 0;  // What the fate is known from,
  Time since{};        // and its time.
  bool operator==(const Stranger&) const = default;
};

struct Actor {
  ActorNumber number{};
  std::uint32_t user_id = 0;
  std::string name;
  bool operator==(const Actor&) const = default;
};

// What became of a client's last accepted commands, so that a repeat gets the first outcome.
struct Outcome {
  std::uint64_t number = 0;
  Sequence first = 0;
  Sequence last = 0;
  bool operator==(const Outcome&) const = default;
};
inline constexpr std::size_t kOutcomesMax =
    64;  // Also how many commands a client may have in flight.

struct Client {
  Time heard{};
  std::vector<Outcome> outcomes;  // Oldest first, at most kOutcomesMax.
  bool operator==(const Client&) const = default;
};

struct State {
  std::string log_id;
  std::uint32_t epoch = 0;  // Of the server that writes,
  std::string host;         // where it runs,
  std::string path;         // and where the log is there.
  Time server_started{};
  std::map<std::uint32_t, std::uint64_t>
      requests;       // By epoch: how many launches were requested in it.
  Sequence head = 0;  // The last event's sequence
  Time time{};        // and time.
  Duration clock_difference{};

  std::uint32_t max_workers = kMaxWorkersDefault;  // Machines of the whole run,
  Sequence limited = 0;                            // by this event; 0: by default.
  bool enabled = true;                             // Whether machines may be launched at all.
  bool disk_full = false;                          // Only what ends things is recorded.
  std::vector<Actor> actors;
  std::map<SiteNumber, Site> sites;
  std::map<EpuNumber, Epu> epus;
  std::map<LaunchId, Stranger> strangers;  // Of all sites, those that are gone no more.
  Launch launch;                           // The base system, where this run is a launch of one.
  std::map<std::uint64_t, Client> clients;
  Time clients_swept{};
  bool operator==(const State&) const = default;
};

// ---- Looking things up: null where there is none ----

const Epu* FindEpu(const State& state, std::string_view name);  // Removed ones are not found.
const Epu* FindEpu(const State& state, EpuNumber number);
const Site* FindSite(const State& state, std::string_view name);
const Worker* FindWorker(const State& state, WorkerId id);
const Sensor* FindSensor(const Epu& epu, std::string_view name);
const Actor* FindActor(const State& state, std::uint32_t user_id);
const Outcome* FindOutcome(const State& state, CommandId id);

// Whether the request of a launch is in this log. One that is not was recorded in another history
// of it, as after a backup that it was restored from.
bool IsRequestKnown(const State& state, const LaunchId& launch);

// "crunch/12".
std::string WorkerName(const Epu& epu, WorkerNumber worker);

// "k3f9-5d1e-208": by this the site knows a machine.
std::string TokenOf(const State& state, const LaunchId& launch);

}  // namespace epu
