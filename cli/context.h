#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/terminal.h"
#include "eventlog/ids.h"
#include "eventlog/log.h"
#include "eventlog/time.h"

// What every verb of epumgmt is handed: the global options, the streams, the terminal, the run's
// log and server, and the one way to fail.

namespace epu {

class GatewayClient;
class RemoteLog;

// What epumgmt ends with.
enum class Exit : int {
  kDone = 0,          // Done, or true.
  kTyped = 1,         // What was typed: unknown verb, option, EPU, value, time.
  kFile = 2,          // What a configuration file or launch plan says.
  kSurroundings = 3,  // No server, no answer, no log, no permission, a full disk, a busy endpoint.
  kRefused = 4,       // Refused or failed: limit, disabled, no right, damaged log, a check failed.
  kInterrupted = 5,
  kBug = 42,      // A bug of ours.
  kGaveUp = 123,  // `wait` gave up.
};

// What may stand before or after any verb. The last three are offered by changing verbs alone.
struct Options {
  std::string run = "default";  // -r, EPU_RUN
  std::string server;           // -s, EPU_SERVER; empty: the server of the run.
  std::string log;              // --log: a log's directory, or the run's around it.
  Duration timeout = std::chrono::seconds(5);
  bool json = false;
  bool local = false;          // Times in the local zone.
  std::string color = "auto";  // auto, always, never.
  bool quiet = false;          // Names only, one a line.
  bool yes = false;            // Go on without a question.
  std::string note;            // -m
  std::string id;              // --id: a command's id, to repeat it harmlessly.
};

// One thing that is wrong, and where.
struct Complaint {
  std::string message;  // What, with the value; the rule; what to do.
  std::string file;     // Empty where it is about no file.
  int line = 0;         // From 1; 0 where there is none.
  int column = 0;
  std::string key;  // "epus.crunch.config.queuelen_low_water"
  bool operator==(const Complaint&) const = default;
};

// The paths of one run.
struct RunPaths {
  std::string directory;  // $EPU_HOME/RUN
  std::string log;        // Its log/, or what --log names.
  std::string socket;     // Its epud.sock.
  std::string endpoint;   // "ipc:///var/lib/epu/default/epud.sock", or what -s says.
  std::string keys;
  std::string workers;
  bool operator==(const RunPaths&) const = default;
};

// What the program finds around itself; a test makes its own.
struct Surroundings {
  std::istream* in = nullptr;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  Terminal terminal;           // Of `out`.
  bool colors_errors = false;  // Whether `err` is a terminal that shows colours.
  bool asks = false;  // Whether `in` and `err` are terminals, so that a question reaches someone.
  std::function<Terminal()> look_at_terminal;  // The same as it is now, for who shows it again.
  std::string home;                            // What EPU_HOME says, or its default.
  std::function<Time()> clock;                 // The wall clock.
  const EventLog* log = nullptr;               // Read instead of the run's own; for tests.
};

// $EPU_HOME, else /var/lib/epu for root, else ~/.local/state/epu.
std::string HomeDirectory();

// The run's paths by `options`. Touches nothing but to see whether --log names a run or its log.
RunPaths PathsOf(const Options& options, const std::string& home);

// What a refusal of the server, or a fault of a log, ends the program with.
Exit ExitOf(const absl::Status& status);

// Used by one thread.
class Context {
 public:
  Context(const Options& options, const Surroundings& surroundings);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  const Options& GetOptions() const { return options_; }
  const RunPaths& Paths() const { return paths_; }

  // The same program with another run: of the same home where `home` is empty. `assent`: what it
  // would ask was answered for all already.
  enum class Assent { kAsk, kGiven };
  std::unique_ptr<Context> ForRun(const std::string& run, const std::string& home = "",
                                  Assent assent = Assent::kAsk) const;
  const Terminal& GetTerminal() const { return surroundings_.terminal; }
  Terminal LookAtTerminal() const {  // The same, of the size that it has by now.
    return surroundings_.look_at_terminal ? surroundings_.look_at_terminal() : GetTerminal();
  }
  std::istream& In() { return *surroundings_.in; }
  std::ostream& Out() { return *surroundings_.out; }  // Answers alone.
  std::ostream& Err() { return *surroundings_.err; }  // Progress, notes, errors.
  bool AsksQuestions() const { return surroundings_.asks; }

  // The wall clock.
  Time Now() const { return surroundings_.clock(); }

  // The log to read: --log, the run's own, or through the server where -s names another's. Opened
  // at the first call; says on stderr when it belongs to a run whose server is down, and when it is
  // read without a lock.
  absl::StatusOr<const EventLog*> Log();

  // Whether that log is read through a server, which may be on another machine. REQUIRES: Log() was
  // OK.
  bool IsRemote() const { return remote_log_ != nullptr; }

  // Waits a part of a second for the head of the log to be another than `after`, and returns it;
  // `after` where it still is. Where a server is asked and none answers, says so once on stderr,
  // returns `after`, and goes on with the next that comes. REQUIRES: Log() was OK.
  absl::StatusOr<Sequence> AwaitHead(Sequence after);

  // The server: -s, or the run's own. Opened at the first call, and asked nothing yet: a call of it
  // waits for a server that is not there. kFailedPrecondition with --log.
  absl::StatusOr<GatewayClient*> Server();

  // Whether somebody serves the endpoint, as far as that can be told without asking: the socket of
  // an ipc:// endpoint accepts. Never with --log, which is read without a server.
  bool IsServed() const;

  // For the next command: --id the first time where that was given, else a number of this process,
  // whose client part is 48 random bits. kInvalidArgument where --id is no command's id.
  absl::StatusOr<CommandId> NextCommandId();

  // Writes an answer to stdout: glyphs as the terminal has them, nothing cut or escaped.
  void Print(std::string_view text);

  // Writes "epumgmt: <text>" to stderr, one line for each of its lines; escaped. Not with --quiet.
  void Note(std::string_view text);

  // Says what is wrong, as text or (--json) as one object, and returns `exit`. A message of several
  // lines is several complaints.
  Exit Fail(Exit exit, std::string_view message);
  Exit Fail(const absl::Status& status);  // With ExitOf, and what to do about a missing server.
  Exit Fail(Exit exit, const std::vector<Complaint>& complaints);

 private:
  absl::StatusOr<const EventLog*> OpenLog();
  void NoteHowItIsRead(bool locked);
  std::uint64_t ClientNumber();

  const Options options_;
  const Surroundings surroundings_;
  const RunPaths paths_;
  std::uint64_t client_number_ = 0;  // Drawn with the first command.
  std::uint64_t commands_ = 0;       // Numbered so far.
  std::unique_ptr<GatewayClient> client_;
  std::unique_ptr<EventLog> opened_log_;
  const EventLog* log_ = nullptr;
  const RemoteLog* remote_log_ = nullptr;  // The same, where it is read through a server.
  bool server_lost_ = false;               // As AwaitHead has said.
};

}  // namespace epu
