#include "cli/owned_run.h"

#include <gtest/gtest.h>
#include <lmdb.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <absl/strings/match.h>

#include "eventlog/capabilities_for_tests.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

// A run "base" below a directory of the test's own.
class OwnedRuns : public testing::Test {
 protected:
  OwnedRuns() { EXPECT_NE(mkdtemp(home_.data()), nullptr); }
  ~OwnedRuns() override { fs::remove_all(home_); }

  OwnedRunOptions Options(const std::string& run = "base") const {
    return {run, home_ + "/" + run, home_ + "/base/log", Succession::kSame};
  }
  absl::StatusOr<std::unique_ptr<OwnedRun>> Open() const { return OwnedRun::Open(Options()); }
  std::string log() const { return Options().log_directory; }
  std::string data() const { return log() + "/data.mdb"; }

  // Opens the run and begins an epoch; the id of its log.
  std::string Owned() const {
    const auto run = Open();
    if (!run.ok()) return std::string(run.status().message());
    const absl::Status begun = (*run)->Begin();
    return begun.ok() ? (*run)->writer().state().log_id : std::string(begun.message());
  }

  // What is there when a creation was cut short. Directories are their owner's alone.
  void MakeLogDirectory() const {
    fs::create_directories(log());
    for (const std::string& path : {Options().run_directory, log()}) {
      fs::permissions(path, fs::perms::owner_all);
    }
  }

  std::string home_ = "/tmp/epu-owned-run.XXXXXX";
};

