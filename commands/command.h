#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/status.h>

#include "eventlog/event.h"

// What may be wished or reported from outside. A command may be lost, doubled, late or refused;
// only what `Decide` makes of it is a fact. People's orders name things by name; reports of sites,
// agents and epud itself by number.

namespace epu {

// ---- People's orders ----

// Declares sites and EPUs. Settings may be incomplete: Decide completes them.
struct Apply {
  std::optional<std::uint32_t> max_workers;  // Of the whole run; none: as it is.
  std::vector<SiteDefinition> sites;         // Others are left alone.
  std::vector<EpuDefinition> epus;
  bool prune = false;  // Whether EPUs that are not in it are drained and removed; else they stay.
  // The last event its author knew: refused where what it declares was changed since. None: meant
  // whatever is in force.
  std::optional<Sequence> basis = std::nullopt;
  bool operator==(const Apply&) const = default;
};

// Changes some settings of an EPU; the others stay.
struct Reconfigure {
  std::string epu;
  std::vector<Setting> settings;
  bool operator==(const Reconfigure&) const = default;
};

struct WorkerReference {
  std::string epu;
  std::uint32_t number = 0;
  bool operator==(const WorkerReference&) const = default;
};

// Ends these workers; the policy replaces them.
struct Kill {
  std::vector<WorkerReference> workers;
  bool operator==(const Kill&) const = default;
};

// Ends `count` workers of an EPU by the pool's own order.
struct KillSome {
  std::string epu;
  std::uint32_t count = 0;
  bool operator==(const KillSome&) const = default;
};

// Drains an EPU, then forgets it.
struct Remove {
  std::string epu;
  bool operator==(const Remove&) const = default;
};

// Forbids or allows launches, at one site or (empty) anywhere.
struct SwitchLaunching {
  std::string site;
  bool enabled = false;
  bool operator==(const SwitchLaunching&) const = default;
};

// Disables launching and ends every worker; repeated until it finds none (a command makes a bounded
// number of events).
struct EndRun {
  bool operator==(const EndRun&) const = default;
};

// Holds an EPU's growing (`out`), its shrinking (`in`), or both; repair goes on.
struct PauseScaling {
  std::string epu;
  bool out = false;
  bool in = false;
  std::optional<Duration> length;  // It lets go by itself after this; none: until it is resumed.
  bool operator==(const PauseScaling&) const = default;
};

struct ResumeScaling {
  std::string epu;
  bool out = false;
  bool in = false;
  bool operator==(const ResumeScaling&) const = default;
};

// Keeps strangers (StrangerFate in event.h), named by their tokens: they are left alone for good.
struct Adopt {
  std::vector<std::string> tokens;
  bool operator==(const Adopt&) const = default;
};

// Ends strangers, named by their tokens.
struct Collect {
  std::vector<std::string> tokens;
  bool operator==(const Collect&) const = default;
};

struct PutReading {
  std::string epu;
  std::string sensor;
  Measure measure = Absent{};
  std::optional<double> in_progress;
  Duration age{};      // How old it is as it is sent; below −5 s it is refused.
  std::string source;  // "spool /srv/spool"; empty: the author says it.
  bool operator==(const PutReading&) const = default;
};

// ---- Reports and the server's own ----

// What a server is to the one that wrote the log before it.
enum class Succession {
  kSame,         // The same place: host, and path of the log.
  kTakeOver,     // Another place, and the old server is gone: its machines are this one's.
  kNewIdentity,  // The log is a copy: it gets another id, and owns no machine.
};

struct StartServer {
  ServerStarted fact;
  Succession succession = Succession::kSame;
  bool operator==(const StartServer&) const = default;
};

struct NoteClock {
  Duration difference{};
  bool operator==(const NoteClock&) const = default;
};

// A site's finding about a worker. Without effect where the worker's state is as high already: a
// late message cannot undo a later one.
struct ReportWorker {
  WorkerId worker;
  WorkerState to{};
  Reason reason{};
  std::string detail;
  std::string machine;
  bool operator==(const ReportWorker&) const = default;
};

struct ReportMachine {
  WorkerId worker;
  Presence to{};
  std::string machine;
  bool operator==(const ReportMachine&) const = default;
};

struct ReportHealth {
  WorkerId worker;
  Health to{};
  Duration silence{};
  std::string detail;
  bool operator==(const ReportHealth&) const = default;
};

// What a worker says of itself.
struct ReportWork {
  WorkerId worker;
  WorkReport report;
  bool operator==(const ReportWork&) const = default;
};

struct ReportSite {
  SiteNumber site{};
  bool answering = false;
  std::string error;
  bool operator==(const ReportSite&) const = default;
};

// A site's finding about a stranger: a listing shows it, or lacks it now. Without effect where that
// is known, or where another site showed it first.
struct ReportStranger {
  SiteNumber site{};
  LaunchId launch;
  std::string machine;
  bool listed = false;
  bool operator==(const ReportStranger&) const = default;
};

struct NoteDisk {
  bool full = false;
  bool operator==(const NoteDisk&) const = default;
};

// Repairs a pool and asks its engine for the size it is to have.
struct Review {
  EpuNumber epu{};
  bool operator==(const Review&) const = default;
};

// What a shadow of a pool decided. Without effect where the pool's policy is another by now.
struct ReportShadow {
  ShadowDecided fact;
  bool operator==(const ReportShadow&) const = default;
};

// A launch plan as it was read: at first, or (`again`) anew, and then services of one name keep
// what they are. REQUIRES: each service of another name.
struct PlanLaunch {
  PlanRead plan;
  std::vector<ServiceDefinition> services;
  bool again = false;
  bool operator==(const PlanLaunch&) const = default;
};

struct BeginWalk {
  WalkKind kind{};
  bool operator==(const BeginWalk&) const = default;
};

struct EndWalk {
  WalkEnd end{};
  bool operator==(const EndWalk&) const = default;
};

// A step is about to be made. Without effect where it is under way.
struct BeginStep {
  ServiceNumber service{};
  std::uint32_t attempt = 0;
  ServiceStep step{};
  bool operator==(const BeginStep&) const = default;
};

// Without effect where that step is not under way.
struct EndStep {
  StepEnded fact;
  bool operator==(const EndStep&) const = default;
};

// Event lines that were found in log files, each once: whoever reads the files tells which are new.
struct NoteLines {
  std::vector<LineHarvested> lines;
  bool operator==(const NoteLines&) const = default;
};

// Somebody without the right to was heard on the socket.
struct NoteDenied {
  std::string what;
  bool operator==(const NoteDenied&) const = default;
};

using Order =
    std::variant<Apply, Reconfigure, Kill, KillSome, Remove, SwitchLaunching, EndRun, PutReading,
                 StartServer, NoteClock, ReportWorker, ReportMachine, ReportHealth, ReportSite,
                 Review, NoteDenied, PauseScaling, ResumeScaling, ReportWork, Adopt, Collect,
                 ReportStranger, NoteDisk, ReportShadow, PlanLaunch, BeginWalk, EndWalk, BeginStep,
                 EndStep, NoteLines>;

std::string_view OrderName(const Order& order);  // "apply", "report-worker", …

// Who gave an order: the peer's user id as the kernel gave it, and the name it has on the server's
// machine.
struct Author {
  std::uint32_t user_id = 0;
  std::string name;
  bool operator==(const Author&) const = default;
};

struct Command {
  CommandId id;
  std::optional<Author> author;  // None: the server itself.
  std::string note;              // `-m`
  Order order;
  bool operator==(const Command&) const = default;
};

// "7f3a9c01b2d4-1", as printed and as `--id` takes it.
std::string FormatCommandId(CommandId id);
std::optional<CommandId> ParseCommandId(std::string_view text);

// Whether an order may be recorded from the log's reserve when the disk is full: it only ends
// things.
bool IsUrgent(const Order& order);

// What became of a command. OK with first = 0: there was nothing to do.
//
//   kInvalidArgument, kNotFound   what was asked for is wrong; a line for each fault
//   kFailedPrecondition           refused: a limit, a state
//   kPermissionDenied             no right
//   kResourceExhausted            the disk is full; nothing was recorded
//   kUnavailable                  busy: not looked at; send it again
//   any other                     whether it was recorded is unknown
struct Answer {
  absl::Status status;
  Sequence first = 0;  // Of the events it led to,
  Sequence last = 0;   // without gaps.
};

}  // namespace epu
