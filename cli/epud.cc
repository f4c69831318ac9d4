#include <pthread.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/server.h"
#include "cli/version.h"
#include "commands/apply.h"

// The server: parses its options, serves the run in the foreground, and says what an operator must
// know.

namespace epu {
namespace {

constexpr const char* kExamples =
    "\nServes one run in the foreground: its log, its sites, its sensors. Stopping it ends no "
    "worker.\n"
    "\nExamples:\n"
    "  epud                              serve the run \"default\"\n"
    "  epud --run nightly &              another run of its own\n"
    "  EPU_HOME=$PWD/state epud          keep everything below ./state\n";

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

Exit Serve(const ServerOptions& options, std::chrono::steady_clock::time_point begun) {
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(options);
  if (!server.ok()) return Fail(Exit::kSurroundings, std::string(server.status().message()));
  fmt::print("epud {}  run {} ({})  log {}, {} events  {}  ready in {}\n", kVersion, options.run,
             (*server)->log_id(), options.log_directory, (*server)->head(), (*server)->endpoint(),
             Milliseconds(std::chrono::steady_clock::now() - begun));
  std::fflush(stdout);

  // Signals are blocked in every thread and taken here: the first asks the server to stop.
  std::stop_source stop;
  const pthread_t main_thread = pthread_self();
  std::jthread serving([&](std::stop_token) {
    if (absl::Status status = (*server)->Run(stop.get_token()); !status.ok()) {
      Fail(Exit::kSurroundings, std::string(status.message()));
      stop.request_stop();
      pthread_kill(main_thread, SIGHUP);
    }
  });
  const sigset_t signals = EndSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  const bool failed = stop.stop_requested();
  stop.request_stop();
  serving.join();
  const std::size_t workers = (*server)->workers();
  fmt::print("epud: stopped at {}{}\n", (*server)->head(),
             workers == 0 ? std::string("; no worker is left")
                          : fmt::format("; {} worker{} running (epumgmt killrun ends them)",
                                        workers, workers == 1 ? " keeps" : "s keep"));
  return failed ? Exit::kSurroundings : Exit::kDone;
}

Exit Main(int argc, char** argv) {
  const auto begun = std::chrono::steady_clock::now();
  std::string run = "default";
  std::string log;
  std::string listen;
  std::string level = "warn";
  std::string role = "all";
  CLI::App app("epud: serves a run of elastic pools of workers.", "epud");
  app.footer(kExamples);
  app.add_option("-r,--run", run, "which run (default: default)")->envname("EPU_RUN");
  app.add_option("--log", log, "directory of the log (default: log/ of the run)");
  app.add_option("--listen", listen, "endpoint; only the run's own ipc:// socket");
  app.add_option("--log-level", level, "error, warn, info or debug (default: warn)");
  app.add_option("--role", role, "which parts to run; only: all");
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
  if (!IsName(run)) return Fail(Exit::kTyped, fmt::format("\"{}\" is no name of a run", run));
  const std::optional<Level> most = ParseLevel(level);
  if (!most)
    return Fail(Exit::kTyped,
                fmt::format("--log-level is \"{}\"; error, warn, info or debug", level));
  if (role != "all")
    return Fail(Exit::kTyped, fmt::format("--role is \"{}\"; this version has: all", role));

  ServerOptions options;
  options.run = run;
  options.run_directory = std::filesystem::absolute(HomeDirectory() + "/" + run).lexically_normal();
  options.log_directory =
      std::filesystem::absolute(log.empty() ? options.run_directory + "/log" : log);
  options.agent_path = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "epu-agent";
  options.level = *most;
  if (!listen.empty() && listen != EndpointOf(options.run_directory)) {
    return Fail(Exit::kTyped, fmt::format("--listen is \"{}\"; this version serves {} alone",
                                          listen, EndpointOf(options.run_directory)));
  }
  if (::access(options.agent_path.c_str(), X_OK) != 0) {
    return Fail(Exit::kSurroundings,
                fmt::format("no epu-agent at {}: it belongs beside epud", options.agent_path));
  }
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
