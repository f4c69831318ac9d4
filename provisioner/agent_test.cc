#include "provisioner/agent.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provisioner/process_fixture.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

using testing::HasSubstr;

// Agents as the driver starts them, and agents that stay children of the test.
class AgentTest : public ProcessFixture {
 protected:
  void Launch(const LaunchSpec& spec) {
    ProcessDriver driver = MakeDriver();
    const absl::StatusOr<Machine> machine =
        driver.Launch(TokenOf(ToInteger(spec.worker.number)), spec);
    ASSERT_TRUE(machine.ok()) << machine.status();
  }

  pid_t SpawnAgent(std::uint32_t number, const std::string& script) {
    std::filesystem::create_directories(WorkerDirectory(number));
    AgentOptions options;
    options.endpoint = heartbeats;
    options.directory = WorkerDirectory(number);
    options.token = TokenOf(number);
    options.worker = {EpuNumber{17}, WorkerNumber{number}};
    options.stop_grace = std::chrono::milliseconds(300);
    options.command = {"/bin/sh", "-c", script};
    SpawnRequest request;
    request.arguments = FormatAgentArguments(options);
    request.arguments.insert(request.arguments.begin(), Options().agent_path);
    request.environment = {"EPU_TOKEN=" + FormatToken(options.token), "PATH=/usr/bin:/bin"};
    request.directory = directory;
    return *Spawn(request);
  }

  static int ExitCodeOf(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  bool IsReported(const std::string& text) {
    return Eventually([&] { return Contains(heartbeats, text); });
  }

  std::size_t CountHeartbeats() {
    const std::string text = Read(heartbeats);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
};

TEST_F(AgentTest, SaysAgainAndAgainThatItsWorkerRuns) {
  Launch(Spec(12, {"sleep", "1000"}));
  EXPECT_TRUE(IsReported("17-12 OK \n17-12 OK \n"));
}

TEST_F(AgentTest, ReportsHowItsWorkerEndedAndStays) {
  struct Case {
    const char* script;
    const char* report;
  };
  std::uint32_t number = 0;
  for (const Case& c : {Case{"echo first >&2; echo last words >&2; exit 3",
                             "PROCESS_ERROR exit 3|first|last words|\n"},
                        Case{"exit 0", "PROCESS_ERROR exit 0\n"},
                        Case{"kill -SEGV $$", "PROCESS_ERROR killed by SIGSEGV\n"},
                        Case{"kill -40 $$", "PROCESS_ERROR killed by "}}) {
    ++number;
    Launch(Shell(number, c.script));
    const std::string line = "17-" + std::to_string(number) + " " + c.report;
    EXPECT_TRUE(IsReported(line)) << line << Read(heartbeats);
    EXPECT_EQ(CountNamed(number, "epu-agent"), 1u);
  }
  ProcessDriver driver = MakeDriver();
  EXPECT_EQ(driver.List()->size(), 4u);
}

TEST_F(AgentTest, ReportsACommandThatCannotBeRun) {
  Launch(Spec(1, {"/no/such/worker"}));
  EXPECT_TRUE(
      IsReported("17-1 PROCESS_ERROR cannot run /no/such/worker: No such file or directory\n"));
  EXPECT_EQ(CountNamed(1, "epu-agent"), 1u);
}

TEST_F(AgentTest, ReportsTheEndOfALongStderr) {
  Launch(Shell(1, "yes gibberish | head -c 100000 >&2; echo the end >&2; exit 1"));
  ASSERT_TRUE(IsReported("|the end|\n"));
  std::string line = Read(heartbeats);
  line.erase(0, line.rfind("17-1 PROCESS_ERROR"));
  EXPECT_LT(line.size(), 4096u);
  EXPECT_GT(line.size(), 4000u);
}

TEST_F(AgentTest, KeepsItsReportWhileTheServerIsAway) {
  heartbeats = directory + "/server/heartbeats";
  Launch(Shell(1, "echo why >&2; exit 3"));
  ASSERT_TRUE(Eventually(
      [&] { return Contains(WorkerDirectory(1) + "/stderr", "why") && Tree(1).size() == 1; }));
  std::filesystem::create_directories(directory + "/server");
  EXPECT_TRUE(IsReported("17-1 PROCESS_ERROR exit 3|why|\n"));
}

TEST_F(AgentTest, ReportsAWorkerThatWasKilledWhileItsChildrenGoOn) {
  Launch(Shell(1, "(sleep 1000 &); exit 9"));
  EXPECT_TRUE(IsReported("17-1 PROCESS_ERROR exit 9\n"));
  EXPECT_TRUE(Eventually([&] { return CountNamed(1, "sleep") == 1; }));
  ProcessDriver driver = MakeDriver();
  EXPECT_TRUE(TerminatesAll(driver, 1, std::chrono::milliseconds(300)));
}

TEST_F(AgentTest, SaysWhatItsWorkerSaysOfItself) {
  Launch(Shell(
      1, "printf 'activity busy\\ndoing job 7\\nmetric load 0.5\\n' >$EPU_REPORT; sleep 1000"));
  EXPECT_TRUE(IsReported("17-1 OK [busy job 7 load=0.5]\n"));
  Launch(Shell(2, "printf 'activity lazy\\n' >$EPU_REPORT; sleep 1000"));
  EXPECT_TRUE(IsReported("17-2 OK [unknown line 1: activity is \"lazy\"; busy or idle is due]\n"));
  Launch(Shell(3, "mkfifo $EPU_REPORT; touch made; sleep 1000"));
  EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(WorkerDirectory(3) + "/made"); }));
  EXPECT_TRUE(IsReported("17-3 OK \n17-")) << "no file, no word, and nobody waits for one";
}

