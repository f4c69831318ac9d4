#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "commands/command.h"
#include "engines/catalog.h"
#include "eventlog/memory_log.h"
#include "tests/simulator/client.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/network.h"
#include "tests/simulator/people.h"
#include "tests/simulator/random.h"
#include "tests/simulator/server.h"
#include "tests/simulator/simulated_clock.h"
#include "tests/simulator/simulated_log.h"
#include "tests/simulator/simulated_site.h"
#include "tests/simulator/trace.h"
#include "tests/simulator/verdict.h"
#include "tests/simulator/witness.h"

// A whole system in one thread: one server process after another over a log, sites with their
// machines and agents, clients, and the network between them. The seed decides everything: what is
// said, what fails, and who goes next. Players take turns at their calls, as threads would: while a
// provisioner waits for its site, the writer may have a turn.
//
// Fault model. The server's process may be gone between any two calls, and within a call of the log
// or of a site, before or after that had its effect (simulated_log.h, simulated_site.h); some
// seconds later another one starts. Messages of clients and agents, and the answers, may be lost,
// doubled and overtaken (network.h); a client sends a command again by its id until it is answered.
// What a provisioner reports may be lost or doubled. Time goes on with every call and may leap. One
// server runs at a time. A seed has two phases: in the first, faults happen and safety is checked;
// then they stop, and within a bounded time everything must be as it should be.

namespace epu::sim {

struct RunResult {
  std::string failure;      // "step M: what"; empty where all held.
  std::uint64_t steps = 0;  // With faults.
  std::uint64_t log = 0;    // Of the log's records,
  std::uint64_t end = 0;    // and of everything: the next number of the run's generator.
};

class World {
 public:
  // Counts into `tally`; both outlive this.
  World(std::uint64_t seed, Tally& tally, Trace& trace);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // `steps` steps with faults, then as many as it takes to converge, then the proof. Once.
  RunResult Run(std::uint64_t steps);

 private:
  struct ToClient {
    CommandId id;
    Answer answer;
  };
  using ToServer = std::variant<Command, Heartbeat>;

  void Step();
  void Settle();
  void SettleStep();
  bool HasSettled();
  bool AreOperatorsIdle() const;

  // Each lets one of the players act.
  void Outside();
  void Disturb();
  void FillDisk();
  void Deliver();
  void TurnOfWriter();
  void LetWriterRun();
  void Meanwhile();
  void TurnOfSite(std::size_t index);
  void TurnOfPeople();
  void StartServer();
  void StopServer(const char* why);
  std::uint32_t DrawEpoch();
  template <typename Call>
  void AsProcess(Call call);

  void Give(SimulatedClient& client, Order order);

  Tally& tally_;
  Trace& trace_;
  Random random_;
  Faults faults_;
  Verdict verdict_;
  SimulatedClock clock_;
  const Cast cast_;
  const Duration pace_;  // Between two steps, at most.
  const EngineCatalog catalog_;
  MemoryLog disk_;
  SimulatedLog log_;
  std::vector<std::unique_ptr<SimulatedSite>> sites_;
  Witness witness_;
  std::unique_ptr<Server> server_;
  Time server_starts_{};  // While there is none.
  Time disk_empties_{};
  std::vector<std::unique_ptr<SimulatedClient>> clients_;  // The last one is the sensor's.
  std::map<CommandId, Command> given_;
  Network<ToServer> to_server_;
  Network<ToClient> to_clients_;
  std::uint64_t step_ = 0;
  std::uint64_t strangers_ = 0;
  std::uint64_t final_work_ = 0;
  Time next_reading_{};
  Time settled_since_{};
  Sequence settled_at_ = 0;
};

}  // namespace epu::sim
