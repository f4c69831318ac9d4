#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "commands/liveness.h"
#include "provisioner/agent_options.h"

// Beside each worker of the process driver: starts its command, tells epud every second how it is,
// and ends it with everything it left behind. It outlives epud, and is found again by the next one.

namespace epu {

// Takes heartbeats to epud.
class HeartbeatSink {
 public:
  HeartbeatSink() = default;
  HeartbeatSink(const HeartbeatSink&) = delete;
  HeartbeatSink& operator=(const HeartbeatSink&) = delete;
  virtual ~HeartbeatSink() = default;

  // Waits for a small part of kHeartbeatEvery at most. Each heartbeat holds the whole state of the
  // worker, so one that fails is not kept: the next says the same.
  virtual absl::StatusOr<Noted> Send(const Heartbeat& heartbeat) = 0;

  // Is told once that the command was started, and once how it ended ("exit 1").
  virtual void NoteStart() {}
  virtual void NoteEnd(std::string_view) {}
};

// Makes the sink for an endpoint. Called once, in the process and with the signal mask in which the
// agent stays, so that it may start threads.
using SinkFactory = std::function<std::unique_ptr<HeartbeatSink>(const std::string& endpoint)>;

// The whole life of an agent. REQUIRES: the process has one thread.
//
// First it claims its token by making the file MarkerName in the directory: an agent that finds it
// there ends at once, so a token starts its command at most once, whoever launches it how often.
// Then the command runs in a session of its own with its output in the files `stdout` and `stderr`.
// When it ends, by exit 0 too, or cannot be run, the agent reports PROCESS_ERROR with what happened
// and the end of stderr, and stays until it is asked to end.
//
// Its heartbeats carry what the command says of itself in the file kReportName (work_report.h).
// Where epud answers that the worker is to take no further work, the agent makes the file
// kDrainName, for the command to see.
//
// SIGTERM asks it: every descendant of the command gets SIGTERM and, after the grace, SIGKILL, also
// those that left its session or lost their parents, since all of them come back to the agent,
// their subreaper. With the last of them the agent ends. SIGINT and SIGHUP are ignored.
//
// Detached, it writes one line to its output as soon as it stands: "pid N", "twice" where the token
// was claimed before, or "full TEXT" or "error TEXT" where it cannot start.
//
// Returns the exit code: 0 after SIGTERM, 3 where it could not start.
int RunAgent(const AgentOptions& options, const SinkFactory& connect);

// "started-k3f9-5d1e-208".
std::string MarkerName(const Token& token);

// Files of the worker's directory; their paths are in its environment.
inline constexpr std::string_view kReportName = "report";  // EPU_REPORT
inline constexpr std::string_view kDrainName = "drain";    // EPU_DRAIN

inline constexpr Duration kHeartbeatEvery = std::chrono::seconds(1);
inline constexpr std::size_t kStderrTailMax =
    4000;  // With what happened before it, within kTextMax.

}  // namespace epu
