#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/names.h"
#include "cli/zone.h"
#include "projections/state.h"

// What the lists and `status` show beside the state itself, as values: both the text and the JSON
// are made from these.

namespace epu {

// How long ago each agent was heard, as the server said.
using HeardAges = std::map<WorkerId, Duration>;

// The state at one moment, and what is needed to show it. All outlives this.
struct StatusFacts {
  std::string run;
  const State& state;
  Time now{};                        // The moment shown: ages are counted to it.
  const HeardAges* heard = nullptr;  // Null where no server was asked: in the past, or with --log.
  Names& names;
  Zone zone = Zone::kUtc;
  bool unprovisioned = false;  // No process keeps the sites; false also where that is not known.
};

// What to say where it is so.
inline constexpr std::string_view kUnprovisioned =
    "no process keeps the sites: nothing is launched or ended; start it with: epud --role "
    "provisioner";

struct PoolCounts {
  std::size_t running = 0;    // RUNNING, and not unhealthy.
  std::size_t starting = 0;   // Requested, not yet RUNNING.
  std::size_t unhealthy = 0;  // To be replaced.
  std::size_t ending = 0;     // TERMINATING or ended, their machine not yet proven gone.
};
PoolCounts CountPool(const Epu& epu);

// "PENDING", "STABLE", "UNKNOWN", "DEVMODE_FAILED", or "REMOVING".
std::string PoolStateText(const Epu& epu);

// The most machines the run may have: its own limit, and what its sites allow together.
std::uint64_t CountWorkersMax(const State& state);

// Sites whose last listing was answered.
std::size_t CountAnswering(const State& state);

// Strangers that nobody has decided about.
std::size_t CountUnexplained(const State& state);

// "2 machines from another history of this log are left alone; epumgmt get strangers lists them"
std::string UnexplainedText(std::size_t count);

// EPUs that were not removed, by name.
std::vector<const Epu*> EpusByName(const State& state);

// The setting of that key with that type; null where there is none.
template <typename Type>
const Type* FindSetting(const EpuDefinition& definition, std::string_view key) {
  for (const Setting& setting : definition.settings) {
    if (setting.key == key) return std::get_if<Type>(&setting.value);
  }
  return nullptr;
}

// The sensor that the EPU's engine reads; null where it reads none.
const Sensor* EngineSensor(const Epu& epu);

// "queue 132, 0s old", "queue 132, 4m old (limit 30s)", "queue absent", "queue broken: exit 1".
std::string SensorText(const Epu& epu, const Sensor& sensor, Time now);

// Whether the reading can be used: there is one, it is a number, and not older than the limit.
bool IsUsable(const Epu& epu, const Sensor& sensor, Time now);

// The policy in force: who put it there, when and why. None where the log does not tell.
struct PolicyFacts {
  Sequence sequence = 0;
  Time time{};
  std::string actor;
  std::string verb;  // "apply" or "reconfigure".
  std::string note;
};
std::optional<PolicyFacts> FindPolicy(Sequence policy, Names& names);

// The decision that a request followed from; 0 where there is none.
Sequence FindDecision(Sequence request, Names& names);

// What is not as it should be, one line each; empty where all is well: every pool STABLE, every
// reading usable, every site answering, launching enabled, scaling not paused, every machine
// explained. Of one pool: of it, and of what it needs.
std::vector<std::string> FindTroubles(const StatusFacts& facts);
std::vector<std::string> FindTroubles(const StatusFacts& facts, const Epu& epu);

}  // namespace epu
