#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "eventlog/lmdb_log.h"
#include "tests/child_process.h"
#include "tests/log_testing.h"

// A disk that is full, or fails: once in earnest on a small file system, once by a limit on the
// size of files, and once by calls that fail as told. The last two are always tested.

namespace {

// What the calls below do to LMDB instead of their duty. Pages 0 and 1 of data.mdb are its meta
// pages.
struct Disk {
  std::atomic<int> data_errno = 0;
  std::atomic<int> sync_errno = 0;
  std::atomic<int> meta_errno = 0;  // For the next write of a meta page alone.
  std::atomic<int> syncs = 0;
  std::string only_while_there;  // With a path: data_errno counts while that file exists.
};
Disk disk;

constexpr off_t kMetaBytes = 2 * 4096;

bool DataFails() {
  return disk.data_errno != 0 &&
         (disk.only_while_there.empty() || access(disk.only_while_there.c_str(), F_OK) == 0);
}

}  // namespace

// liblmdb finds these before those of libc.
extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  const int code = offset >= kMetaBytes ? (DataFails() ? disk.data_errno.load() : 0)
                                        : disk.meta_errno.exchange(0);
  if (code == 0) return syscall(SYS_pwrite64, file, bytes, size, offset);
  errno = code;
  return -1;
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  if (!DataFails()) return syscall(SYS_writev, file, parts, count);
  errno = disk.data_errno;
  return -1;
}

int fdatasync(int file) {
  ++disk.syncs;
  if (disk.sync_errno == 0) return static_cast<int>(syscall(SYS_fdatasync, file));
  errno = disk.sync_errno;
  return -1;
}

}  // extern "C"

namespace epu {
namespace {

constexpr std::size_t kReserveBytes = std::size_t{1} << 20;
constexpr LmdbOptions kOptions{.map_bytes = std::size_t{1} << 30, .reserve_bytes = kReserveBytes};
constexpr std::size_t kWords = 128;  // 1 KiB.

// Appends four records whose numbers are their sequences.
absl::Status AppendFour(EventLog& log, Reserve reserve) {
  const Sequence head = *log.Head();
  return log.Append(head, MakeRecords(head, 4, kWords), reserve).status();
}

// Appends until there is no room, and returns the head.
Sequence FillUp(EventLog& log) {
  constexpr int kBatchesMax = 20'000;
  for (int batch = 0; batch < kBatchesMax; ++batch) {
    const absl::Status status = AppendFour(log, Reserve::kKeep);
    if (status.ok()) continue;
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    return *log.Head();
  }
  ADD_FAILURE() << "never full";
  return 0;
}

void ExpectWhole(const EventLog& log, Sequence head) {
  EXPECT_EQ(*log.Head(), head);
  EXPECT_EQ(ReadAfter(log, 0, kEverything).records, MakeRecords(0, head, kWords));
}

std::unique_ptr<LmdbLog> CreateIn(const std::string& directory) {
  return *LmdbLog::Create(directory, "full", kOptions);
}

class LmdbLogOnAFailingDisk : public testing::Test {
 protected:
  ~LmdbLogOnAFailingDisk() override {
    disk.data_errno = disk.sync_errno = disk.meta_errno = 0;
    disk.only_while_there.clear();
  }

