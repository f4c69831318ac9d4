#include "provisioner/process_driver.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provisioner/agent.h"
#include "provisioner/process_fixture.h"

namespace epu {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ProcessDriverTest : public ProcessFixture {
 protected:
  // Launches, and waits until `sleepers` processes of it sleep.
  Machine LaunchAndWait(ProcessDriver& driver, const LaunchSpec& spec, std::size_t sleepers = 1) {
    const auto number = ToInteger(spec.worker.number);
    const absl::StatusOr<Machine> machine = driver.Launch(TokenOf(number), spec);
    EXPECT_TRUE(machine.ok()) << machine.status();
    EXPECT_TRUE(Eventually([&] { return CountNamed(number, "sleep") == sleepers; }));
    return machine.value_or(Machine{});
  }

  static mode_t ModeOf(const std::string& path) {
    struct stat status = {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }
};

TEST_F(ProcessDriverTest, LaunchesACommandAndListsItsMachine) {
  ProcessDriver driver = MakeDriver();
  EXPECT_THAT(*driver.List(), IsEmpty());
  const Machine machine = LaunchAndWait(driver, Spec(1, {"sleep", "1000"}));
  EXPECT_EQ(machine.token, TokenOf(1));
  EXPECT_EQ(machine.id, "pid " + std::to_string(Agent(1).pid));
  EXPECT_THAT(*driver.List(), ElementsAre(machine));
  EXPECT_TRUE(TerminatesAll(driver, 1, milliseconds(300)));
  EXPECT_THAT(*driver.List(), IsEmpty());
}

TEST_F(ProcessDriverTest, GivesAWorkerItsOwnDirectoryAndVariables) {
  ProcessDriver driver = MakeDriver();
  LaunchSpec spec = Shell(12, "pwd; env; echo oops >&2; exec sleep 1000");
  spec.environment = {{"ROLE", "any"}, {"ROLE", "leader"}, {"EPU_TOKEN", "forged"}};
  LaunchAndWait(driver, spec);
  const std::string own = WorkerDirectory(12);
  const std::string output = Read(own + "/stdout");
  EXPECT_THAT(output, HasSubstr(own + "\n"));
  for (const std::string& variable :
       {std::string("EPU_RUN=test\n"), std::string("EPU_NAME=crunch\n"),
        std::string("EPU_WORKER=crunch/12\n"), "EPU_TOKEN=" + FormatToken(TokenOf(12)) + "\n",
        std::string("ROLE=leader\n")}) {
    EXPECT_THAT(output, HasSubstr(variable));
  }
  EXPECT_THAT(output, testing::Not(HasSubstr("ROLE=any")));
  EXPECT_EQ(Read(own + "/stderr"), "oops\n");
  EXPECT_THAT(Read(own + "/spec"), testing::Not(HasSubstr("leader")));
  EXPECT_EQ(ModeOf(own), 0700u);
  for (const char* file : {"/stdout", "/stderr", "/spec"}) EXPECT_EQ(ModeOf(own + file), 0600u);
}

TEST_F(ProcessDriverTest, HandsAWorkerItsSecretsAndLeavesThemNowhere) {
  std::filesystem::create_directory(directory + "/keys");
  std::ofstream(directory + "/keys/web-api") << "s3cret\n";
  std::filesystem::permissions(directory + "/keys/web-api", std::filesystem::perms(0600));
  ProcessDriver driver = MakeDriver();
  LaunchSpec spec = Shell(1, "[ ${#API_KEY} = 6 ] && echo it is there; exec sleep 1000");
  spec.environment = {{"API_KEY", "web-api", true}};
  LaunchAndWait(driver, spec);
  EXPECT_EQ(Read(WorkerDirectory(1) + "/stdout"), "it is there\n");
  EXPECT_THAT(Read(WorkerDirectory(1) + "/spec"), testing::Not(HasSubstr("s3cret")));

  LaunchSpec without = Shell(2, "exec sleep 1000");
  without.environment = {{"API_KEY", "missing", true}};
  const absl::Status refused = driver.Launch(TokenOf(2), without).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("/keys/missing cannot be read: No such"));
  EXPECT_THAT(Tree(2), IsEmpty());
}

TEST_F(ProcessDriverTest, KeepsNoDescriptorOfTheServerOpen) {
  std::ofstream open_file(directory + "/log");
  ProcessDriver driver = MakeDriver();
  LaunchAndWait(driver, Spec(1, {"sleep", "1000"}));
  for (const Process& process : Tree(1)) {
    if (process.name != "sleep") continue;
    std::vector<std::string> descriptors;
    for (const auto& entry :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process.pid))) {
      descriptors.push_back(entry.path().filename());
    }
    EXPECT_THAT(descriptors, testing::UnorderedElementsAre("0", "1", "2"));
  }
}

