#include "eventlog/lmdb_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "eventlog/log_checks.h"

namespace epu {
namespace {

constexpr std::size_t kIdChars = 4;
constexpr std::size_t kTransactionBytesMax = std::size_t{64}
                                             << 20;     // A longer one makes the file grow.
constexpr std::uint64_t kAppendsPerReaderCheck = 1024;  // Until then a dead reader pins pages.
constexpr int kEnvironmentsMax = 3;  // How often a call looks for one that LMDB has not given up.

bool IsLogId(std::string_view id) {
  return id.size() == kIdChars && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

absl::Status SystemError(const std::string& path, int code) {
  const std::string message = fmt::format("{}: {}", path, std::strerror(code));
  if (code == ENOENT) return absl::NotFoundError(message);
  if (code == EACCES || code == EPERM || code == EROFS) return absl::PermissionDeniedError(message);
  if (code == ENOSPC || code == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnknownError(message);
}

// The same status with the path in front of its message.
absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("{}: {}", path, std::string(status.message())));
}

// A file that was made is there after a power cut only when its directory was synced.
absl::Status SyncDirectory(const std::string& directory) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return SystemError(directory, errno);
  const int code = fsync(file) == 0 ? 0 : errno;
  close(file);
  return code == 0 ? absl::OkStatus() : SystemError(directory, code);
}

// Makes the directory and an empty data.mdb in it, where they are missing.
absl::Status MakeFiles(const std::string& directory, const std::string& data) {
  if (mkdir(directory.c_str(), 0700) == 0) {
    const std::filesystem::path parent =
        std::filesystem::path(directory + "/").parent_path() / "..";
    if (absl::Status synced = SyncDirectory(parent.string()); !synced.ok()) return synced;
  } else if (errno != EEXIST) {
    return SystemError(directory, errno);
  }
  const int file = open(data.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return SystemError(data, errno);
  close(file);
  return absl::OkStatus();
}

// Finds data.mdb, and a log in it as far as its size tells: LMDB would fill an empty file.
absl::StatusOr<struct stat> FindData(const std::string& directory, const std::string& data,
                                     LmdbMode mode) {
  struct stat facts {};
  if (stat(directory.c_str(), &facts) != 0) return SystemError(directory, errno);
  if (!S_ISDIR(facts.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: not a directory", directory));
  }
  if (stat(data.c_str(), &facts) != 0) {
    if (errno != ENOENT) return SystemError(data, errno);
    return absl::NotFoundError(fmt::format("{}: no log, data.mdb is missing", directory));
  }
  if (!S_ISREG(facts.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: not a file", data));
  }
  if (facts.st_size == 0 && mode != LmdbMode::kCreate) {
    return absl::NotFoundError(fmt::format("{}: no log, data.mdb is empty", directory));
  }
  return facts;
}

}  // namespace

// This process' right to open one data file, by device and inode. LMDB cannot tell two environments
// of one process apart, and closing one of them drops the locks of the other.
class LmdbLog::Claim {
 public:
  // Null when the file is claimed already.
  static std::unique_ptr<Claim> Of(const struct stat& facts) {
    const File file{facts.st_dev, facts.st_ino};
    std::lock_guard lock(Claimed().mutex);
    if (!Claimed().files.insert(file).second) return nullptr;
    return std::unique_ptr<Claim>(new Claim(file));
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() {
    std::lock_guard lock(Claimed().mutex);
    Claimed().files.erase(file_);
  }

 private:
  using File = std::pair<dev_t, ino_t>;
  struct Files {
    std::mutex mutex;
    std::set<File> files;
  };

  explicit Claim(File file) : file_(file) {}

  // One for the process, because the locks that it protects are the process'.
  static Files& Claimed() {
    static Files claimed;
    return claimed;
  }

  const File file_;
};

absl::StatusOr<std::unique_ptr<LmdbLog>> LmdbLog::Create(const std::string& directory,
                                                         std::string_view log_id,
                                                         const LmdbOptions& options) {
  if (!IsLogId(log_id)) {
    return absl::InvalidArgumentError(
        fmt::format("a log's id is four characters of a-z and 0-9, not \"{}\"", log_id));
  }
  return OpenAs(LmdbMode::kCreate, directory, log_id, options);
}

absl::StatusOr<std::unique_ptr<LmdbLog>> LmdbLog::Open(const std::string& directory,
                                                       const LmdbOptions& options) {
  return OpenAs(LmdbMode::kWrite, directory, {}, options);
}

absl::StatusOr<std::unique_ptr<LmdbLog>> LmdbLog::OpenToRead(const std::string& directory,
                                                             const LmdbOptions& options) {
  return OpenAs(LmdbMode::kRead, directory, {}, options);
}

absl::StatusOr<std::unique_ptr<LmdbLog>> LmdbLog::OpenAs(LmdbMode mode,
                                                         const std::string& directory,
                                                         std::string_view log_id,
                                                         const LmdbOptions& options) {
  const std::string data = directory + "/data.mdb";
  if (mode == LmdbMode::kCreate) {
    if (absl::Status made = MakeFiles(directory, data); !made.ok()) return made;
  }
  const absl::StatusOr<struct stat> facts = FindData(directory, data, mode);
  if (!facts.ok()) return facts.status();
  std::unique_ptr<Claim> claim = Claim::Of(*facts);
  if (claim == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("{}: open in this process already; its threads share one", directory));
  }
  auto environment = LmdbEnvironment::Open(mode, directory, log_id, options.map_bytes);
  if (!environment.ok()) {
    if (mode == LmdbMode::kCreate && absl::IsDataLoss(environment.status())) {
      return absl::AlreadyExistsError(fmt::format("{}: there is another file of this name", data));
    }
    return At(directory, environment.status());
  }
  if (mode == LmdbMode::kCreate) {
    if (absl::Status synced = SyncDirectory(directory); !synced.ok()) return synced;
  }
  return std::unique_ptr<LmdbLog>(
      new LmdbLog(mode == LmdbMode::kRead ? LmdbMode::kRead : LmdbMode::kWrite, directory, options,
                  std::move(claim), *std::move(environment)));
}

LmdbLog::LmdbLog(LmdbMode mode, const std::string& directory, const LmdbOptions& options,
                 std::unique_ptr<Claim> claim, std::unique_ptr<LmdbEnvironment> environment)
    : mode_(mode),
      directory_(directory),
      options_(options),
      log_id_(environment->log_id()),
      format_version_(environment->format_version()),
      locked_(environment->IsLocked()),
      claim_(std::move(claim)),
      reserve_(directory, options.reserve_bytes),
      environment_(std::move(environment)) {
  if (mode_ == LmdbMode::kWrite)
    reserve_.LayBy();  // Where there is no room yet, Append tries again.
}

LmdbLog::~LmdbLog() = default;

absl::StatusOr<Sequence> LmdbLog::Append(Sequence expected, std::span<const Record> records,
                                         Reserve reserve) {
  CheckBatch(records);
  if (mode_ == LmdbMode::kRead) {
    return absl::PermissionDeniedError(fmt::format("{}: opened to read", directory_));
  }
  std::lock_guard lock(append_mutex_);
  const bool laid_by = reserve_.LayBy();
  if (!laid_by && reserve == Reserve::kKeep) {
    return absl::ResourceExhaustedError(fmt::format(
        "{}: no room, the reserve of {} bytes is spent; writing resumes when twice that is free",
        directory_, options_.reserve_bytes));
  }
  LmdbEnvironment::Appended appended = AppendOnce(expected, records, reserve);
  if (appended.disk_full && laid_by && reserve == Reserve::kSpend) {
    reserve_.Spend();
    appended = AppendOnce(expected, records, reserve);
  }
  if (!appended.head.ok()) return At(directory_, appended.head.status());
  return appended.head;
}

LmdbEnvironment::Appended LmdbLog::AppendOnce(Sequence expected, std::span<const Record> records,
                                              Reserve reserve) {
  const auto entered = Enter();
  if (!entered.ok()) return {entered.status()};
  if (++appends_ % kAppendsPerReaderCheck == 0) environment_->CheckReaders();
  return environment_->Append(expected, records,
                              reserve == Reserve::kKeep ? options_.reserve_bytes : 0);
}

absl::StatusOr<Sequence> LmdbLog::Visit(Sequence after, ReadLimit limit,
                                        const Visitor& visit) const {
  using Visited = LmdbEnvironment::Visited;
  Visited visited{after};
  while (true) {
    const Sequence from = visited.last;
    const absl::StatusOr<Visited> step = Read<Visited>([&](LmdbEnvironment& environment) {
      return environment.Visit(after + 1, from,
                               {limit.records, std::min(limit.bytes, kTransactionBytesMax)}, visit);
    });
    if (!step.ok()) return At(directory_, step.status());
    const std::size_t records = step->last - from;
    if (step->ended || records >= limit.records || step->bytes >= limit.bytes) return step->last;
    limit.records -= records;
    limit.bytes -= step->bytes;
    visited = *step;
  }
}

absl::StatusOr<Sequence> LmdbLog::Head() const {
  const absl::StatusOr<Sequence> head =
      Read<Sequence>([](LmdbEnvironment& environment) { return environment.Head(); });
  if (!head.ok()) return At(directory_, head.status());
  return head;
}

template <typename Result>
absl::StatusOr<Result> LmdbLog::Read(
    const std::function<absl::StatusOr<Result>(LmdbEnvironment&)>& work) const {
  for (int attempt = 1;; ++attempt) {
    const auto entered = Enter();
    if (!entered.ok()) return entered.status();
    absl::StatusOr<Result> result = work(*environment_);
    const bool refused = absl::IsUnavailable(result.status()) && environment_->IsDead();
    if (!refused || attempt == kEnvironmentsMax) return result;
  }
}

// The environment dies only in an append that failed, so a reader that finds it dead again has met
// as many of those.
absl::StatusOr<std::shared_lock<std::shared_mutex>> LmdbLog::Enter() const {
  for (int attempt = 0; attempt < kEnvironmentsMax; ++attempt) {
    std::shared_lock shared(environment_mutex_);
    if (environment_ != nullptr && !environment_->IsDead()) return shared;
    shared.unlock();

    std::unique_lock exclusive(environment_mutex_);
    if (environment_ != nullptr && !environment_->IsDead()) continue;  // Another thread was faster.
    environment_.reset();  // First: a process has one environment for a file at a time.
    auto environment = LmdbEnvironment::Open(mode_, directory_, log_id_, options_.map_bytes);
    if (!environment.ok()) return environment.status();
    environment_ = *std::move(environment);
  }
  return absl::UnavailableError("LMDB gave the environment up again and again");
}

}  // namespace epu
