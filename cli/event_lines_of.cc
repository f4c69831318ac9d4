#include "cli/event_lines_of.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/status_facts.h"

namespace epu {
namespace {

using Json = nlohmann::ordered_json;

EventLine LineAt(const State& state, const Event& event, std::string source, std::string name,
                 const Json& extra) {
  return {std::move(source), std::move(name),
          fmt::format("{}-{:04x}-{}", state.log_id, state.epoch, event.sequence), event.time,
          extra.dump()};
}

std::optional<EventLine> NodeLine(const State& state, const Event& event,
                                  const WorkerChanged& change, const std::string& machine) {
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
  for (const Epu* epu : EpusByName(state)) {
    pool_states_[epu->number] = PoolStateText(*epu);
    for (const auto& [number, worker] : epu->workers) {
      if (!worker.machine.empty()) machines_[{epu->number, number}] = worker.machine;
    }
  }
}

std::vector<EventLine> EventLines::Of(const State& state, const Event& event) {
  std::vector<EventLine> lines;
  const WorkerId subject = SubjectOf(event.payload);
  const Worker* worker = FindWorker(state, subject);
  if (worker != nullptr && !worker->machine.empty()) machines_[subject] = worker->machine;
  if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    const auto machine = machines_.find(subject);
    const std::string known = machine == machines_.end() ? "" : machine->second;
    if (auto line = NodeLine(state, event, *change, known)) lines.push_back(*std::move(line));
  }
  if (worker == nullptr) machines_.erase(subject);
  // A copy of a log that gets another id owns no machine: that changes every pool at once.
  if (std::holds_alternative<ServerStarted>(event.payload)) {
    for (const auto& [number, epu] : state.epus) {
      AddPool(state, event, epu, "-de_state-" + epu.definition.name, lines);
    }
  }
  const Epu* epu = FindEpu(state, subject.epu);
  if (epu != nullptr) AddPool(state, event, *epu, "-de_state", lines);
  return lines;
}

void EventLines::AddPool(const State& state, const Event& event, const Epu& epu,
                         std::string_view mark, std::vector<EventLine>& lines) {
  if (epu.removed) return;
  const std::string now = PoolStateText(epu);
  std::string& before = pool_states_[epu.number];
  if (before == now) return;
  lines.push_back(LineAt(state, event, epu.definition.name, "de_state", {{"state", now}}));
  lines.back().key += mark;
  before = now;
}

std::optional<EventPlace> PlaceOfKey(const std::string& key) {
  std::string_view rest = key;
  const auto part = [&rest] {
    const std::string_view word = rest.substr(0, rest.find('-'));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    return word;
  };
  const auto number = [](std::string_view word, int base, auto& value) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
    return error == std::errc() && end == word.data() + word.size();
  };
  EventPlace place;
  place.log_id = part();
  const std::string_view first = part();
  std::string_view behind = rest;
  std::uint32_t epoch = 0;
  if (const std::string_view second = part(); number(second, 10, place.sequence)) {
    if (!number(first, 16, epoch)) return std::nullopt;
    place.epoch = epoch;
    behind = rest;
  } else if (!number(first, 10, place.sequence)) {
    return std::nullopt;
  }
  const bool whole = behind.empty() || behind.starts_with("de_state");
  return whole && !place.log_id.empty() ? std::optional(place) : std::nullopt;
}

std::string KeyWithoutEpoch(const std::string& key) {
  const std::size_t epoch = key.find('-');
  const std::size_t sequence = epoch == std::string::npos ? epoch : key.find('-', epoch + 1);
  return sequence == std::string::npos ? key : key.substr(0, epoch) + key.substr(sequence);
}

}  // namespace epu
