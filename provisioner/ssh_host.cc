#include "provisioner/ssh_host.h"

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "projections/shell_words.h"
#include "provisioner/program_stage.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr Duration kScriptSlack = std::chrono::seconds(60);
constexpr Duration kShortCommand = std::chrono::minutes(2);
constexpr int kSshFailed = 255;  // ssh's own exit; any other is the command's.

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += QuoteShellWord(word);
  }
  return line;
}

// The last line that says something.
std::string LastLine(std::string text) {
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  const std::size_t start = text.rfind('\n');
  return start == std::string::npos ? text : text.substr(start + 1);
}

bool Pause(const std::stop_token& stop, Duration length) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, length, [] { return false; });
  return !stop.stop_requested();
}

// What became of a connection that was begun. Not every kernel keeps the error to be asked for; who
// is at the other end tells as well.
int ErrorOf(int file) {
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof(peer);
  if (getpeername(file, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0) return 0;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size);
  return error != 0 ? error : ECONNREFUSED;
}

// Whether something listens there.
absl::Status TryPort(const std::string& host, const std::string& port, Duration limit) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); fault != 0) {
    return absl::UnavailableError(gai_strerror(fault));
  }
  const absl::Cleanup free_found = [found] { freeaddrinfo(found); };
  absl::Status last = absl::UnavailableError("no address");
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int file = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0) return SystemError(errno, "no socket");
    const absl::Cleanup close_file = [file] { close(file); };
    if (connect(file, address->ai_addr, address->ai_addrlen) == 0) return absl::OkStatus();
    int error = errno;
    if (error == EINPROGRESS) {
      pollfd writable{file, POLLOUT, 0};
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
      const bool told = poll(&writable, 1, static_cast<int>(wait)) > 0;
      error = told ? ErrorOf(file) : ETIMEDOUT;
    }
    if (error == 0) return absl::OkStatus();
    last = absl::UnavailableError(std::generic_category().message(error));
  }
  return last;
}

}  // namespace

SshHost::SshHost(const std::string& host, const std::string& service, SshOptions options)
    : options_(std::move(options)),
      host_(host),
      port_("22"),
      directory_(options_.directory + "/" + service) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string::npos || host.find(':') != colon) return;  // None, or IPv6.
  host_ = host.substr(0, colon);
  port_ = host.substr(colon + 1);
}

std::vector<std::string> SshHost::CommonArguments() const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.connect_timeout).count();
  std::vector<std::string> arguments = {"-o", "BatchMode=yes",
                                        "-o", "StrictHostKeyChecking=accept-new",
                                        "-o", "UserKnownHostsFile=" + options_.known_hosts,
                                        "-o", "GlobalKnownHostsFile=/dev/null",
                                        "-o", fmt::format("ConnectTimeout={}", seconds),
                                        "-o", "ServerAliveInterval=15",
                                        "-o", "LogLevel=ERROR"};
  if (!options_.key.empty()) {
    arguments.insert(arguments.end(), {"-i", options_.key, "-o", "IdentitiesOnly=yes"});
  }
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  return arguments;
}

std::string SshHost::CommandLine(const std::string& command) const {
  std::vector<std::string> words = {options_.ssh, "-T", "-p", port_};
  const std::vector<std::string> common = CommonArguments();
  words.insert(words.end(), common.begin(), common.end());
  if (!options_.user.empty()) words.insert(words.end(), {"-l", options_.user});
  words.insert(words.end(), {"--", host_, command});
  return Joined(words);
}

// What ssh itself could not do is an error; what the command did is the outcome.
absl::StatusOr<ProgramOutcome> SshHost::Ssh(const std::string& line, Duration limit,
                                            std::stop_token stop) const {
  ProgramOutcome outcome = RunProgram({"sh", "-c", line}, {limit, kReportMax}, stop);
  if (stop.stop_requested() && outcome.end != ProgramEnd::kExit) {
    return absl::CancelledError("stopped");
  }
  const std::string said = LastLine(outcome.errors);
  if (outcome.end == ProgramEnd::kTimeout) {
    return absl::UnavailableError(fmt::format("no answer from {}", host_));
  }
  if (outcome.end != ProgramEnd::kExit) return absl::UnavailableError(said);
  if (outcome.code != kSshFailed) return outcome;
  if (outcome.errors.find("HOST IDENTIFICATION HAS CHANGED") != std::string::npos ||
      outcome.errors.find("Host key verification failed") != std::string::npos) {
    return absl::PermissionDeniedError(fmt::format(
        "{} shows another host key than it did; if that is meant, take its line out of {}", host_,
        options_.known_hosts));
  }
  if (outcome.errors.find("Permission denied") != std::string::npos) {
    return absl::PermissionDeniedError(fmt::format("{} does not let us in: {}", host_, said));
  }
  return absl::UnavailableError(fmt::format("{}: {}", host_, said));
}

