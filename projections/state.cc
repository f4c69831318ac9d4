#include "projections/state.h"

#include <fmt/format.h>

namespace epu {

const Epu* FindEpu(const State& state, std::string_view name) {
  for (const auto& [number, epu] : state.epus) {
    if (!epu.removed && epu.definition.name == name) return &epu;
  }
  return nullptr;
}

const Epu* FindEpu(const State& state, EpuNumber number) {
  const auto found = state.epus.find(number);
  return found == state.epus.end() ? nullptr : &found->second;
}

const Site* FindSite(const State& state, std::string_view name) {
  for (const auto& [number, site] : state.sites) {
    if (site.definition.name == name) return &site;
  }
  return nullptr;
}

const Worker* FindWorker(const State& state, WorkerId id) {
  const Epu* epu = FindEpu(state, id.epu);
  if (epu == nullptr) return nullptr;
  const auto found = epu->workers.find(id.number);
  return found == epu->workers.end() ? nullptr : &found->second;
}

const Sensor* FindSensor(const Epu& epu, std::string_view name) {
  for (const auto& [number, sensor] : epu.sensors) {
    if (sensor.definition.name == name) return &sensor;
  }
  return nullptr;
}

const Actor* FindActor(const State& state, std::uint32_t user_id) {
  for (const Actor& actor : state.actors) {
    if (actor.user_id == user_id) return &actor;
  }
  return nullptr;
}

const Outcome* FindOutcome(const State& state, CommandId id) {
  const auto client = state.clients.find(id.client);
  if (client == state.clients.end()) return nullptr;
  for (const Outcome& outcome : client->second.outcomes) {
    if (outcome.number == id.number) return &outcome;
  }
  return nullptr;
}

bool IsRequestKnown(const State& state, const LaunchId& launch) {
  const auto requests = state.requests.find(launch.epoch);
  return requests != state.requests.end() && launch.request <= requests->second;
}

std::string WorkerName(const Epu& epu, WorkerNumber worker) {
  return fmt::format("{}/{}", epu.definition.name, ToInteger(worker));
}

std::string TokenOf(const State& state, const LaunchId& launch) {
  return fmt::format("{}-{:04x}-{}", state.log_id, launch.epoch, launch.request);
}

}  // namespace epu