TEST_F(ProcessDriverTest, LaunchingTwiceGivesOneProcess) {
  ProcessDriver driver = MakeDriver();
  const Machine machine = LaunchAndWait(driver, Spec(1, {"sleep", "1000"}));
  const absl::StatusOr<Machine> again = driver.Launch(TokenOf(1), Spec(1, {"sleep", "1000"}));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, machine);
  EXPECT_EQ(CountNamed(1, "sleep"), 1u);
}

TEST_F(ProcessDriverTest, LaunchingAtOnceFromTwoServersGivesOneProcess) {
  for (std::uint32_t number = 1; number <= 5; ++number) {
    const auto launch = [&] {
      ProcessDriver driver = MakeDriver();
      const absl::Status status =
          driver.Launch(TokenOf(number), Spec(number, {"sleep", "1000"})).status();
      EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
    };
    std::thread other(launch);
    launch();
    other.join();
    EXPECT_TRUE(Eventually(
        [&] { return CountNamed(number, "sleep") == 1 && CountNamed(number, "epu-agent") == 1; }));
  }
}

TEST_F(ProcessDriverTest, NeverStartsATokenAgainThatHasEnded) {
  ProcessDriver driver = MakeDriver();
  LaunchAndWait(driver, Spec(1, {"sleep", "1000"}));
  EXPECT_TRUE(TerminatesAll(driver, 1, milliseconds(300)));
  const absl::Status again = driver.Launch(TokenOf(1), Spec(1, {"sleep", "1000"})).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(again)) << again;
  EXPECT_THAT(std::string(again.message()), HasSubstr("was started before and has ended"));
  EXPECT_THAT(Tree(1), IsEmpty());
}

TEST_F(ProcessDriverTest, FindsItsWorkersAgainAfterTheServerWasKilled) {
  const pid_t server = fork();
  if (server == 0) {
    ProcessDriver driver = MakeDriver();
    const bool launched = driver.Launch(TokenOf(1), Spec(1, {"sleep", "1000"})).ok();
    if (!launched) _exit(1);
    pause();
  }
  ASSERT_TRUE(Eventually([&] { return CountNamed(1, "sleep") == 1; }));
  const Process agent = Agent(1);
  kill(server, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(server, &status, 0), server);
  ASSERT_TRUE(WIFSIGNALED(status));

  ProcessDriver next = MakeDriver();
  const Machine found{"pid " + std::to_string(agent.pid), TokenOf(1), MachineCondition::kRunning,
                      "127.0.0.1"};
  EXPECT_THAT(*next.List(), ElementsAre(found));
  EXPECT_EQ(*next.Launch(TokenOf(1), Spec(1, {"sleep", "1000"})), found);
  EXPECT_EQ(CountNamed(1, "sleep"), 1u);
  EXPECT_TRUE(TerminatesAll(next, 1, milliseconds(300)));
}

TEST_F(ProcessDriverTest, EndsDescendantsThatLeftTheirSessionParentsAndEnvironment) {
  ProcessDriver driver = MakeDriver();
  LaunchAndWait(
      driver, Shell(1, "(setsid sleep 1000 &); (env -i setsid sleep 1000 &); exec sleep 1000"), 3);
  EXPECT_TRUE(Eventually([&] {
    const pid_t agent = Agent(1).pid;
    std::size_t adopted = 0;
    for (const Process& process : Tree(1)) adopted += process.parent == agent ? 1 : 0;
    return adopted == 3;
  }));
  EXPECT_TRUE(TerminatesAll(driver, 1, milliseconds(300)));
  EXPECT_THAT(*driver.List(), IsEmpty());
}

