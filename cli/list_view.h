#pragma once

#include <span>

#include "cli/status_facts.h"
#include "cli/terminal.h"

// The tables of `get`, the workers' also that of `status EPU`.

namespace epu {

struct ListedWorker {
  const Epu* epu = nullptr;
  const Worker* worker = nullptr;
};
struct ListedSensor {
  const Epu* epu = nullptr;
  const Sensor* sensor = nullptr;
};

struct ListedStranger {
  LaunchId launch;
  const Stranger* stranger = nullptr;
};

Table EpuTable(const StatusFacts& facts, std::span<const Epu* const> epus,
               const Terminal& terminal);
Table WorkerTable(const StatusFacts& facts, std::span<const ListedWorker> workers,
                  const Terminal& terminal);
Table SiteTable(const StatusFacts& facts, std::span<const Site* const> sites,
                const Terminal& terminal);
Table SensorTable(const StatusFacts& facts, std::span<const ListedSensor> sensors,
                  const Terminal& terminal);
Table StrangerTable(const StatusFacts& facts, std::span<const ListedStranger> strangers);

// "spool /srv/spool, every 2s"
std::string SourceText(const SensorDefinition& definition);

}  // namespace epu
