#include "cli/context.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <random>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/remote_log.h"
#include "commands/client.h"
#include "commands/command.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

constexpr std::string_view kIpc = "ipc://";
constexpr std::string_view kNoServer = "no server at";  // How GatewayClient begins to say so.
constexpr std::string_view kDamaged = "damaged at";     // How a log does.
constexpr auto kLogLookedAtEvery = std::chrono::milliseconds(20);  // Some microseconds each time.
constexpr Duration kServerWaits = std::chrono::milliseconds(500);  // It answers at once when poked.
constexpr std::string_view kLogFile = "data.mdb";  // By this file a directory is seen to be a log.

bool Exists(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// The directory of the log that --log names: itself, or log/ in it.
std::string LogDirectory(const std::string& named) {
  const std::filesystem::path directory(named);
  if (!Exists(directory / kLogFile) && Exists(directory / "log" / kLogFile)) {
    return (directory / "log").lexically_normal().string();
  }
  return named;
}

bool Accepts(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  path.copy(address.sun_path, path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return false;
  // A full backlog (EAGAIN) is somebody's, too.
  const bool accepts =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
      errno == EAGAIN;
  ::close(descriptor);
  return accepts;
}

std::uint64_t DrawClientNumber() {
  std::random_device device;
  const std::uint64_t bits = (std::uint64_t{device()} << 32) | device();
  const std::uint64_t number = bits & ((std::uint64_t{1} << 48) - 1);
  return number == 0 ? 1 : number;  // 0 is the server itself.
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (lines.empty()) lines.emplace_back("no reason was given");
  return lines;
}

std::string WithPlace(const Complaint& complaint) {
  std::string text;
  if (!complaint.file.empty()) {
    text = complaint.file + ":";
    if (complaint.line > 0) text += fmt::format("{}:", complaint.line);
    if (complaint.line > 0 && complaint.column > 0) text += fmt::format("{}:", complaint.column);
    text += " ";
  }
  return text + complaint.message;
}

nlohmann::ordered_json ToJson(const Complaint& complaint) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  const auto number_or_null = [](int number) {
    return number == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(number);
  };
  return {{"message", complaint.message},
          {"file", text_or_null(complaint.file)},
          {"line", number_or_null(complaint.line)},
          {"column", number_or_null(complaint.column)},
          {"key", text_or_null(complaint.key)}};
}

}  // namespace

std::string HomeDirectory() {
  if (const char* home = std::getenv("EPU_HOME"); home != nullptr && *home != '\0') return home;
  if (::geteuid() == 0) return "/var/lib/epu";
  const char* user_home = std::getenv("HOME");
  return std::string(user_home == nullptr ? "" : user_home) + "/.local/state/epu";
}

RunPaths PathsOf(const Options& options, const std::string& home) {
  RunPaths paths;
  paths.directory = home + "/" + options.run;
  paths.log = options.log.empty() ? paths.directory + "/log" : LogDirectory(options.log);
  paths.socket = paths.directory + "/epud.sock";
  paths.endpoint = options.server.empty() ? std::string(kIpc) + paths.socket : options.server;
  paths.keys = paths.directory + "/keys";
  // A copy of a run, or what is left of one, has its workers' output where the run had it.
  paths.workers =
      options.log.empty()
          ? paths.directory + "/workers"
          : (std::filesystem::path(paths.log + "/").parent_path().parent_path() / "workers")
                .lexically_normal()
                .string();
  return paths;
}

Exit ExitOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Exit::kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
      return Exit::kTyped;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDataLoss:
      return Exit::kRefused;
    default:
      return Exit::kSurroundings;
  }
}

Context::Context(const Options& options, const Surroundings& surroundings)
    : options_(options),
      surroundings_(surroundings),
      paths_(PathsOf(options, surroundings.home)),
      log_(surroundings.log) {}

Context::~Context() = default;

std::unique_ptr<Context> Context::ForRun(const std::string& run, const std::string& home,
                                         Assent assent) const {
  Options options = options_;
  options.run = run;
  options.server.clear();
  options.log.clear();
  if (assent == Assent::kGiven) options.yes = true;
  Surroundings surroundings = surroundings_;
  if (!home.empty()) surroundings.home = home;
  return std::make_unique<Context>(options, surroundings);
}

absl::StatusOr<const EventLog*> Context::Log() {
  if (log_ != nullptr) return log_;
  return OpenLog();
}

bool Context::IsServed() const {
  if (!options_.log.empty()) return false;
  if (paths_.endpoint.rfind(kIpc, 0) != 0) return true;
  return Accepts(paths_.endpoint.substr(kIpc.size()));
}