TEST_F(ProcessDriverTest, ShowsThatAnAgentIsLostAndEndsWhatItLeft) {
  ProcessDriver driver = MakeDriver();
  LaunchAndWait(driver, Shell(1, "trap '' TERM; (setsid sleep 1000 &); sleep 1000; :"), 2);
  ASSERT_TRUE(SendSignal(Agent(1), SIGKILL).ok());
  EXPECT_TRUE(Eventually([&] { return CountNamed(1, "epu-agent") == 0; }));
  const std::vector<Machine> listed = *driver.List();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].token, TokenOf(1));
  EXPECT_EQ(listed[0].condition, MachineCondition::kAgentLost);

  const absl::StatusOr<Machine> again = driver.Launch(TokenOf(1), Spec(1, {"sleep", "1000"}));
  ASSERT_TRUE(again.ok()) << "what is there is found, not adopted by a second agent";
  EXPECT_EQ(again->condition, MachineCondition::kAgentLost);
  EXPECT_EQ(CountNamed(1, "epu-agent"), 0u);

  EXPECT_TRUE(TerminatesAll(driver, 1, std::chrono::hours(1))) << "without a grace";
  EXPECT_THAT(*driver.List(), IsEmpty());
}

TEST_F(ProcessDriverTest, KillsAWorkerThatIgnoresSigterm) {
  ProcessDriver driver = MakeDriver();
  LaunchAndWait(driver, Shell(1, "trap '' TERM; (sleep 1000 &); while :; do sleep 1000; done"), 2);
  EXPECT_TRUE(TerminatesAll(driver, 1, std::chrono::hours(1))) << "by its agent";
}

TEST_F(ProcessDriverTest, KillsAWorkerWhoseAgentDoesNotEndIt) {
  ProcessDriver driver = MakeDriver();
  LaunchAndWait(driver, Spec(1, {"sleep", "1000"}));
  ASSERT_TRUE(SendSignal(Agent(1), SIGSTOP).ok());
  EXPECT_TRUE(TerminatesAll(driver, 1, milliseconds(0)));
}

TEST_F(ProcessDriverTest, ListsAndEndsNothingOfAnotherLogOrAnotherToken) {
  ProcessDriver driver = MakeDriver();
  const Machine one = LaunchAndWait(driver, Spec(1, {"sleep", "1000"}));
  const Machine ten = LaunchAndWait(driver, Spec(10, {"sleep", "1000"}));
  ProcessDriverOptions options = Options();
  options.log_id = "0000";
  ProcessDriver other(options);
  EXPECT_THAT(*other.List(), IsEmpty());
  EXPECT_TRUE(absl::IsInvalidArgument(other.Launch(TokenOf(2), Spec(2, {"sleep"})).status()));
  EXPECT_TRUE(TerminatesAll(driver, 1, milliseconds(300)));
  EXPECT_THAT(*driver.List(), ElementsAre(ten));
  EXPECT_EQ(driver.Terminate(one, milliseconds(300)), absl::OkStatus()) << "gone already";
}

TEST_F(ProcessDriverTest, RefusesWhatItCannotLaunch) {
  ProcessDriverOptions options = Options();
  options.agent_path = "/no/such/agent";
  EXPECT_EQ(ProcessDriver(options).Launch(TokenOf(1), Spec(1, {"sleep"})).status(),
            absl::NotFoundError("cannot run /no/such/agent: No such file or directory"));

  options = Options();
  options.workers_directory = directory + "/file";
  std::ofstream(options.workers_directory) << "in the way";
  EXPECT_FALSE(ProcessDriver(options).Launch(TokenOf(1), Spec(1, {"sleep"})).ok());

  ProcessDriver driver = MakeDriver();
  for (const char* name : {"", "..", "a/b", "/"}) {
    LaunchSpec spec = Spec(1, {"sleep", "1000"});
    spec.epu_name = name;
    EXPECT_TRUE(absl::IsInvalidArgument(driver.Launch(TokenOf(1), spec).status())) << name;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(driver.Launch(TokenOf(1), Spec(1, {})).status()));
  EXPECT_THAT(*driver.List(), IsEmpty());
}

TEST_F(ProcessDriverTest, SaysNothingIsKnownWhereTheAgentFallsSilent) {
  ProcessDriverOptions options = Options();
  options.agent_path = "/bin/true";
  ProcessDriver driver(options);
  EXPECT_TRUE(absl::IsUnavailable(driver.Launch(TokenOf(1), Spec(1, {"sleep"})).status()));
}

}  // namespace
}  // namespace epu
