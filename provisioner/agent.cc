#include "provisioner/agent.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "eventlog/check.h"
#include "provisioner/process_table.h"
#include "provisioner/spawn.h"
#include "provisioner/work_report.h"

namespace epu {
namespace {

// Between two rounds of SIGKILL: what was forked during one is seen by the next.
constexpr Duration kKillEvery = std::chrono::milliseconds(50);

int MakeTimer() {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  CHECK(timer >= 0);
  return timer;
}

// First after `first`, but at once is 1 ns (0 would disarm it), then at each `every`.
void SetTimer(int timer, Duration first, Duration every) {
  const auto convert = [](Duration duration) {
    timespec spec = {};
    spec.tv_sec = duration.count() / 1'000'000;
    spec.tv_nsec = duration.count() % 1'000'000 * 1000;
    return spec;
  };
  itimerspec setting = {};
  setting.it_value = convert(first);
  setting.it_interval = convert(every);
  if (first <= Duration::zero()) setting.it_value = {0, 1};
  CHECK(timerfd_settime(timer, 0, &setting, nullptr) == 0);
}

bool TookExpiry(int timer) {
  std::uint64_t expiries = 0;
  return read(timer, &expiries, sizeof(expiries)) == sizeof(expiries);
}

// One line for the starter, who reads until then.
void Say(const std::string& line) {
  const std::string text = line + "\n";
  [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
}

// SIGTERM and SIGCHLD come by the returned descriptor; a terminal's signals mean somebody else.
int TakeSignals() {
  for (const int ignored : {SIGINT, SIGHUP, SIGPIPE}) signal(ignored, SIG_IGN);
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGTERM);
  sigaddset(&taken, SIGCHLD);
  CHECK(sigprocmask(SIG_BLOCK, &taken, nullptr) == 0);
  const int signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  CHECK(signals >= 0);
  return signals;
}

std::string DescribeEnd(int status) {
  if (WIFEXITED(status)) return fmt::format("exit {}", WEXITSTATUS(status));
  const char* name = sigabbrev_np(WTERMSIG(status));
  if (name == nullptr) return fmt::format("killed by signal {}", WTERMSIG(status));
  return fmt::format("killed by SIG{}", name);
}

// Opens a file of the worker's directory; -1 with errno where that fails.
int OpenIn(const std::string& directory, std::string_view name, int flags) {
  return open(fmt::format("{}/{}", directory, name).c_str(), flags | O_CLOEXEC, 0600);
}

// How long ago `moment` was by the wall clock, which wrote it; not below zero.
Duration AgeOf(const timespec& moment) {
  timespec now = {};
  CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
  const std::int64_t seconds = now.tv_sec - moment.tv_sec;
  const std::int64_t nanoseconds = now.tv_nsec - moment.tv_nsec;
  return std::max(Duration(seconds * 1'000'000 + nanoseconds / 1000), Duration::zero());
}

// The agent once it has claimed its token.
class Agent {
 public:
  Agent(const AgentOptions& options, int output, int errors, int signals, HeartbeatSink& sink)
      : options_(options),
        output_(output),
        errors_(errors),
        errors_begin_(lseek(errors, 0, SEEK_END)),
        signals_(signals),
        sink_(sink),
        beat_timer_(MakeTimer()),
        kill_timer_(MakeTimer()) {
    heartbeat_.worker = options.worker;
    heartbeat_.launch = options.token.launch;
    heartbeat_.health = Health::kOk;
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() {
    close(beat_timer_);
    close(kill_timer_);
  }

  // Until it was asked to end and nothing is left.
  void Run() {
    StartCommand();
    SetTimer(beat_timer_, Duration::zero(), kHeartbeatEvery);
    while (!(ending_ && childless_)) {
      pollfd events[] = {{signals_, POLLIN, 0}, {beat_timer_, POLLIN, 0}, {kill_timer_, POLLIN, 0}};
      if (poll(events, 3, -1) < 0) continue;
      TakeSignal();
      Reap();
      if (TookExpiry(kill_timer_)) SignalTree(SIGKILL);
      if (TookExpiry(beat_timer_)) Beat();
    }
  }

 private:
  void StartCommand() {
    SpawnRequest request;
    request.arguments = options_.command;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      request.environment.push_back(*variable);
    }
    request.directory = options_.directory;
    request.output = output_;
    request.errors = errors_;
    const absl::StatusOr<pid_t> started = Spawn(request);
    if (started.ok()) {
      command_ = *started;
      childless_ = false;
      sink_.NoteStart();
      return;
    }
    const absl::string_view text = started.status().message();
    Fail(std::string(text.data(), text.size()));
  }

  void TakeSignal() {
    signalfd_siginfo taken = {};
    while (read(signals_, &taken, sizeof(taken)) == sizeof(taken)) {
      if (taken.ssi_signo == SIGTERM) BeginEnd();
    }
  }

  void BeginEnd() {
    if (ending_) return;
    ending_ = true;
    SignalTree(SIGTERM);
    SetTimer(kill_timer_, options_.stop_grace, kKillEvery);
  }

