#include "cli/launch_logs.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/base_runs.h"
#include "cli/change.h"
#include "cli/launch_run.h"
#include "provisioner/local_host.h"
#include "provisioner/ssh_host.h"

namespace epu {
namespace {

constexpr const char* kRemoteLogs = "app/logs";
constexpr const char* kDirectoryAttribute = "vmlogdir";

std::unique_ptr<ServiceHost> Here() { return std::make_unique<LocalHost>("", ""); }

std::optional<LogSource> SourceOf(const Context& context, const Launch& launch,
                                  const Service& service) {
  const ServiceDefinition& definition = service.definition;
  const std::optional<Variable> named = FindAttribute(service, kDirectoryAttribute);
  const std::string directory = named && !named->secret ? named->value : "";
  const Service* host = HostOf(launch, service);
  if (definition.local || (host != nullptr && host->definition.driver == "process")) {
    const std::string printed =
        fmt::format("{}/services/{}.log", context.Paths().directory, definition.name);
    const std::string path = directory.empty() ? printed : directory;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::nullopt;
    return LogSource{definition.name, Here(), path};
  }
  const auto values = ValuesOf(launch, service, ServiceStep::kReach, context.GetOptions().run,
                               [](const std::string&) -> absl::StatusOr<std::string> {
                                 return absl::NotFoundError("a secret is no host");
                               });
  const absl::StatusOr<SshOptions> common = LaunchSshOptions(context.Paths().directory);
  if (!values.ok() || !common.ok() || values->hostname.empty()) return std::nullopt;
  SshOptions ssh = *common;
  ssh.user = definition.ssh_user;
  ssh.scp_user = definition.scp_user;
  ssh.key = definition.ssh_key;
  return LogSource{definition.name,
                   std::make_unique<SshHost>(values->hostname, definition.name, std::move(ssh)),
                   directory.empty() ? kRemoteLogs : directory};
}

}  // namespace

std::vector<LogSource> WorkerLogSources(const Context& base, const State&, const Epu& epu,
                                        const std::vector<WorkerNumber>& workers) {
  std::vector<LogSource> sources;
  for (const WorkerNumber worker : workers) {
    const std::string& name = epu.definition.name;
    std::string path = fmt::format("{}/{}/{}", base.Paths().workers, name, ToInteger(worker));
    std::error_code error;
    // One that was asked for a moment ago has printed nothing.
    if (!std::filesystem::exists(path, error) && !error) continue;
    sources.push_back({fmt::format("{}-{}", name, ToInteger(worker)), Here(), std::move(path)});
  }
  return sources;
}

std::vector<LogSource> LogSources(const Context& context, const Launch& launch) {
  std::vector<LogSource> sources;
  for (const auto& [number, service] : launch.services) {
    if (service.dropped || service.state != ServiceState::kContextualized) continue;
    if (auto source = SourceOf(context, launch, service)) sources.push_back(*std::move(source));
  }
  for (const BaseRun& run : BaseRuns(launch, context.GetOptions().run)) {
    const std::unique_ptr<Context> base = ContextOf(context, run);
    for (const char* file : {"/events.log.1", "/events.log"}) {  // What was turned over, too.
      const std::string lines = base->Paths().directory + file;
      std::error_code error;
      if (std::filesystem::exists(lines, error)) sources.push_back({run.run, Here(), lines});
    }
    const absl::StatusOr<ConfigView> view = ReadView(*base);
    if (!view.ok()) continue;
    for (const auto& [number, epu] : view->state.epus) {
      std::vector<WorkerNumber> workers;
      for (const auto& [worker, known] : epu.workers) {
        if (known.state < WorkerState::kTerminating) workers.push_back(worker);
      }
      for (LogSource& source : WorkerLogSources(*base, view->state, epu, workers)) {
        sources.push_back(std::move(source));
      }
    }
  }
  return sources;
}

std::vector<FetchResult> FetchLogs(const std::vector<LogSource>& sources,
                                   const std::string& directory, std::stop_token stop) {
  std::vector<FetchResult> results(sources.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < std::min(kFetchesAtOnce, sources.size()); ++thread) {
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < sources.size(); at = next++) {
        const LogSource& source = sources[at];
        results[at] = {source.name,
                       source.host->Fetch(source.path, directory + "/" + source.name, stop)};
      }
    });
  }
  threads.clear();
  return results;
}

}  // namespace epu
