#include "cli/event_lines_of.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/status_facts.h"

namespace epu {
namespace {

using Json = nlohmann::ordered_json;

EventLine LineAt(const State& state, const Event& event, std::string source, std::string name,
                 const Json& extra) {
  return {std::move(source), std::move(name), fmt::format("{}-{}", state.log_id, event.sequence),
          event.time, extra.dump()};
}

// Of a worker that has left the state its end is all that is said.
std::optional<EventLine> NodeLine(const State& state, const Event& event,
                                  const WorkerChanged& change) {
  const Worker* worker = FindWorker(state, {change.epu, change.worker});
  const std::string machine = !change.machine.empty() ? change.machine
                              : worker != nullptr     ? worker->machine
                                                      : "";
  const Epu* epu = FindEpu(state, change.epu);
  const std::string node = epu == nullptr ? "" : WorkerName(*epu, change.worker);
  const Json ended = {{"iaas_id", machine}, {"node_id", node}};
  Json extra = ended;
  extra["public_ip"] = "127.0.0.1";
  extra["private_ip"] = "127.0.0.1";
  if (change.to == WorkerState::kStarted) {
    return LineAt(state, event, "provisioner", "new_node", extra);
  }
  if (change.to == WorkerState::kRunning) {
    return LineAt(state, event, "provisioner", "node_started", extra);
  }
  if (change.to == WorkerState::kTerminated || change.to == WorkerState::kFailed) {
    return LineAt(state, event, "provisioner", "node_terminated", ended);
  }
  return std::nullopt;
}

}  // namespace

void EventLines::Begin(const State& state) {
  for (const Epu* epu : EpusByName(state)) pool_states_[epu->number] = PoolStateText(*epu);
}

std::vector<EventLine> EventLines::Of(const State& state, const Event& event) {
  std::vector<EventLine> lines;
  if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    if (auto line = NodeLine(state, event, *change)) lines.push_back(*std::move(line));
  }
  const Epu* epu = FindEpu(state, SubjectOf(event.payload).epu);
  if (epu == nullptr || epu->removed) return lines;
  const std::string now = PoolStateText(*epu);
  std::string& before = pool_states_[epu->number];
  if (before != now) {
    EventLine line = LineAt(state, event, epu->definition.name, "de_state", {{"state", now}});
    line.key += "-de_state";
    lines.push_back(std::move(line));
    before = now;
  }
  return lines;
}

}  // namespace epu