  // Descendants that lost their parents are the agent's own children by then: without children it
  // has no descendants.
  void Reap() {
    while (true) {
      int status = 0;
      const pid_t ended = waitpid(-1, &status, WNOHANG);
      childless_ = ended < 0 && errno == ECHILD;
      if (ended <= 0) return;
      if (ended != command_) continue;
      const std::string end = DescribeEnd(status);
      sink_.NoteEnd(end);
      const std::string tail = ReadErrorsTail();
      Fail(tail.empty() ? end : end + "\n" + tail);
    }
  }

  void Fail(const std::string& detail) {
    heartbeat_.health = Health::kProcessError;
    heartbeat_.detail = CutText(detail);
    Beat();
  }

  // What was written since this agent began; the file may have been there before.
  std::string ReadErrorsTail() const {
    const off_t end = lseek(errors_, 0, SEEK_END);
    const off_t begin = std::max(errors_begin_, end - static_cast<off_t>(kStderrTailMax));
    if (end <= begin) return {};
    std::string tail(static_cast<std::size_t>(end - begin), '\0');
    const ssize_t got = pread(errors_, tail.data(), tail.size(), begin);
    tail.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return tail;
  }

  void Beat() {
    TakeReport();
    const absl::StatusOr<Noted> noted = sink_.Send(heartbeat_);
    if (!noted.ok()) return;  // The next says the same.
    if (noted->drain && !drain_told_) TellToDrain();
  }

  // What the command says of itself. Nothing where it never did; while it writes, what it said
  // before.
  void TakeReport() {
    const int file = OpenIn(options_.directory, kReportName, O_RDONLY | O_NONBLOCK);
    if (file < 0) return;
    const absl::Cleanup closer = [file] { close(file); };
    struct stat status = {};
    std::string text(kWorkReportBytesMax, '\0');
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return;
    const ssize_t got = pread(file, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    absl::StatusOr<WorkReport> report = ParseWorkReport(text);
    if (absl::IsUnavailable(report.status())) return;
    if (!report.ok()) {
      const std::string error(report.status().message());
      report = WorkReport();
      report->error = CutText(error);
    }
    report->age = AgeOf(status.st_mtim);
    heartbeat_.report = *std::move(report);
  }

  void TellToDrain() {
    const int file = OpenIn(options_.directory, kDrainName, O_WRONLY | O_CREAT);
    drain_told_ = file >= 0;
    if (file >= 0) close(file);
  }

  // By parentage, and by the token where a process carries it.
  void SignalTree(int signal) {
    const absl::StatusOr<std::vector<Process>> processes = ReadProcesses();
    if (!processes.ok()) {
      if (command_ > 0 && heartbeat_.health == Health::kOk) kill(command_, signal);
      return;
    }
    std::map<pid_t, Process> tree;
    for (const Process& process : DescendantsOf(*processes, getpid())) {
      tree.emplace(process.pid, process);
    }
    for (const Process& process : TreeOf(*processes, FormatToken(options_.token))) {
      tree.emplace(process.pid, process);
    }
    for (const auto& [pid, process] : tree) {
      [[maybe_unused]] const absl::Status sent = SendSignal(process, signal);
    }
  }

  const AgentOptions& options_;
  const int output_;
  const int errors_;
  const off_t errors_begin_;
  const int signals_;
  HeartbeatSink& sink_;
  const int beat_timer_;
  const int kill_timer_;
  pid_t command_ = 0;
  Heartbeat heartbeat_;
  bool drain_told_ = false;
  bool ending_ = false;
  bool childless_ = true;
};

// Leaves the starter's process and session. False in the process that is left behind, or where
// there is no room for another.
bool LeaveStarter() {
  const pid_t child = fork();
  if (child < 0) Say(fmt::format("full cannot fork: {}", strerror(errno)));
  if (child != 0) return false;
  setsid();
  return true;
}

}  // namespace

std::string MarkerName(const Token& token) { return "started-" + FormatToken(token); }

int RunAgent(const AgentOptions& options, const SinkFactory& connect) {
  constexpr int kCouldNotStart = 3;
  const bool detach = options.detach == Detach::kDetach;
  if (detach && !LeaveStarter()) return 0;
  const auto refuse = [&](const std::string& line) {
    if (detach) Say(line);
    return kCouldNotStart;
  };
  prctl(PR_SET_NAME, std::string(kAgentName).c_str());
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  const int marker =
      OpenIn(options.directory, MarkerName(options.token), O_WRONLY | O_CREAT | O_EXCL);
  if (marker < 0 && errno == EEXIST) return refuse("twice");
  if (marker < 0) {
    return refuse(fmt::format("error cannot write in {}: {}", options.directory, strerror(errno)));
  }
  close(marker);
  const int output = OpenIn(options.directory, "stdout", O_WRONLY | O_CREAT | O_APPEND);
  const int errors = OpenIn(options.directory, "stderr", O_RDWR | O_CREAT | O_APPEND);
  if (output < 0 || errors < 0) {
    return refuse(fmt::format("error cannot write in {}: {}", options.directory, strerror(errno)));
  }
  const int signals = TakeSignals();
  if (detach) {
    Say(fmt::format("pid {}", getpid()));
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    CHECK(nowhere >= 0);
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
  }
  const std::unique_ptr<HeartbeatSink> sink = connect(options.endpoint);
  Agent(options, output, errors, signals, *sink).Run();
  return 0;
}

}  // namespace epu