absl::Status SshHost::Reach(std::stop_token stop) {
  absl::Status last;
  for (int left = options_.port_tries; left > 0; --left) {
    last = TryPort(host_, port_, options_.connect_timeout);
    if (last.ok() || left == 1) break;
    if (!Pause(stop, options_.port_pause)) return absl::CancelledError("stopped");
  }
  if (!last.ok()) {
    return absl::UnavailableError(fmt::format("{} port {}: {}, after {} tries", host_, port_,
                                              std::string(last.message()), options_.port_tries));
  }
  for (int left = options_.login_tries; left > 0; --left) {
    const absl::StatusOr<ProgramOutcome> outcome = Ssh(CommandLine("true"), kShortCommand, stop);
    last = outcome.status();
    if (last.ok() || absl::IsCancelled(last) || absl::IsPermissionDenied(last) || left == 1) break;
    if (!Pause(stop, options_.login_pause)) return absl::CancelledError("stopped");
  }
  return last;
}

// One connection: what is to be laid out goes through it as an archive, is unpacked where no mark
// says that it is there already, and the script's report comes back.
absl::StatusOr<ProgramResult> SshHost::Run(const ProgramRun& run, std::stop_token stop) {
  std::string stage = fs::temp_directory_path() / "epu-stage.XXXXXX";
  if (mkdtemp(stage.data()) == nullptr) return SystemError(errno, "cannot make " + stage);
  const absl::Cleanup remove_stage = [&] {
    std::error_code error;
    fs::remove_all(stage, error);
  };
  if (absl::Status laid = LayOut(run, stage); !laid.ok()) return laid;
  const std::string there = fmt::format(
      "umask 077; mkdir -p {0}/.marks && cd {0} && if [ {1} = once ] && [ -d .marks/{2} ]; then "
      "cat >/dev/null; else tar -xzf -; fi && exec {3} </dev/null",
      QuoteShellWord(directory_), run.once ? "once" : "anew", QuoteShellWord(run.token),
      RunLine(run));
  const std::string line =
      fmt::format("tar -C {} -czf - . | {}", QuoteShellWord(stage), CommandLine(there));
  const absl::StatusOr<ProgramOutcome> outcome = Ssh(line, run.timeout + kScriptSlack, stop);
  if (!outcome.ok()) return outcome.status();
  if (outcome->code != 0) {
    return absl::InternalError(fmt::format("{}: {}", host_, LastLine(outcome->errors)));
  }
  return ReadReport(run, outcome->output);
}

absl::Status SshHost::Remove(const std::string& tokens, std::stop_token stop) {
  const absl::StatusOr<ProgramOutcome> outcome =
      Ssh(CommandLine(RemoveLine(directory_, tokens)), kRemoveMax, stop);
  if (!outcome.ok()) return outcome.status();
  const std::string failure = FailureText(*outcome, kRemoveMax);
  return failure.empty() ? absl::OkStatus()
                         : absl::InternalError(fmt::format("{}: {}", directory_, failure));
}

absl::Status SshHost::Fetch(const std::string& path, const std::string& directory,
                            std::stop_token stop) {
  std::error_code error;
  fs::create_directories(directory, error);
  std::vector<std::string> words = {options_.scp, "-q", "-r", "-P", port_};
  const std::vector<std::string> common = CommonArguments();
  words.insert(words.end(), common.begin(), common.end());
  const std::string& user = options_.scp_user.empty() ? options_.user : options_.scp_user;
  const std::string host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
  words.push_back("--");
  words.push_back(fmt::format("{}{}{}:{}", user, user.empty() ? "" : "@", host, path));
  words.push_back(directory);
  const absl::StatusOr<ProgramOutcome> outcome = Ssh(Joined(words), kFetchMax, stop);
  if (!outcome.ok()) return outcome.status();
  if (outcome->code == 0) return absl::OkStatus();
  return absl::NotFoundError(fmt::format("{}: {}", host_, LastLine(outcome->errors)));
}

}  // namespace epu