TEST_F(AgentTest, TellsItsWorkerToDrain) {
  Launch(Shell(1, "until [ -e $EPU_DRAIN ]; do sleep 0.05; done; exit 7"));
  ASSERT_TRUE(IsReported("17-1 OK"));
  EXPECT_FALSE(std::filesystem::exists(WorkerDirectory(1) + "/drain"));
  std::ofstream(heartbeats + ".drain").close();
  EXPECT_TRUE(IsReported("17-1 PROCESS_ERROR exit 7\n"));
}

TEST_F(AgentTest, IgnoresInterruptAndHangUp) {
  Launch(Spec(1, {"sleep", "1000"}));
  ASSERT_TRUE(IsReported("17-1 OK"));
  ASSERT_TRUE(SendSignal(Agent(1), SIGINT).ok());
  ASSERT_TRUE(SendSignal(Agent(1), SIGHUP).ok());
  const std::size_t before = CountHeartbeats();
  EXPECT_TRUE(Eventually([&] { return CountHeartbeats() >= before + 2; }));
  EXPECT_EQ(CountNamed(1, "sleep"), 1u);
}

TEST_F(AgentTest, LetsItsWorkerEndInPeaceAndExitsWithZero) {
  const pid_t agent =
      SpawnAgent(1, "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
  ASSERT_TRUE(Eventually([&] { return Contains(WorkerDirectory(1) + "/stdout", "up"); }));
  kill(agent, SIGTERM);
  EXPECT_EQ(ExitCodeOf(agent), 0);
  EXPECT_THAT(Read(WorkerDirectory(1) + "/stdout"), HasSubstr("bye"));
  EXPECT_TRUE(Tree(1).empty());
}

TEST_F(AgentTest, KillsWhatIsLeftAfterTheGrace) {
  const pid_t agent = SpawnAgent(
      1, "trap '' TERM; (env -i setsid sh -c 'trap \"\" TERM; sleep 1000; :' &); sleep 1000; :");
  ASSERT_TRUE(Eventually([&] { return CountNamed(1, "sleep") == 2; }));
  kill(agent, SIGTERM);
  EXPECT_EQ(ExitCodeOf(agent), 0);
  EXPECT_TRUE(Tree(1).empty());
}

TEST_F(AgentTest, StartsATokenOnce) {
  const pid_t first = SpawnAgent(1, "exec sleep 1000");
  ASSERT_TRUE(Eventually([&] { return CountNamed(1, "sleep") == 1; }));
  EXPECT_EQ(ExitCodeOf(SpawnAgent(1, "exec sleep 1000")), 3);
  EXPECT_EQ(CountNamed(1, "sleep"), 1u);
  kill(first, SIGTERM);
  EXPECT_EQ(ExitCodeOf(first), 0);
  EXPECT_EQ(ExitCodeOf(SpawnAgent(1, "exec sleep 1000")), 3) << "nor after its end";
}

}  // namespace
}  // namespace epu
