#include "provisioner/service_host.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "provisioner/local_host.h"
#include "provisioner/run_program.h"
#include "provisioner/spawn.h"
#include "provisioner/ssh_host.h"

namespace epu {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A directory of the test's own.
class Scratch {
 public:
  Scratch() { CHECK(mkdtemp(path_.data()) != nullptr); }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // A program of this text.
  std::string Program(const std::string& name, const std::string& text) const {
    const std::string path = *this / name;
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

 private:
  std::string path_ = "/tmp/epu-host.XXXXXX";
};

void Shell(const std::string& line) {
  const ProgramOutcome outcome = RunProgram({"sh", "-c", line}, {30s});
  CHECK(outcome.end == ProgramEnd::kExit && outcome.code == 0);
}

// Whether it runs: one that ended may wait to be reaped.
bool IsAlive(pid_t pid) {
  const std::string stat = ReadFile(fmt::format("/proc/{}/stat", pid));
  return !stat.empty() && stat.substr(stat.rfind(')')).find(" Z ") == std::string::npos;
}

// Of the loopback; nobody listens there.
int FreePort() {
  const int file = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CHECK(bind(file, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(file);
  return ntohs(address.sin_port);
}

// A real sshd on a port of the loopback, for this user, with keys made for it.
class Sshd {
 public:
  explicit Sshd(const Scratch& scratch) : scratch_(scratch) {
    for (const char* key : {"host_key", "user_key"}) {
      Shell(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}", scratch_ / key));
    }
    fs::copy_file(scratch_ / "user_key.pub", scratch_ / "authorized_keys");
    std::ofstream(scratch_ / "sshd_config") << fmt::format(
        "ListenAddress 127.0.0.1\nHostKey {0}/host_key\nPidFile none\nUsePAM no\n"
        "AuthorizedKeysFile {0}/authorized_keys\nStrictModes no\n"
        "PermitRootLogin yes\nPasswordAuthentication no\nMaxStartups 100\n"
        "Subsystem sftp internal-sftp\n",
        scratch_.path());
    Start();
  }
  ~Sshd() { Stop(); }

  void Start() {
    // A port that was free a moment ago may be taken; then sshd ends, and another is tried.
    for (int tries = 0; tries < 20; ++tries) {
      if (port_ == 0 || tries > 0) port_ = FreePort();
      const absl::StatusOr<pid_t> pid =
          Spawn({.arguments = {"/usr/sbin/sshd", "-D", "-e", "-f", scratch_ / "sshd_config", "-p",
                               std::to_string(port_)},
                 .environment = {"PATH=/usr/bin:/bin"},
                 .directory = "/"});
      CHECK(pid.ok());
      pid_ = *pid;
      while (waitpid(pid_, nullptr, WNOHANG) == 0) {
        if (Listens()) return;
        std::this_thread::sleep_for(5ms);
      }
    }
    CHECK(!"an sshd that runs");
  }
  void Stop() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  std::string host() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  bool Listens() const {
    const int file = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool listens = connect(file, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    close(file);
    return listens;
  }

  const Scratch& scratch_;
  int port_ = 0;
  pid_t pid_ = 0;
};

SshOptions OptionsOf(const Scratch& scratch) {
  SshOptions options;
  options.known_hosts = scratch / "known_hosts";
  options.directory = scratch / "there";
  options.key = scratch / "user_key";
  options.port_tries = 2;
  options.port_pause = 1ms;
  options.login_pause = 1ms;
  return options;
}

enum class Kind { kLocal, kSsh };

// What holds of every host.
class Hosts : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kSsh) sshd_ = std::make_unique<Sshd>(scratch_);
  }
  std::unique_ptr<ServiceHost> Host() const {
    if (sshd_ == nullptr) return std::make_unique<LocalHost>(scratch_ / "there", "web");
    return std::make_unique<SshHost>(sshd_->host(), "web", OptionsOf(scratch_));
  }
  ProgramRun RunOf(const std::string& text) const {
    ProgramRun run;
    run.token = "k3f9-1-1-boot";
    run.program = scratch_.Program("boot.sh", text);
    run.timeout = 60s;
    run.log_path = scratch_ / "web.log";
    return run;
  }
  ProgramResult Run(const ProgramRun& run) const {
    const absl::StatusOr<ProgramResult> result = Host()->Run(run, {});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(ProgramResult{});
  }

  Scratch scratch_;
  std::unique_ptr<Sshd> sshd_;
};

TEST_P(Hosts, TellHowAProgramEnded) {
  const struct {
    std::string text;
    ProgramResult result;
  } cases[] = {
      {"exit 0", {}},
      {"exit 3", {3}},
      {"echo no >&2; exit 1", {1, 0, false, false, "no\n"}},
      {"kill -KILL $$", {0, 9, false, false, "Killed\n"}},
      {"echo '{\"a\": 1}' >bootout.json", {0, 0, false, false, "", "{\"a\": 1}\n"}},
      {"echo '{}' >bootout.json; exit 4", {4, 0, false, false, "", "{}\n"}},
      {"exit 124", {124}},
      {"./nothing", {127, 0, false, false, "./boot.sh: 2: ./nothing: not found\n"}},
  };
  for (const auto& [text, result] : cases) {
    ProgramRun run = RunOf(text);
    run.once = false;
    EXPECT_EQ(Run(run), result) << text;
  }
}

TEST_P(Hosts, HandAProgramWhatItIsToldAndKeepWhatItPrints) {
  ProgramRun run = RunOf(
      "cat bootconf.json; printf '%s|' \"$@\"; echo \"$NAME $EPU_TOKEN\"; . ./bootenv.sh; "
      "echo \"$NAME\"; ls");
  run.arguments = {"a b", "$HOME", "it's", "", "two\nlines", "*"};
  run.boot_configuration = "{\"host\": \"h\"}\n";
  run.environment = {{"NAME", "a 'b' $c"}, {"not-a-name", "x"}};
  run.machine_token = "k3f9-5d1e-2";
  EXPECT_EQ(Run(run), ProgramResult{});
  EXPECT_EQ(ReadFile(run.log_path),
            "{\"host\": \"h\"}\na b|$HOME|it's||two\nlines|*|a 'b' $c k3f9-5d1e-2\na 'b' $c\n"
            "boot.sh\nbootconf.json\nbootenv.sh\n");
}

TEST_P(Hosts, UnpackAnArchiveAndRunWhatIsInIt) {
  fs::create_directories(scratch_ / "pack/tool");
  std::ofstream(scratch_ / "pack/tool/run.sh") << "#!/bin/sh\ncat tool/data\necho \"$1\"\n";
  std::ofstream(scratch_ / "pack/tool/data") << "data\n";
  Shell(fmt::format("tar -C {} -czf {} tool", scratch_ / "pack", scratch_ / "tool.tar.gz"));
  ProgramRun run = RunOf("");
  run.program = scratch_ / "tool.tar.gz";
  run.arguments = {"word"};
  EXPECT_EQ(Run(run), ProgramResult{});
  EXPECT_EQ(ReadFile(run.log_path), "data\nword\n");
}

TEST_P(Hosts, RunAProgramOnceForItsToken) {
  ProgramRun run = RunOf(fmt::format("echo run >>{}; exit 5", scratch_ / "count"));
  EXPECT_EQ(Run(run).exit_status, 5);
  run.program = scratch_.Program("boot.sh", "exit 0");
  EXPECT_EQ(Run(run).exit_status, 5) << "its end is told again";
  EXPECT_EQ(ReadFile(scratch_ / "count"), "run\n");
  run.token = "k3f9-1-2-boot";
  EXPECT_EQ(Run(run).exit_status, 0) << "another attempt is another token";
  run.once = false;
  run.program = scratch_.Program("boot.sh", "exit 6");
  EXPECT_EQ(Run(run).exit_status, 6);
}

TEST_P(Hosts, EndAProgramWithItsChildrenWhenItsTimeIsOver) {
  ProgramRun run = RunOf(fmt::format("sleep 1000 & echo $! >{}; wait", scratch_ / "child"));
  run.timeout = 1s;
  const ProgramResult result = Run(run);
  EXPECT_TRUE(result.timed_out);
  const int child = std::stoi(ReadFile(scratch_ / "child"));
  while (kill(child, 0) == 0) std::this_thread::sleep_for(5ms);
}

TEST_P(Hosts, LeaveAProgramRunningWhenTheyAreStopped) {
  const std::string go = scratch_ / "go";
  const ProgramRun run = RunOf(fmt::format(
      "echo run >>{}; until [ -e {} ]; do sleep 0.02; done; exit 7", scratch_ / "count", go));
  std::stop_source stop;
  {
    std::jthread stopping([&] {
      while (!fs::exists(scratch_ / "count")) std::this_thread::sleep_for(5ms);
      stop.request_stop();
    });
    const absl::StatusOr<ProgramResult> result = Host()->Run(run, stop.get_token());
    EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
  }
  std::ofstream(go) << "go";
  EXPECT_EQ(Run(run).exit_status, 7);
  EXPECT_EQ(ReadFile(scratch_ / "count"), "run\n");
}

TEST_P(Hosts, DoNotRunAgainWhatWentWithoutATrace) {
  const std::string pid = scratch_ / "pid";
  // The one that waits for the program dies, and then the program.
  const ProgramRun run = RunOf(fmt::format(
      "echo $PPID >{}; kill -9 $(cut -d' ' -f4 /proc/$PPID/stat); kill -9 $PPID; sleep 1000", pid));
  EXPECT_TRUE(Run(run).died);
  EXPECT_TRUE(Run(run).died) << "again";
}

TEST_P(Hosts, RemoveWhatWasLaidThere) {
  Run(RunOf("exit 0"));
  EXPECT_TRUE(fs::exists(scratch_ / "there/web/boot.sh"));
  EXPECT_TRUE(Host()->Remove("k3f9-", {}).ok());
  EXPECT_FALSE(fs::exists(scratch_ / "there/web"));
  EXPECT_TRUE(Host()->Remove("k3f9-", {}).ok()) << "again";
}

TEST_P(Hosts, EndWhatStillRunsThereAndNothingElse) {
  const struct {
    std::string text;
    bool ends_by_itself;
    bool runs_on;
  } cases[] = {
      {"echo $$ >{0}; sleep 1000", false, false},
      {"trap '' TERM; echo $$ >{0}; while :; do sleep 1; done", false, false},
      {"sleep 1000 & echo $! >{0}", true, true},  // It ended, and left that behind.
  };
  for (const auto& given : cases) {
    const std::string file = scratch_ / "pid";
    fs::remove(file);
    // Whole when it is there.
    const std::string into = fmt::format("{0}.new; mv {0}.new {0}", file);
    const ProgramRun run = RunOf(fmt::format(fmt::runtime(given.text), into));
    std::stop_source stop;
    std::jthread runs([&] { (void)Host()->Run(run, stop.get_token()); });
    while (!fs::exists(file)) std::this_thread::sleep_for(5ms);
    if (!given.ends_by_itself) stop.request_stop();
    runs.join();
    EXPECT_TRUE(Host()->Remove("k3f9-", {}).ok());
    const pid_t pid = std::stoi(ReadFile(file));
    EXPECT_EQ(IsAlive(pid), given.runs_on) << given.text;
    if (given.runs_on) kill(pid, SIGKILL);
  }
}

TEST_P(Hosts, FetchADirectory) {
  fs::create_directories(scratch_ / "logs/deep");
  std::ofstream(scratch_ / "logs/deep/a.log") << "line\n";
  EXPECT_TRUE(Host()->Fetch(scratch_ / "logs", scratch_ / "fetched", {}).ok());
  EXPECT_EQ(ReadFile(scratch_ / "fetched/logs/deep/a.log"), "line\n");
  EXPECT_FALSE(Host()->Fetch(scratch_ / "nothing", scratch_ / "fetched", {}).ok());
}

// Launchers are killed while they run a program, a hundred times, at moments that a seed picks; the
// program is run once, and whoever comes last learns its end.
TEST_P(Hosts, RunAProgramOnceHoweverOftenItsLauncherIsKilled) {
  std::mt19937 random(7);
  const int programs = GetParam() == Kind::kLocal ? 25 : 8;
  for (int program = 0; program < programs; ++program) {
    const std::string count = scratch_ / fmt::format("count-{}", program);
    ProgramRun run = RunOf(fmt::format("echo run >>{}; sleep 0.03; exit 9", count));
    run.token = fmt::format("k3f9-1-{}-boot", program);
    for (int kills = 0; kills < 4; ++kills) {
      const pid_t launcher = fork();
      CHECK(launcher >= 0);
      if (launcher == 0) {
        (void)Host()->Run(run, {});
        _exit(0);
      }
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
      kill(launcher, SIGKILL);
      waitpid(launcher, nullptr, 0);
    }
    EXPECT_EQ(Run(run).exit_status, 9);
    EXPECT_EQ(ReadFile(count), "run\n");
  }
}

TEST_P(Hosts, RunAProgramOnceForTwoThatAskAtOnce) {
  const std::string count = scratch_ / "count";
  const ProgramRun run = RunOf(fmt::format("echo run >>{}; sleep 0.05; exit 9", count));
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(Run(run).exit_status, 9); });
  }
  threads.clear();
  EXPECT_EQ(ReadFile(count), "run\n");
}