  const TemporaryDirectory directory_;
  const std::string reserve_ = directory_.path() + "/reserve";
  const std::unique_ptr<LmdbLog> log_ = CreateIn(directory_.path());
};

TEST_F(LmdbLogOnAFailingDisk, SyncsABatchOnce) {
  for (int batch = 1; batch <= 5; ++batch) {
    disk.syncs = 0;
    ASSERT_TRUE(AppendFour(*log_, Reserve::kKeep).ok());
    EXPECT_EQ(disk.syncs, 1);  // The meta page is written through a file that syncs by itself.
  }
}

TEST_F(LmdbLogOnAFailingDisk, WritesNothingWhenItIsFull) {
  ASSERT_TRUE(AppendFour(*log_, Reserve::kKeep).ok());
  for (const int code : {ENOSPC, EDQUOT, EFBIG}) {
    disk.data_errno = code;
    EXPECT_TRUE(absl::IsResourceExhausted(AppendFour(*log_, Reserve::kKeep)));
    ExpectWhole(*log_, 4);
  }
  disk.data_errno = 0;
  EXPECT_EQ(AppendFour(*log_, Reserve::kKeep), absl::OkStatus());
  ExpectWhole(*log_, 8);
}

TEST_F(LmdbLogOnAFailingDisk, SpendsItsReserveForWhatMayAndLaysItByAgain) {
  EXPECT_EQ(std::filesystem::file_size(reserve_), kReserveBytes);
  disk.data_errno = ENOSPC;
  disk.only_while_there = reserve_;
  EXPECT_TRUE(absl::IsResourceExhausted(AppendFour(*log_, Reserve::kKeep)));
  EXPECT_TRUE(std::filesystem::exists(reserve_));

  EXPECT_EQ(AppendFour(*log_, Reserve::kSpend), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(reserve_));

  disk.data_errno = 0;
  EXPECT_EQ(AppendFour(*log_, Reserve::kKeep), absl::OkStatus());
  EXPECT_EQ(std::filesystem::file_size(reserve_), kReserveBytes);
  ExpectWhole(*log_, 8);
}

TEST_F(LmdbLogOnAFailingDisk, GoesOnAfterASyncThatFailed) {
  disk.sync_errno = EIO;
  const absl::Status status = AppendFour(*log_, Reserve::kKeep);
  EXPECT_FALSE(status.ok() || absl::IsResourceExhausted(status) || absl::IsAborted(status))
      << status;
  disk.sync_errno = 0;
  EXPECT_EQ(AppendFour(*log_, Reserve::kKeep), absl::OkStatus());
  ExpectWhole(*log_, *log_->Head());
}

TEST_F(LmdbLogOnAFailingDisk, OpensItselfAgainWhenLmdbGivesUp) {
  ASSERT_TRUE(AppendFour(*log_, Reserve::kKeep).ok());
  for (const int code : {EIO, ENOSPC}) {
    disk.meta_errno = code;
    const absl::Status status = AppendFour(*log_, Reserve::kKeep);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << status;
    ExpectWhole(*log_, *log_->Head());
    EXPECT_EQ(AppendFour(*log_, Reserve::kKeep), absl::OkStatus());
    ExpectWhole(*log_, *log_->Head());
  }
  EXPECT_GE(*log_->Head(), 12u);
}

TEST(LmdbLogOnAFullDisk, TakesALimitOnTheSizeOfFilesForOne) {
  const TemporaryDirectory directory;
  ChildProcess child([&](const Line&) {
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t unlimited = limit.rlim_cur;
    limit.rlim_cur = 3 << 20;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);

    const auto log = CreateIn(directory.path());
    const Sequence full = FillUp(*log);
    EXPECT_GT(full, 1500u);
    ExpectWhole(*log, full);
    EXPECT_TRUE(absl::IsResourceExhausted(AppendFour(*log, Reserve::kSpend)));

    limit.rlim_cur = unlimited;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_EQ(AppendFour(*log, Reserve::kKeep), absl::OkStatus());
    ExpectWhole(*log, full + 4);
  });
  EXPECT_TRUE(child.Succeeded());
}

// Mounts a file system of `bytes` at `directory` that this process alone sees, as root or, where
// the kernel lets everybody do so, in a user namespace.
bool MountSmallDisk(const std::string& directory, std::size_t bytes) {
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  const std::string options = "size=" + std::to_string(bytes);
  return mount("tmpfs", directory.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

// Everything the issue asks of a full disk, in order.
void LiveThroughAFullDisk(const std::string& directory) {
  const std::string ballast = directory + "/ballast", reserve = directory + "/log/reserve";
  std::ofstream(ballast) << std::string(std::size_t{8} << 20, 'x');
  const auto log = CreateIn(directory + "/log");
  ASSERT_TRUE(std::filesystem::exists(reserve));

  const Sequence full = FillUp(*log);
  EXPECT_GT(full, 1000u);
  ExpectWhole(*log, full);
  EXPECT_TRUE(std::filesystem::exists(reserve));

  for (int batch = 0; batch < 20; ++batch) {
    ASSERT_EQ(AppendFour(*log, Reserve::kSpend), absl::OkStatus());
    EXPECT_TRUE(absl::IsResourceExhausted(AppendFour(*log, Reserve::kKeep)));
  }
  EXPECT_FALSE(std::filesystem::exists(reserve));
  ExpectWhole(*log, full + 80);

  std::filesystem::remove(ballast);
  EXPECT_EQ(AppendFour(*log, Reserve::kKeep), absl::OkStatus());
  EXPECT_TRUE(std::filesystem::exists(reserve));
  ExpectWhole(*log, full + 84);
}

TEST(LmdbLogOnAFullDisk, KeepsWhatItHasRecordsWhatItMustAndResumes) {
  const TemporaryDirectory directory;
  ChildProcess child([&](const Line& parent) {
    const bool mounted = MountSmallDisk(directory.path(), std::size_t{16} << 20);
    parent.Send(mounted ? 1 : 0);
    if (mounted) LiveThroughAFullDisk(directory.path());
  });
  const bool mounted = child.line().Receive().value_or(1) == 1;
  EXPECT_TRUE(child.Succeeded());
  if (!mounted) GTEST_SKIP() << "no small file system may be mounted here; the other forms ran";
}

TEST(LmdbLogOnAReadOnlyDisk, IsReadWithoutALock) {
  const TemporaryDirectory directory;
  ChildProcess child([&](const Line& parent) {
    const bool mounted = MountSmallDisk(directory.path(), std::size_t{16} << 20);
    parent.Send(mounted ? 1 : 0);
    if (!mounted) return;
    ASSERT_EQ(AppendFour(*CreateIn(directory.path() + "/log"), Reserve::kKeep), absl::OkStatus());
    ASSERT_EQ(mount(nullptr, directory.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    const auto log = LmdbLog::OpenToRead(directory.path() + "/log", kOptions);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_FALSE((*log)->IsLocked());
    ExpectWhole(**log, 4);
  });
  const bool mounted = child.line().Receive().value_or(1) == 1;
  EXPECT_TRUE(child.Succeeded());
  if (!mounted) GTEST_SKIP() << "no file system may be mounted here";
}

}  // namespace
}  // namespace epu
