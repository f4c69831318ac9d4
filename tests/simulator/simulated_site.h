#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "commands/liveness.h"
#include "provisioner/driver.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/random.h"
#include "tests/simulator/simulated_clock.h"

// A site: a cloud behind its driver, with the machines it runs and the agents on them. It outlives
// every process of the server.
//
// Fault model. A call takes milliseconds or, where it is slow, seconds, up to the driver's
// deadline; meanwhile others act, as another thread would. A launch makes at most one machine; the
// site remembers its token for `repeat_safe` from the first call, and gives a repeat the same
// machine, or refuses where that has ended. After that the token is forgotten, and a repeat makes a
// second machine: a provisioner must not ask. A machine exists, and is listed, at the latest
// `listing_lag` after the last call for it came back or the caller died; until then it may be
// missing, and may even come to exist. Ended machines may be listed for some seconds more. A
// listing is complete in all else, or it is an error.
//
// A machine asked to end does so within its grace; a stubborn one only when asked again and again.
// It may end unasked, run without ever being heard, be silent for a while, lose its agent, or say
// that its process failed or cannot be watched.

namespace epu::sim {

struct SimulatedMachine {
  Machine machine;
  WorkerId worker;
  bool stranger = false;
  Time exists{};  // From here on,
  Time listed{};  // and shown from here on.
  std::optional<Time> ended;
  Time lingers{};  // Once ended, shown until here.

  // Its agent.
  Time boots{};
  bool never_heard = false;
  Time silent_until{};
  Time next_heartbeat{};
  Health health = Health::kOk;
  std::optional<WorkReport> report;  // What its worker says of itself; some never say anything.

  // Its end.
  std::optional<Time> asked;  // First asked to end.
  Time ends{};
  std::uint64_t asks_ignored = 0;  // So many more calls are needed.
};

bool IsAlive(const SimulatedMachine& machine, Time now);

// What the checkers see of a site.
class SiteWatcher {
 public:
  SiteWatcher() = default;
  SiteWatcher(const SiteWatcher&) = delete;
  SiteWatcher& operator=(const SiteWatcher&) = delete;
  virtual ~SiteWatcher() = default;

  virtual void LaunchAsked(const std::string& site, const Token& token) = 0;
  virtual void MachineMade(const std::string& site, const SimulatedMachine& machine) = 0;
  virtual void EndAsked(const std::string& site, const Machine& machine, bool stranger) = 0;
};

class SimulatedSite final : public IaasDriver {
 public:
  // All outlive this. The seed picks the site's facts. `meanwhile` is called while a call of the
  // driver is under way, before it has its effect.
  SimulatedSite(std::string name, SimulatedClock& clock, Random& random, Faults& faults,
                SiteWatcher& watcher, std::function<void()> meanwhile);

  absl::StatusOr<Machine> Launch(const Token& token, const LaunchSpec& spec) override;
  absl::Status Terminate(const Machine& machine, Duration stop_grace) override;
  absl::StatusOr<std::vector<Machine>> List() override;
  DriverFacts Facts() const override { return facts_; }

  // Lets what was due by now come to pass: machines made late, ends, and those faults of machines
  // that happen by themselves.
  void Live();
  // The heartbeats that are due.
  std::vector<Heartbeat> TakeHeartbeats();
  // A machine whose token is of another history of the log.
  void AddStranger(const Token& token);

  const std::string& name() const { return name_; }
  const std::vector<SimulatedMachine>& machines() const { return machines_; }  // Ended ones too.

 private:
  void SpendTime();
  SimulatedMachine& Make(const Token& token, WorkerId worker, Time exists, Time listed);
  absl::StatusOr<Machine> Repeat(SimulatedMachine& machine);
  absl::StatusOr<Machine> LaunchLate(const Token& token, const LaunchSpec& spec, Time begun);
  void End(SimulatedMachine& machine);
  void Disturb();

  const std::string name_;
  SimulatedClock& clock_;
  Random& random_;
  Faults& faults_;
  SiteWatcher& watcher_;
  const std::function<void()> meanwhile_;
  DriverFacts facts_;
  std::vector<SimulatedMachine> machines_;
  struct Remembered {
    Time first_call{};
    std::size_t machine = 0;
  };
  std::map<Token, Remembered> tokens_;
  std::vector<std::size_t> late_;  // Machines that are still to come to exist.
};

}  // namespace epu::sim