INSTANTIATE_TEST_SUITE_P(Each, Hosts, testing::Values(Kind::kLocal, Kind::kSsh),
                         [](const auto& kind) {
                           return kind.param == Kind::kLocal ? "Local" : "Ssh";
                         });

// ---- Reaching one by ssh ----

TEST(SshHost, IsReachedWhenItLetsUsIn) {
  const Scratch scratch;
  Sshd sshd(scratch);
  SshOptions options = OptionsOf(scratch);
  EXPECT_TRUE(SshHost(sshd.host(), "web", options).Reach({}).ok());

  Shell(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}", scratch / "other_key"));
  options.key = scratch / "other_key";
  const absl::Status denied = SshHost(sshd.host(), "web", options).Reach({});
  EXPECT_TRUE(absl::IsPermissionDenied(denied)) << denied;
}

TEST(SshHost, ThatShowsAnotherKeyIsRefused) {
  const Scratch scratch;
  Sshd sshd(scratch);
  const SshOptions options = OptionsOf(scratch);
  ASSERT_TRUE(SshHost(sshd.host(), "web", options).Reach({}).ok());
  sshd.Stop();
  Shell(fmt::format("rm {0} && ssh-keygen -q -t ed25519 -N '' -f {0}", scratch / "host_key"));
  sshd.Start();
  const absl::Status refused = SshHost(sshd.host(), "web", options).Reach({});
  EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
  EXPECT_NE(refused.message().find("shows another host key"), std::string::npos) << refused;
}

TEST(SshHost, ThatIsNotThereIsGivenUpAfterAllTries) {
  const Scratch scratch;
  const std::string host = fmt::format("127.0.0.1:{}", FreePort());
  const absl::Status away = SshHost(host, "web", OptionsOf(scratch)).Reach({});
  EXPECT_TRUE(absl::IsUnavailable(away)) << away;
  EXPECT_NE(away.message().find("after 2 tries"), std::string::npos) << away;
}

}  // namespace
}  // namespace epu
