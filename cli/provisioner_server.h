#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/follower_clock.h"
#include "cli/journal.h"
#include "cli/server.h"
#include "cli/site_runner.h"
#include "commands/client.h"
#include "commands/endpoint_lock.h"
#include "commands/inbox.h"
#include "eventlog/lmdb_log.h"
#include "projections/projection.h"
#include "projections/state.h"

// epud --role provisioner: keeps the sites of a run from a process of its own, beside a server of
// the role "controllers". It follows the log, reports by commands like anybody else, and is the
// only one of the two that reads the run's keys. Neither needs the other to live: while the server
// is away no report is recorded and nothing new is wanted; while this is away nothing is launched
// or ended.
//
//   main       asks the server for its time, starts the sites, sends what they report
//   follower   waits at the server for the log to grow, and pokes the sites
//   a site     as in the server                                              cli/site_runner.h

namespace epu {

class ProvisionerServer {
 public:
  // Takes the right to be the run's provisioner. Nothing is done yet; `role` and `succession` of
  // the options are not its business.
  static absl::StatusOr<std::unique_ptr<ProvisionerServer>> Open(const ServerOptions& options);
  ProvisionerServer(const ProvisionerServer&) = delete;
  ProvisionerServer& operator=(const ProvisionerServer&) = delete;
  ~ProvisionerServer();

  // Serves until `stop`; waits for a server where there is none. Ends no worker. An error: the log
  // cannot be read.
  absl::Status Run(std::stop_token stop);

  std::string endpoint() const;

 private:
  ProvisionerServer(const ServerOptions& options, EndpointLock lock,
                    std::unique_ptr<GatewayClient> client, std::unique_ptr<GatewayClient> follower);
  absl::Status AwaitServer(const std::stop_token& stop);
  absl::Status FollowServer();
  absl::Status StartSites();
  void SendReports(const std::stop_token& stop);
  void WaitForNews(const std::stop_token& stop);

  const ServerOptions options_;
  const Journal journal_;
  const EndpointLock lock_;
  const std::unique_ptr<GatewayClient> client_;    // The main thread's.
  const std::unique_ptr<GatewayClient> follower_;  // The follower thread's.
  std::unique_ptr<LmdbLog> log_;
  std::unique_ptr<FollowerClock> clock_;
  std::unique_ptr<SiteSurroundings> site_surroundings_;
  Inbox<Order> reports_;
  Projection<State> known_;
  std::uint32_t epoch_ = 0;  // Of the server that the sites work for.
  std::atomic<Sequence> head_ = 0;
  std::atomic<bool> news_ = false;  // The log has grown since the sites were poked.
  bool server_away_ = false;
  std::map<SiteNumber, std::unique_ptr<SiteRunner>> sites_;
};

}  // namespace epu
