#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/journal.h"
#include "cli/machine_clock.h"
#include "cli/owned_run.h"
#include "cli/sensors.h"
#include "cli/signing_keys.h"
#include "cli/site_runner.h"
#include "cli/tree_keeper.h"
#include "commands/gateway.h"
#include "commands/writer.h"
#include "engines/catalog.h"
#include "eventlog/lmdb_log.h"

// epud: the wiring of all its parts, and its threads.
//
//   gateway   receives, establishes who asks, fills the inboxes, sends answers commands/gateway.h
//   writer    takes all that waits, decides, appends, answers, pokes the others commands/writer.h
//   sensors   reads what is due and reports it; a thread more for each program        cli/sensors.h
//   snapshots follows the log and saves its fold               cli/snapshot_keeper.h
//   tree      follows the log, stores the hashes of its blocks and anchors checkpoints
//                                                              cli/tree_keeper.h
//   lines     follows the log and writes the original's event lines of it
//                                                              cli/event_lines_keeper.h
//   a site    lists, reconciles, launches and ends provisioner/site_thread.h
//
// They share the log, the inboxes, the clock and one published value (Heard), and nothing else.

namespace epu {

// Which parts of a server run in this process.
enum class Role {
  kAll,
  kControllers,  // All but the sites: a provisioner of its own keeps those.
};

struct ServerOptions {
  std::string run;            // The run's name,
  std::string run_directory;  // its directory,
  std::string log_directory;  // and its log.
  std::string agent_path;     // Of epu-agent.
  Level level = Level::kWarn;
  Role role = Role::kAll;
  Succession succession = Succession::kSame;
  AnchorRule anchor;
};

class Server {
 public:
  // Takes the run's lock, opens its log (a new one where there is none) and begins an epoch.
  // Nothing is served yet.
  static absl::StatusOr<std::unique_ptr<Server>> Open(const ServerOptions& options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Serves until `stop`; OK then. Ends no worker. Otherwise what made it end: another server took
  // the log over, the log cannot be read, the socket failed.
  absl::Status Run(std::stop_token stop);

  std::string endpoint() const;
  std::string log_id() const { return writer_.state().log_id; }  // While no Run is under way.
  Sequence head() const { return writer_.state().head; }         // The same.
  std::size_t workers() const;  // Nobody has asked these to end. The same.

 private:
  // Submissions, taken apart: what the writer decides, and who is told the outcome of each.
  struct Waiting {
    std::vector<Command> commands;
    std::vector<std::optional<ReplyTo>> replies;

    void Add(Submission&& submission);
  };

  Server(const ServerOptions& options, std::unique_ptr<OwnedRun> run);
  absl::Status Begin();
  void EnsureSigningKey() const;
  absl::StatusOr<ServerState> AnswerState() const;
  void RunWriter();
  void RunSensors(std::stop_token stop, Projection<State> known);
  void ReportReading(const DueSensor& sensor, const std::stop_token& stop);
  Waiting TakeWaiting();
  void ProcessBatch(Waiting waiting);
  void NoteClockDifference(Waiting& waiting);
  void Publish();
  Noted AnswerHeartbeat(WorkerId worker) const;
  void StartSites();
  void TakeReports(std::vector<Order> reports);
  void End(absl::Status status);

  const ServerOptions options_;
  const Journal journal_;
  const std::unique_ptr<OwnedRun> run_;  // The next four are parts of it.
  LmdbLog& log_;
  MachineClock& clock_;
  const EngineCatalog& catalog_;
  Writer& writer_;
  std::optional<EndpointLock> provisioner_lock_;  // Where this is the provisioner, too.
  const SigningKeys signing_keys_;
  CommandInbox commands_{kCommandInboxMax};
  ReportInbox reports_{kReportInboxMax};
  std::unique_ptr<Gateway> gateway_;
  const SiteSurroundings site_surroundings_;
  std::map<SiteNumber, std::unique_ptr<SiteRunner>> sites_;  // The writer thread's.

  std::stop_source
      ending_;  // Asked to stop by whoever called Run, or by a thread that cannot go on.
  mutable std::mutex mutex_;
  absl::Status end_;  // Guarded by mutex_, as is the next: why it ends, where that is an error.
  ServerState published_;        // What a state query is answered with,
  std::set<WorkerId> draining_;  // and who is told to drain; both made anew by Publish.
  std::chrono::steady_clock::time_point published_at_;  // The writer thread's.
};

}  // namespace epu
