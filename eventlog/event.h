#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "eventlog/decision.h"
#include "eventlog/definition.h"
#include "eventlog/ids.h"
#include "eventlog/service.h"
#include "eventlog/time.h"
#include "eventlog/worker.h"

// The vocabulary: everything that can have happened. An event is a fact; it is never refused and it
// alone changes state. What a payload means never changes either: a new meaning is a new payload.
// Read this file first.

namespace epu {

// ---- What sensors say ----

// Nothing said, and a failure, are not zeros. NaN and infinities become Broken at the border.
struct Absent {
  bool operator==(const Absent&) const = default;
};
struct Broken {
  std::string error;
  bool operator==(const Broken&) const = default;
};
using Measure = std::variant<double, Absent, Broken>;

// ---- Payloads ----

// A server began to write this log; everything of its epoch follows. The first event of every
// start.
struct ServerStarted {
  std::string log_id;  // Four letters or digits, drawn when the log was created.
  std::uint32_t epoch = 0;
  std::string host;
  std::int64_t pid = 0;
  std::string path;  // Of the log's directory.
  bool operator==(const ServerStarted&) const = default;
};

// The wall clock stood off recorded time by more than a minute, or no longer does.
struct ClockDiffered {
  Duration difference{};  // Wall clock minus recorded time.
  bool operator==(const ClockDiffered&) const = default;
};

// Introduces an actor: the user id as the kernel gave it, and the name it had on that machine.
struct ActorIntroduced {
  std::uint32_t user_id = 0;
  std::string name;
  bool operator==(const ActorIntroduced&) const = default;
};

struct RunLimited {
  std::uint32_t max_workers = 0;  // Machines of the whole run, requests in flight included.
  bool operator==(const RunLimited&) const = default;
};

// Introduces a site where `site` is this event's own sequence, else defines it anew.
struct SiteDefined {
  SiteNumber site{};
  SiteDefinition definition;
  bool operator==(const SiteDefined&) const = default;
};

// The site began to answer, or ceased to.
struct SiteAnswered {
  SiteNumber site{};
  bool answering = false;
  std::string error;
  bool operator==(const SiteAnswered&) const = default;
};

// Machines may no longer be launched, or may again: at one site, or (0) anywhere.
struct LaunchingSwitched {
  SiteNumber site{};
  bool enabled = false;
  bool operator==(const LaunchingSwitched&) const = default;
};

// Introduces an EPU where `epu` is this event's own sequence, else defines it anew. The event is
// the EPU's policy from here on, and introduces the sensors whose numbers point at it.
struct EpuDefined {
  EpuNumber epu{};
  EpuDefinition definition;
  bool operator==(const EpuDefined&) const = default;
};

// Some settings were changed by hand; the others stay. The event is the EPU's policy from here on.
struct EpuReconfigured {
  EpuNumber epu{};
  std::vector<Setting> settings;
  bool operator==(const EpuReconfigured&) const = default;
};

// The EPU is being drained and will be forgotten.
struct RemovalBegun {
  EpuNumber epu{};
  bool operator==(const RemovalBegun&) const = default;
};

// The EPU has no worker left and is forgotten, but for its name and the number of its next worker.
struct EpuRemoved {
  EpuNumber epu{};
  bool operator==(const EpuRemoved&) const = default;
};

struct ReadingTaken {
  EpuNumber epu{};
  SensorNumber sensor{};
  Measure measure = Absent{};
  std::optional<double> in_progress;  // Work that has been taken and is not done.
  Duration age{};                     // How old the reading was when it was recorded.
  std::string source;  // Who said it, where the actor does not tell: "spool /srv/spool".
  bool operator==(const ReadingTaken&) const = default;
};

// An engine's answer that changes something. `constraints` begins with what drove it; what cut it
// follows. The requests and retirements it led to follow in the same command.
struct DecisionMade {
  EpuNumber epu{};
  DecisionCause cause{};
  std::string engine;
  std::uint32_t engine_version = 0;
  std::uint32_t size = 0;      // Workers that counted before it.
  std::uint32_t wanted = 0;    // The size wanted from here on.
  std::uint32_t launches = 0;  // Requested now; fewer than are missing where a constraint cut them.
  std::vector<WorkerNumber> retirements;
  std::vector<Constraint> constraints;
  std::vector<Sequence> inputs;  // The readings and health events it was made from.
  Sequence policy = 0;           // The definition or reconfiguration in force.
  bool operator==(const DecisionMade&) const = default;
};

// An engine failed to decide, or (empty) does so no more. Recorded once per change of the text.
struct EngineErrorChanged {
  EpuNumber epu{};
  std::string error;
  bool operator==(const EngineErrorChanged&) const = default;
};

// In development mode a failure is not compensated: the EPU stays failed until it is configured
// again.
struct DevModeFailed {
  EpuNumber epu{};
  WorkerNumber worker{};
  bool operator==(const DevModeFailed&) const = default;
};

// A worker is to exist. Its launch is derived from this by the provisioner of the site, over and
// over, until the site lists a machine with this token.
struct WorkerRequested {
  EpuNumber epu{};
  WorkerNumber worker{};
  SiteNumber site{};
  LaunchId launch;
  std::string unique_key;  // Empty for a worker like the others.
  Sequence policy = 0;
  bool operator==(const WorkerRequested&) const = default;
};

struct WorkerChanged {
  EpuNumber epu{};
  WorkerNumber worker{};
  WorkerState from{};
  WorkerState to{};
  Reason reason{};
  std::string detail;   // The site's own text, the end of stderr; cut at kTextMax.
  std::string machine;  // Where it just became known: "pid 40177".
  bool operator==(const WorkerChanged&) const = default;
};

struct MachineChanged {
  EpuNumber epu{};
  WorkerNumber worker{};
  Presence to{};
  std::string machine;
  bool operator==(const MachineChanged&) const = default;
};

struct HealthChanged {
  EpuNumber epu{};
  WorkerNumber worker{};
  Health to{};
  Duration silence{};  // How long it had been silent, for kMissing.
  std::string detail;  // Exit status and the end of stderr; cut at kTextMax.
  bool operator==(const HealthChanged&) const = default;
};

// Somebody holds scaling: the pool is not to grow (`out`), not to shrink (`in`), or neither. Repair
// goes on. A direction that is not named stays as it is.
struct ScalingPaused {
  EpuNumber epu{};
  bool out = false;
  bool in = false;
  std::optional<Time> until;  // It lets go by itself then; none: until it is resumed.
  bool operator==(const ScalingPaused&) const = default;
};

// The directions named are free again.
struct ScalingResumed {
  EpuNumber epu{};
  bool out = false;
  bool in = false;
  bool operator==(const ScalingResumed&) const = default;
};

// What a worker says of itself is another thing than before, or was said anew; see
// commands/health.h for how often it is recorded.
struct WorkReported {
  EpuNumber epu{};
  WorkerNumber worker{};
  WorkReport report;
  bool operator==(const WorkReported&) const = default;
};

// A busy worker was retired: it counts no more, is asked to take no further work, and is ended when
// it is idle, or ends, or at `until`.
struct DrainBegun {
  EpuNumber epu{};
  WorkerNumber worker{};
  Reason reason{};
  Time until{};
  bool operator==(const DrainBegun&) const = default;
};

// A listing of `site` showed a stranger for the first time or lacks it now, or an operator decided
// what becomes of it.
struct StrangerChanged {
  SiteNumber site{};
  LaunchId launch;      // By its token, as the other history gave it.
  std::string machine;  // As the site calls it.
  StrangerFate to{};
  bool operator==(const StrangerChanged&) const = default;
};

// The disk is full: until it is so no more, only what ends things is recorded, and no pool is
// reviewed.
struct DiskFilled {
  bool full = false;
  bool operator==(const DiskFilled&) const = default;
};

// What a shadow of an EPU decided, or that it failed to: once per change of the size that it wants,
// or of its error. Nothing acts on it.
struct ShadowDecided {
  EpuNumber epu{};
  std::string shadow;
  std::string engine;
  std::uint32_t engine_version = 0;
  Sequence basis = 0;        // It was decided in the state up to here.
  std::uint32_t size = 0;    // What the shadow wanted until then, or (at first) the pool,
  std::uint32_t wanted = 0;  // and wants from here on.
  std::vector<Constraint> constraints;
  std::vector<Sequence> inputs;
  Sequence policy = 0;  // The event that put the pool's definition into force.
  std::string error;    // Why it could not decide; empty where it did.
  bool operator==(const ShadowDecided&) const = default;
};

// A launch plan was read, at first or anew: the launch is what follows in the command.
struct PlanRead {
  std::string plan;               // Path of its top file.
  std::vector<Variable> globals;  // Of the plan, of files and of the command line; one of a name.
  bool operator==(const PlanRead&) const = default;
};

// Introduces a service where `service` is this event's own sequence, else defines it anew: it keeps
// its machine and how far it has come.
struct ServicePlanned {
  ServiceNumber service{};
  ServiceDefinition definition;
  bool operator==(const ServicePlanned&) const = default;
};

// The plan lacks the service now. Its machine stays until a clean ends it.
struct ServiceDropped {
  ServiceNumber service{};
  bool operator==(const ServiceDropped&) const = default;
};

// A launcher set out to do something with all services.
struct WalkBegun {
  WalkKind kind{};
  bool operator==(const WalkBegun&) const = default;
};

struct WalkEnded {
  WalkKind kind{};
  WalkEnd end{};
  bool operator==(const WalkEnded&) const = default;
};

// A step of a service is about to be made; recorded before anything of it is done. `attempt` counts
// the machines of a service from 1 or, on a host that is not its own, its boots.
struct StepBegun {
  ServiceNumber service{};
  std::uint32_t attempt = 0;
  ServiceStep step{};
  LaunchId launch;  // Of kMachine.
  bool operator==(const StepBegun&) const = default;
};

// What became of it.
struct StepEnded {
  ServiceNumber service{};
  std::uint32_t attempt = 0;
  ServiceStep step{};
  bool succeeded = false;
  std::string error;                 // Exit status and the end of stderr; cut at kTextMax.
  std::string machine;               // Of kMachine: as the site calls it,
  std::string host;                  // and where it is reached.
  std::vector<Variable> attributes;  // Of kBoot: what its program said of the service.
  bool operator==(const StepEnded&) const = default;
};

// An event line of a log file, written by a service or a worker; see cli/event_line.h.
struct LineHarvested {
  std::string source;  // As the line says: "provisioner",
  std::string name;    // "new_node".
  std::string key;     // Its unique key.
  Time said{};         // The time that the line states.
  std::string extra;   // One JSON object, or empty.
  std::string origin;  // What it was found on: the name of a service, or of a worker.
  bool operator==(const LineHarvested&) const = default;
};

// A command was refused for lack of rights, which is worth remembering.
struct CommandDenied {
  std::string what;
  bool operator==(const CommandDenied&) const = default;
};

using Payload =
    std::variant<ServerStarted, ClockDiffered, ActorIntroduced, RunLimited, SiteDefined,
                 SiteAnswered, LaunchingSwitched, EpuDefined, EpuReconfigured, RemovalBegun,
                 EpuRemoved, ReadingTaken, DecisionMade, EngineErrorChanged, DevModeFailed,
                 WorkerRequested, WorkerChanged, MachineChanged, HealthChanged, CommandDenied,
                 ScalingPaused, ScalingResumed, WorkReported, DrainBegun, StrangerChanged,
                 DiskFilled, ShadowDecided, PlanRead, ServicePlanned, ServiceDropped, WalkBegun,
                 WalkEnded, StepBegun, StepEnded, LineHarvested>;

// One thing that happened: when, who caused it, in which command, where among that command's
// events.
struct Event {
  Sequence sequence = 0;
  Time time{};
  ActorNumber actor{};
  CommandId command;
  Place place;
  std::string
      note;  // What its author said of the command (`-m`); on the command's first event alone.
  Payload payload;
  bool operator==(const Event&) const = default;
};

// What a payload is about; 0 where it is about no EPU, no worker.
WorkerId SubjectOf(const Payload& payload);

// ---- Names, for people and JSON ----

std::string_view KindName(const Payload& payload);  // "reading", "decision", "request", "worker", …

// Every kind name, in the order of Payload; `history --kind` takes these.
const std::vector<std::string_view>& KindNames();

// ---- Limits ----

// Texts from outside longer than this are cut, with the cut marked: a record stays small.
inline constexpr std::size_t kTextMax = 4096;

// `text`, cut at kTextMax with "… (cut, N bytes)" at its end where it was longer.
std::string CutText(std::string_view text);

// Events of one command; Place counts them in 16 bits, and a batch stays within what one sync
// writes at once.
inline constexpr std::size_t kEventsPerCommandMax = 4096;

}  // namespace epu
