#pragma once

#include "cli/json_view.h"
#include "cli/status_facts.h"

// `status` and `get` as JSON; the rules are those of json_view.h.

namespace epu {

// The run with its sites and EPUs, and each EPU with its workers and sensors.
Json StatusJson(const StatusFacts& facts);

Json EpuJson(const StatusFacts& facts, const Epu& epu);
Json WorkerJson(const StatusFacts& facts, const Epu& epu, const Worker& worker);
Json SiteJson(const StatusFacts& facts, const Site& site);
Json StrangerJson(const StatusFacts& facts, const LaunchId& launch, const Stranger& stranger);
Json SensorJson(const StatusFacts& facts, const Epu& epu, const Sensor& sensor);

}  // namespace epu
