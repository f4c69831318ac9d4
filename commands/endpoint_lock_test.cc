#include "commands/endpoint_lock.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "commands/served_run.h"

namespace epu {
namespace {

constexpr Time kSince{std::chrono::seconds(1795334282)};
const Holder kHolder{4127, kSince, "/var/lib/epu/default/log"};

absl::StatusOr<EndpointLock> Take(const std::string& directory) {
  return EndpointLock::Take(directory, "default", kHolder);
}

// Leaves behind what a killed server leaves: a socket that nobody serves.
void LeaveSocket(const std::string& path) {
  const int stale = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(stale);
}

TEST(EndpointLock, CreatesTheDirectoryForItsOwnerAlone) {
  const TemporaryDirectory home;
  const std::string run = home.path() + "/state/default";
  const auto lock = Take(run);
  ASSERT_TRUE(lock.ok()) << lock.status();
  struct stat found = {};
  ASSERT_EQ(stat(run.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0700u);
  EXPECT_EQ(lock->socket_path(), run + "/epud.sock");
  EXPECT_EQ(EndpointOf(run), "ipc://" + run + "/epud.sock");
}

TEST(EndpointLock, ASecondHolderIsToldWhoTheFirstIs) {
  const TemporaryDirectory run;
  const auto first = Take(run.path());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Take(run.path()).status(),
            absl::FailedPreconditionError("run default is held by epud 4127 since 2026-11-22 "
                                          "07:58:02Z (log /var/lib/epu/default/log)"));
}

TEST(EndpointLock, IsFreeAgainWhenItsHolderIsGone) {
  const TemporaryDirectory run;
  { ASSERT_TRUE(Take(run.path()).ok()); }
  EXPECT_TRUE(Take(run.path()).ok());
}

TEST(EndpointLock, RemovesAStaleSocketOnlyWhileItHoldsTheLock) {
  const TemporaryDirectory run;
  const std::string path = run.path() + "/epud.sock";
  LeaveSocket(path);
  {
    const auto first = Take(run.path());
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_FALSE(std::filesystem::exists(path));
    LeaveSocket(path);
    EXPECT_FALSE(Take(run.path()).ok());
    EXPECT_TRUE(std::filesystem::exists(path));
  }
}

TEST(EndpointLock, RemovesNothingButASocket) {
  const TemporaryDirectory run;
  const std::string path = run.path() + "/epud.sock";
  std::ofstream(path) << "precious";
  EXPECT_EQ(Take(run.path()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(EndpointLock, RefusesADirectoryThatIsOpenToOthers) {
  const TemporaryDirectory run;
  ASSERT_EQ(chmod(run.path().c_str(), 0710), 0);
  EXPECT_EQ(Take(run.path()).status(),
            absl::PermissionDeniedError(run.path() +
                                        " has mode 0710; a run is its owner's alone: chmod 700"));
}

TEST(EndpointLock, RefusesADirectoryOfAnotherUser) {
  const TemporaryDirectory run;
  if (chown(run.path().c_str(), 65534, 65534) != 0) GTEST_SKIP() << "not root";
  EXPECT_EQ(Take(run.path()).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST(EndpointLock, RefusesAPathThatNoSocketCanHave) {
  const TemporaryDirectory home;
  const std::size_t rest = kSocketPathMax - home.path().size() - std::string("//epud.sock").size();
  EXPECT_TRUE(Take(home.path() + "/" + std::string(rest, 'x')).ok());
  const auto lock = Take(home.path() + "/" + std::string(rest + 1, 'x'));
  EXPECT_EQ(lock.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(lock.status().message().find("has 108 bytes; the path of a socket may have 107"),
            std::string::npos);
}

TEST(HasProvisioner, IsWhetherTheOneThatHadTheRightLives) {
  const TemporaryDirectory run;
  EXPECT_FALSE(HasProvisioner(run.path()));
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  { ASSERT_TRUE(EndpointLock::TakeProvisioner(run.path(), "default", {child, kSince, "/l"}).ok()); }
  EXPECT_FALSE(HasProvisioner(run.path()));
  {
    ASSERT_TRUE(
        EndpointLock::TakeProvisioner(run.path(), "default", {getpid(), kSince, "/l"}).ok());
  }
  EXPECT_TRUE(HasProvisioner(run.path()));
}

}  // namespace
}  // namespace epu
