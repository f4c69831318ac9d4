#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>

#include "commands/writer.h"
#include "engines/catalog.h"
#include "provisioner/provisioner.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/simulated_clock.h"
#include "tests/simulator/simulated_log.h"
#include "tests/simulator/simulated_site.h"

// The server's process: the production Writer and a production Provisioner a site, and the inboxes
// between them, as `epud` puts them together, each called in turn by one thread. When the process
// is gone, everything in here is; what is left is the log and the sites.

namespace epu::sim {

// What outlives the process, and is handed to each one.
struct Surroundings {
  SimulatedLog& log;
  SimulatedClock& clock;
  const EngineCatalog& catalog;
  Faults& faults;
  std::vector<std::unique_ptr<SimulatedSite>>& sites;
};

class Server {
 public:
  explicit Server(Surroundings surroundings);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Begins an epoch on the log. On an error this process is of no use.
  absl::Status Start(std::uint32_t epoch);

  // Lays a message in an inbox. False, and it is dropped, where that is full.
  bool Receive(Command command);
  void Receive(const Heartbeat& heartbeat) { writer_.Hear(heartbeat); }

  // One turn of the writer's thread: everything that waits. The answers to clients' commands.
  std::vector<std::pair<CommandId, Answer>> TurnOfWriter();

  // One turn of the thread of the `index`-th site; nothing while no site of its name is defined.
  absl::Status TurnOfSite(std::size_t index);

  const Writer& writer() const { return writer_; }

 private:
  void TakeReports(std::vector<Order> reports);

  Surroundings surroundings_;
  Writer writer_;
  std::vector<Command> reports_;
  std::vector<Command> commands_;
  std::vector<std::unique_ptr<Provisioner>> provisioners_;  // By the index of the site.
};

// The id of the simulated log.
inline constexpr char kLogId[] = "sim1";

}  // namespace epu::sim