// Does `act` in a child process; what it ends with, or minus the signal.
int InChild(const std::function<int()>& act) {
  const pid_t child = fork();
  if (child == 0) _exit(act());
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1'000;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// ---- A new run ----

TEST_F(OwnedRuns, IsMadeWithItsLogAndNothingIsWrittenYet) {
  const auto run = Open();
  ASSERT_TRUE(run.ok()) << run.status();
  struct stat found = {};
  ASSERT_EQ(stat(Options().run_directory.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0700u);
  EXPECT_EQ(*(*run)->log().Head(), 0u);
  EXPECT_EQ((*run)->log().LogId().size(), 4u);
  EXPECT_EQ((*run)->Self().pid, getpid());
  EXPECT_EQ((*run)->Self().log_path, log());
}

TEST_F(OwnedRuns, BeginsAnEpochOfTheSameLogEachTime) {
  std::string id;
  std::uint32_t epoch = 0;
  for (Sequence begun = 1; begun <= 3; ++begun) {
    const auto run = Open();
    ASSERT_TRUE(run.ok()) << run.status();
    const absl::Status status = (*run)->Begin();
    ASSERT_TRUE(status.ok()) << status;
    const State& state = (*run)->writer().state();
    EXPECT_EQ(state.head, begun);
    EXPECT_EQ(state.path, log());
    EXPECT_NE(state.epoch, epoch);
    EXPECT_EQ(state.log_id, (*run)->log().LogId());
    EXPECT_TRUE(begun == 1 || state.log_id == id);
    id = state.log_id;
    epoch = state.epoch;
  }
}

TEST_F(OwnedRuns, GoesOnBehindTheLastRecordsTime) {
  Time last;
  {
    const auto run = Open();
    ASSERT_TRUE((*run)->Begin().ok());
    last = (*run)->writer().state().time;
  }
  const auto run = Open();
  EXPECT_GT((*run)->clock().Now(), last);
}

// ---- One owner ----

TEST_F(OwnedRuns, RefusesASecondOwner) {
  const auto first = Open();
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_TRUE(absl::StartsWith(second.message(), "run base is held by epud ")) << second;
  EXPECT_EQ(InChild([&] { return absl::IsFailedPrecondition(Open().status()) ? 0 : 1; }), 0)
      << "in another process";
  EXPECT_EQ(*(*first)->log().Head(), 0u) << "the first has it still";
  EXPECT_TRUE((*first)->Begin().ok());
}

TEST_F(OwnedRuns, RefusesASecondOwnerOfTheLogAlone) {
  const auto first = Open();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(InChild([&] {
              const absl::Status second = OwnedRun::Open(Options("other")).status();
              return absl::StartsWith(second.message(), "run other is held by epud ") ? 0 : 1;
            }),
            0);
}

TEST_F(OwnedRuns, IsFreeAgainWithItsOwnersEnd) {
  EXPECT_EQ(Owned().size(), 4u);
  EXPECT_EQ(InChild([&] {
              const auto run = Open();
              return run.ok() ? raise(SIGKILL) : 1;
            }),
            -SIGKILL);
  EXPECT_EQ(Owned().size(), 4u) << "whatever that was";
}

// ---- A creation that was cut short ----

TEST_F(OwnedRuns, IsMadeAnewWhereACreationWasCutShort) {
  const struct {
    const char* what;
    std::function<void()> leave;
  } cases[] = {
      {"its directory", [&] { MakeLogDirectory(); }},
      {"an empty file", [&] { std::ofstream(data()).close(); }},
      {"a database with nothing in it",
       [&] {
         MDB_env* environment = nullptr;
         ASSERT_EQ(mdb_env_create(&environment), 0);
         ASSERT_EQ(mdb_env_open(environment, log().c_str(), 0, 0600), 0);
         mdb_env_close(environment);
         ASSERT_GT(fs::file_size(data()), 0u);
       }},
  };
  for (const auto& [what, leave] : cases) {
    SCOPED_TRACE(what);
    MakeLogDirectory();
    leave();
    EXPECT_EQ(Owned().size(), 4u) << Owned();
    fs::remove_all(Options().run_directory);
  }
}

TEST_F(OwnedRuns, GoesOnWhereItsMakerWasKilledBeforeItBegan) {
  EXPECT_EQ(InChild([&] {
              const auto run = Open();
              return run.ok() ? raise(SIGKILL) : 1;
            }),
            -SIGKILL);
  EXPECT_EQ(Owned().size(), 4u) << Owned();
}

TEST_F(OwnedRuns, LeavesAloneWhatIsNoLog) {
  MakeLogDirectory();
  std::ofstream(data()) << std::string(100'000, 'x');
  EXPECT_FALSE(Open().ok());
  EXPECT_EQ(fs::file_size(data()), 100'000u);

  fs::remove(data());
  MDB_env* environment = nullptr;
  MDB_txn* transaction = nullptr;
  MDB_dbi names = 0;
  char text[] = "mine";
  MDB_val value{sizeof(text), text};
  ASSERT_EQ(mdb_env_create(&environment), 0);
  ASSERT_EQ(mdb_env_open(environment, log().c_str(), 0, 0600), 0);
  ASSERT_EQ(mdb_txn_begin(environment, nullptr, 0, &transaction), 0);
  ASSERT_EQ(mdb_dbi_open(transaction, nullptr, 0, &names), 0);
  ASSERT_EQ(mdb_put(transaction, names, &value, &value, 0), 0);
  ASSERT_EQ(mdb_txn_commit(transaction), 0);
  mdb_env_close(environment);
  const absl::Status other = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(other)) << other;
  EXPECT_NE(other.message().find("an LMDB database, but not a log"), std::string::npos) << other;
}

// ---- Places ----

TEST_F(OwnedRuns, IsRefusedElsewhereUntilItIsSaidWhatItIs) {
  const std::string id = Owned();
  OwnedRunOptions options = Options("copy");
  options.log_directory = options.run_directory + "/log";
  fs::rename(Options().run_directory, options.run_directory);
  {
    const auto run = OwnedRun::Open(options);
    ASSERT_TRUE(run.ok()) << run.status();
    const absl::Status begun = (*run)->Begin();
    EXPECT_TRUE(absl::IsFailedPrecondition(begun)) << begun;
  }
  options.succession = Succession::kNewIdentity;
  const auto run = OwnedRun::Open(options);
  ASSERT_TRUE(run.ok()) << run.status();
  ASSERT_TRUE((*run)->Begin().ok());
  EXPECT_NE((*run)->writer().state().log_id, id);
}

TEST_F(OwnedRuns, IsRefusedWhereNoDirectoryCanBe) {
  std::ofstream(home_ + "/base").close();
  EXPECT_FALSE(Open().ok()) << "a file is in the way";
  EXPECT_TRUE(fs::is_regular_file(home_ + "/base"));
  OwnedRunOptions options = Options("other");
  options.log_directory = home_ + "/base/log";
  EXPECT_FALSE(OwnedRun::Open(options).ok()) << "of its log";
}

// By a process without root's right to write anywhere all the same.
TEST_F(OwnedRuns, IsRefusedInADirectoryThatIsReadOnly) {
  const auto opens = [&](const OwnedRunOptions& options) {
    return InChild([&] {
      if (!DropCapabilities()) return 2;
      return OwnedRun::Open(options).ok() ? 1 : 0;
    });
  };
  constexpr fs::perms kReadOnly = fs::perms::owner_read | fs::perms::owner_exec;
  EXPECT_EQ(Owned().size(), 4u);
  EXPECT_EQ(opens(Options()), 1) << "as it is";

  fs::permissions(data(), fs::perms::owner_read);
  EXPECT_EQ(opens(Options()), 0) << "the log";
  fs::permissions(data(), fs::perms::owner_read | fs::perms::owner_write);

  MakeLogDirectory();
  fs::remove_all(log());
  fs::permissions(Options().run_directory, kReadOnly);
  EXPECT_EQ(opens(Options()), 0) << "the run's directory, where the log's is to be";
  fs::permissions(Options().run_directory, fs::perms::owner_all);

  fs::permissions(home_, kReadOnly);
  EXPECT_EQ(opens(Options("other")), 0) << "the home";
  fs::permissions(home_, fs::perms::owner_all);
  EXPECT_FALSE(fs::exists(home_ + "/other"));
}

}  // namespace
}  // namespace epu
