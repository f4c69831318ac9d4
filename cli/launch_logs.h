#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "cli/context.h"
#include "projections/state.h"
#include "provisioner/service_host.h"

// The logs of a launch: of its services, on their hosts, and of the servers among them and their
// workers. They are copied to RUN/logs/NAME.

namespace epu {

// Something that has logs.
struct LogSource {
  std::string name;  // Of a service, a run, or a worker ("crunch-12").
  std::unique_ptr<ServiceHost> host;
  std::string path;  // There.
};

// Of a service its attribute vmlogdir, as the original's configuration called it; without one what
// its programs printed here, or on another host the original's default, app/logs. Of a server the
// event lines it writes. Of its workers, those that live, their own directory.
std::vector<LogSource> LogSources(const Context& context, const Launch& launch);

// The workers of one EPU alone, by number.
std::vector<LogSource> WorkerLogSources(const Context& base, const State& state, const Epu& epu,
                                        const std::vector<WorkerNumber>& workers);

struct FetchResult {
  std::string name;
  absl::Status status;
};

// Copies each to `directory`/NAME, some at once; one that fails holds up no other. In order.
std::vector<FetchResult> FetchLogs(const std::vector<LogSource>& sources,
                                   const std::string& directory, std::stop_token stop);

// How many are copied at once. The original's number.
inline constexpr std::size_t kFetchesAtOnce = 20;

}  // namespace epu