absl::StatusOr<const EventLog*> Context::OpenLog() {
  const bool local =
      options_.server.empty() || options_.server == std::string(kIpc) + paths_.socket;
  if (options_.log.empty() && !local) {
    absl::StatusOr<GatewayClient*> server = Server();
    if (!server.ok()) return server.status();
    auto remote = std::make_unique<RemoteLog>(**server, options_.timeout);
    remote_log_ = remote.get();
    opened_log_ = std::move(remote);
    return log_ = opened_log_.get();
  }
  absl::StatusOr<std::unique_ptr<LmdbLog>> log = LmdbLog::OpenToRead(paths_.log, LmdbOptions{});
  if (!log.ok()) {
    // Whatever hinders it, it is not what was typed and no refusal, but for a damaged log.
    if (log.status().code() == absl::StatusCode::kDataLoss) return log.status();
    std::string message(log.status().message());
    if (log.status().code() == absl::StatusCode::kNotFound && options_.log.empty()) {
      message = fmt::format("run {} has no log at {}; start it with: epud --run {}", options_.run,
                            paths_.log, options_.run);
    }
    return absl::UnavailableError(message);
  }
  NoteHowItIsRead((*log)->IsLocked());
  opened_log_ = *std::move(log);
  return log_ = opened_log_.get();
}

void Context::NoteHowItIsRead(bool locked) {
  // A launch has no server: who launches writes its log.
  std::error_code error;
  const bool is_launch = std::filesystem::is_directory(paths_.directory + "/services", error);
  if (options_.log.empty() && !is_launch && !IsServed()) {
    Note(fmt::format("no server at {}; this is from the log of run {}", paths_.endpoint,
                     options_.run));
  }
  if (locked) return;
  Note(
      fmt::format("{} is read without a lock, because its lock.mdb is missing or may not be "
                  "written: harmless for a copy, but a server at work on it could be in the way",
                  paths_.log));
}

absl::StatusOr<Sequence> Context::AwaitHead(Sequence after) {
  if (remote_log_ == nullptr) {
    const absl::StatusOr<Sequence> head = log_->Head();
    if (head.ok() && *head == after) std::this_thread::sleep_for(kLogLookedAtEvery);
    return head;
  }
  const absl::StatusOr<Sequence> head = remote_log_->AwaitHead(after, kServerWaits);
  const bool lost = absl::IsUnavailable(head.status()) || absl::IsDeadlineExceeded(head.status());
  if (lost && !server_lost_) {
    Note(fmt::format("no answer from {}; waiting for a server", paths_.endpoint));
  }
  server_lost_ = lost;
  return lost ? after : head;
}

absl::StatusOr<GatewayClient*> Context::Server() {
  if (client_ != nullptr) return client_.get();
  if (!options_.log.empty()) {
    return absl::FailedPreconditionError("--log reads a log without a server; leave it out");
  }
  absl::StatusOr<std::unique_ptr<GatewayClient>> client =
      GatewayClient::Open(paths_.endpoint, ClientNumber());
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  return client_.get();
}

absl::StatusOr<CommandId> Context::NextCommandId() {
  if (commands_ == 0 && !options_.id.empty()) {
    const std::optional<CommandId> id = ParseCommandId(options_.id);
    if (!id || id->client == 0) {
      return absl::InvalidArgumentError(fmt::format(
          "--id \"{}\" is no command's id; it is printed when an answer is lost: 7f3a9c01b2d4-1",
          EscapeAndCut(options_.id, 40)));
    }
    client_number_ = id->client;
    commands_ = id->number;
    return *id;
  }
  return CommandId{ClientNumber(), ++commands_};
}

std::uint64_t Context::ClientNumber() {
  if (client_number_ == 0) client_number_ = DrawClientNumber();
  return client_number_;
}

void Context::Print(std::string_view text) { Out() << WithGlyphs(text, GetTerminal()); }

void Context::Note(std::string_view text) {
  if (options_.quiet) return;
  for (const std::string& line : Lines(text)) Err() << "epumgmt: " << Escape(line) << "\n";
  Err().flush();
}

Exit Context::Fail(Exit exit, const std::vector<Complaint>& complaints) {
  Out().flush();
  if (options_.json) {
    nlohmann::ordered_json error = {{"exit", static_cast<int>(exit)}};
    error.update(ToJson(complaints.front()));
    if (complaints.size() > 1) {
      for (const Complaint& complaint : complaints) error["all"].push_back(ToJson(complaint));
    }
    const nlohmann::ordered_json object = {{"error", std::move(error)}};
    Err() << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  } else {
    Terminal err;
    err.color = surroundings_.colors_errors;
    for (const Complaint& complaint : complaints) {
      Err() << Colored("epumgmt:", Color::kBad, err)
            << WithGlyphs(" " + Escape(WithPlace(complaint)) + "\n", GetTerminal());
    }
  }
  Err().flush();
  return exit;
}

Exit Context::Fail(Exit exit, std::string_view message) {
  std::vector<Complaint> complaints;
  for (std::string& line : Lines(message)) complaints.push_back({std::move(line), "", 0, 0, ""});
  return Fail(exit, complaints);
}

Exit Context::Fail(const absl::Status& status) {
  std::string message(status.message());
  if (message.rfind(kNoServer, 0) == 0 && options_.server.empty()) {
    message += fmt::format("; start it with: epud --run {}", options_.run);
  }
  if (message.rfind(kDamaged, 0) == 0) message = "log/ is " + message;
  return Fail(ExitOf(status), message);
}

}  // namespace epu
