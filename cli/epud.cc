#include <pthread.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/epud_options.h"
#include "cli/provisioner_server.h"
#include "cli/reference.h"
#include "cli/server.h"
#include "cli/version.h"
#include "commands/definition_rules.h"

// The server: parses its options, serves the run in the foreground, and says what an operator must
// know.

namespace epu {
namespace {

Exit Fail(Exit exit, std::string_view message) {
  std::cerr << "epud: " << Escape(message) << "\n";
  return exit;
}

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  return signals;
}

std::string Milliseconds(std::chrono::steady_clock::duration duration) {
  return fmt::format("{}ms",
                     std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

// Runs `serve` until a signal asks it to stop, or it ends by itself: then it says why. Signals are
// blocked in every thread and taken here.
Exit ServeUntilSignal(const std::function<absl::Status(std::stop_token)>& serve) {
  std::atomic<bool> failed = false;
  const pthread_t main_thread = pthread_self();
  std::jthread serving([&](std::stop_token stop) {
    if (absl::Status status = serve(std::move(stop)); !status.ok()) {
      Fail(Exit::kSurroundings, std::string(status.message()));
      failed = true;
      pthread_kill(main_thread, SIGHUP);
    }
  });
  const sigset_t signals = EndSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  serving.request_stop();
  serving.join();
  return failed ? Exit::kSurroundings : Exit::kDone;
}

Exit Serve(const ServerOptions& options, std::chrono::steady_clock::time_point begun) {
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(options);
  if (!server.ok()) return Fail(Exit::kSurroundings, std::string(server.status().message()));
  fmt::print("epud {}  {}run {} ({})  log {}, {} events  {}  ready in {}\n", kVersion,
             options.role == Role::kControllers ? "controllers of " : "", options.run,
             (*server)->log_id(), options.log_directory, (*server)->head(), (*server)->endpoint(),
             Milliseconds(std::chrono::steady_clock::now() - begun));
  if (options.succession == Succession::kNewIdentity) {
    fmt::print(
        "epud: the copy is {} from now on and owns no machine; launching is disabled "
        "(epumgmt enable)\n",
        (*server)->log_id());
  }
  std::fflush(stdout);
  const Exit exit =
      ServeUntilSignal([&](std::stop_token stop) { return (*server)->Run(std::move(stop)); });
  const std::size_t workers = (*server)->workers();
  fmt::print("epud: stopped at {}{}\n", (*server)->head(),
             workers == 0 ? std::string("; no worker is left")
                          : fmt::format("; {} worker{} running (epumgmt killrun ends them)",
                                        workers, workers == 1 ? " keeps" : "s keep"));
  return exit;
}

Exit Provision(const ServerOptions& options) {
  absl::StatusOr<std::unique_ptr<ProvisionerServer>> server = ProvisionerServer::Open(options);
  if (!server.ok()) return Fail(Exit::kSurroundings, std::string(server.status().message()));
  fmt::print("epud {}  provisioner of run {}  log {}  follows {}\n", kVersion, options.run,
             options.log_directory, (*server)->endpoint());
  std::fflush(stdout);
  const Exit exit =
      ServeUntilSignal([&](std::stop_token stop) { return (*server)->Run(std::move(stop)); });
  fmt::print("epud: the provisioner stopped; its workers keep running\n");
  return exit;
}

Exit Main(int argc, char** argv) {
  const auto begun = std::chrono::steady_clock::now();
  EpudArguments arguments;
  CLI::App app(fmt::format("epud: {}.", kEpudSentence), "epud");
  app.footer(fmt::format("\n{}\n\nExamples:\n{}", kEpudDescription, kEpudExamples));
  BindEpud(app, arguments);
  app.set_version_flag("--version", std::string("epud ") + std::string(kVersion));
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return Exit::kDone;
  } catch (const CLI::CallForVersion&) {
    std::cout << "epud " << kVersion << "\n";
    return Exit::kDone;
  } catch (const CLI::ParseError& error) {
    return Fail(Exit::kTyped, std::string(error.what()) + "; see: epud --help");
  }
  if (!IsName(arguments.run))
    return Fail(Exit::kTyped, fmt::format("\"{}\" is no name of a run", arguments.run));
  const std::optional<Level> most = ParseLevel(arguments.level);
  if (!most)
    return Fail(Exit::kTyped,
                fmt::format("--log-level is \"{}\"; error, warn, info or debug", arguments.level));

  ServerOptions options;
  options.run = arguments.run;
  options.run_directory =
      std::filesystem::absolute(HomeDirectory() + "/" + options.run).lexically_normal();
  options.log_directory = std::filesystem::absolute(
      arguments.log.empty() ? options.run_directory + "/log" : arguments.log);
  options.agent_path = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "epu-agent";
  options.level = *most;
  if (!arguments.listen.empty() && arguments.listen != EndpointOf(options.run_directory)) {
    return Fail(Exit::kTyped, fmt::format("--listen is \"{}\"; this version serves {} alone",
                                          arguments.listen, EndpointOf(options.run_directory)));
  }
  if (::access(options.agent_path.c_str(), X_OK) != 0) {
    return Fail(Exit::kSurroundings,
                fmt::format("no epu-agent at {}: it belongs beside epud", options.agent_path));
  }
  if (arguments.takes_over) options.succession = Succession::kTakeOver;
  if (arguments.is_copy) options.succession = Succession::kNewIdentity;
  const absl::StatusOr<Duration> every = ParseDuration(arguments.anchor_every);
  if (!every.ok() || *every < std::chrono::seconds(1)) {
    return Fail(Exit::kTyped,
                fmt::format("--anchor-every is \"{}\"; a duration of at least 1s: 15m",
                            arguments.anchor_every));
  }
  if (!arguments.anchor.empty()) {
    options.anchor = {std::filesystem::absolute(arguments.anchor), *every};
  }
  if (arguments.role == "provisioner") {
    if (!arguments.anchor.empty()) {
      return Fail(Exit::kTyped, "--anchor is for the controllers, who write the log");
    }
    if (options.succession == Succession::kSame) return Provision(options);
    return Fail(Exit::kTyped, "--take-over and --new-identity are the controllers' to say");
  }
  if (arguments.role == "controllers") options.role = Role::kControllers;
  return Serve(options, begun);
}

}  // namespace
}  // namespace epu

int main(int argc, char** argv) {
  const sigset_t signals = epu::EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A limit on file sizes is a full disk.
  return static_cast<int>(epu::Main(argc, argv));
}
