#include "provisioner/process_table.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventlog/check.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::optional<Process> Find(pid_t pid) {
  const std::vector<Process> processes = ReadProcesses().value();
  for (const Process& process : processes) {
    if (process.pid == pid) return process;
  }
  return std::nullopt;
}

// A child that is at work until it is killed, and is waited for. Its first output has been read: it
// executes its own program, under its own name and environment. (Right after Spawn the table may
// still show the caller's name and no environment.)
class Child {
 public:
  explicit Child(std::vector<std::string> environment) {
    CHECK(pipe2(pipe_, O_CLOEXEC) == 0);
    SpawnRequest request;
    request.arguments = {"/usr/bin/yes"};  // It fills the pipe, and waits.
    request.environment = std::move(environment);
    request.directory = "/";
    request.output = pipe_[1];
    pid = *Spawn(request);
    char byte = 0;
    CHECK(read(pipe_[0], &byte, 1) == 1);
  }
  ~Child() {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    close(pipe_[0]);
    close(pipe_[1]);
  }
  pid_t pid = 0;

 private:
  int pipe_[2] = {-1, -1};
};

std::vector<pid_t> PidsOf(const std::vector<Process>& processes) {
  std::vector<pid_t> pids;
  for (const Process& process : processes) pids.push_back(process.pid);
  return pids;
}

TEST(ProcessTable, ShowsAProcessWithItsParentNameAndToken) {
  const Child child({"A=1", "XEPU_TOKEN=no", "EPU_TOKENS=no", "EPU_TOKEN=k3f9-5d1e-1", "B="});
  const std::optional<Process> process = Find(child.pid);
  ASSERT_TRUE(process.has_value());
  EXPECT_EQ(process->parent, getpid());
  EXPECT_EQ(process->name, "yes");
  EXPECT_EQ(process->token, "k3f9-5d1e-1");
  EXPECT_GT(process->start, 0u);
  EXPECT_EQ(Find(child.pid), process);
}

TEST(ProcessTable, ShowsAProcessWithoutToken) {
  const Child bare({});
  ASSERT_TRUE(Find(bare.pid).has_value());
  EXPECT_EQ(Find(bare.pid)->token, "");
}

TEST(ProcessTable, IsNotDeceivedByAName) {
  char name[16] = {};
  prctl(PR_GET_NAME, name);
  prctl(PR_SET_NAME, "a) Z 1 (b");
  const std::optional<Process> self = Find(getpid());
  prctl(PR_SET_NAME, name);
  ASSERT_TRUE(self.has_value());
  EXPECT_EQ(self->name, "a) Z 1 (b");
  EXPECT_EQ(self->parent, getppid());
}

TEST(ProcessTable, LeavesZombiesOut) {
  const Child child({"EPU_TOKEN=k3f9-5d1e-1"});
  kill(child.pid, SIGKILL);
  siginfo_t ended = {};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child.pid), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(Find(child.pid).has_value());
}

TEST(ProcessTable, SignalsThisVeryProcessAndNoOther) {
  const Child child({});
  const Process process = *Find(child.pid);
  Process earlier = process;
  earlier.start -= 1;
  EXPECT_EQ(SendSignal(earlier, SIGKILL), absl::OkStatus()) << "that one has ended";
  EXPECT_EQ(waitpid(child.pid, nullptr, WNOHANG), 0) << "this one lives";
  EXPECT_EQ(SendSignal(process, SIGKILL), absl::OkStatus());
  siginfo_t ended = {};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child.pid), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(ended.si_status, SIGKILL);
  EXPECT_EQ(SendSignal(process, SIGKILL), absl::OkStatus()) << "ended already";
}

TEST(ProcessTable, NeverSignalsItsCaller) {
  EXPECT_EQ(SendSignal(*Find(getpid()), SIGKILL), absl::OkStatus());
}

// pid, start, parent, name, token
const std::vector<Process> kProcesses = {
    {1, 1, 0, "init", ""},
    {5, 90, 40, "late", ""},  // Of a pid given out again: lower than its parent's.
    {20, 10, 1, "epu-agent", "k3f9-5d1e-1"},
    {30, 11, 20, "worker", "k3f9-5d1e-1"},
    {31, 12, 20, "epu-agent", "k3f9-5d1e-1"},  // A child that has not executed yet.
    {40, 13, 30, "bare", ""},
    {50, 14, 1, "escaped", "k3f9-5d1e-1"},
    {60, 15, 1, "worker", "k3f9-5d1e-10"},
    {61, 16, 1, "other", ""},
};

TEST(ProcessTable, FindsTheTreeOfAToken) {
  EXPECT_THAT(PidsOf(TreeOf(kProcesses, "k3f9-5d1e-1")), ElementsAre(5, 20, 30, 31, 40, 50));
  EXPECT_THAT(PidsOf(TreeOf(kProcesses, "k3f9-5d1e-10")), ElementsAre(60));
  EXPECT_THAT(TreeOf(kProcesses, "k3f9-5d1e-2"), IsEmpty());
}

TEST(ProcessTable, FindsDescendantsOfAProcess) {
  EXPECT_THAT(PidsOf(DescendantsOf(kProcesses, 30)), ElementsAre(5, 40));
  EXPECT_THAT(DescendantsOf(kProcesses, 61), IsEmpty());
}

TEST(ProcessTable, FindsTheAgentOfAToken) {
  ASSERT_NE(FindAgent(kProcesses, "k3f9-5d1e-1"), nullptr);
  EXPECT_EQ(FindAgent(kProcesses, "k3f9-5d1e-1")->pid, 20);
  EXPECT_EQ(FindAgent(kProcesses, "k3f9-5d1e-10"), nullptr) << "its agent is lost";
}

}  // namespace
}  // namespace epu
