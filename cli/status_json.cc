#include "cli/status_json.h"

#include "cli/describe.h"
#include "cli/pause_view.h"
#include "projections/pool.h"

namespace epu {
namespace {

// How long ago the agent of a worker was heard; null where nobody says.
Json HeardJson(const StatusFacts& facts, WorkerId id) {
  if (facts.heard == nullptr) return nullptr;
  const auto heard = facts.heard->find(id);
  return heard == facts.heard->end() ? Json() : Json(InSeconds(heard->second));
}

Json LastChangeJson(const StatusFacts& facts, const Epu& epu) {
  const std::optional<Event> event = facts.names.Read(epu.decision);
  const auto* decision = event ? std::get_if<DecisionMade>(&event->payload) : nullptr;
  if (decision == nullptr) return nullptr;
  return {{"sequence", epu.decision},
          {"time", FormatTime(epu.decided)},
          {"what", ChangeText(*decision, facts.names, Zone::kUtc)}};
}

Json PolicyJson(const StatusFacts& facts, const Epu& epu) {
  const std::optional<PolicyFacts> policy = FindPolicy(epu.policy, facts.names);
  if (!policy) return nullptr;
  return {{"sequence", policy->sequence},
          {"time", FormatTime(policy->time)},
          {"actor", policy->actor},
          {"verb", policy->verb},
          {"note", TextOrNull(policy->note)}};
}

}  // namespace

Json SensorJson(const StatusFacts& facts, const Epu& epu, const Sensor& sensor) {
  const Reading& reading = sensor.latest;
  const bool taken = reading.sequence != 0;
  Json json = {{"name", epu.definition.name + "/" + sensor.definition.name},
               {"sequence", SequenceOrNull(reading.sequence)}};
  AddMeasure(json, reading.measure);
  json["in_progress"] = reading.in_progress ? Number(*reading.in_progress) : Json();
  json["age_s"] = taken ? Json(InSeconds(AgeOf(reading, facts.now))) : Json();
  json["usable"] = IsUsable(epu, sensor, facts.now);
  json["source"] = TextOrNull(reading.source);
  json["every_s"] = InSeconds(sensor.definition.every);
  return json;
}

Json SiteJson(const StatusFacts& facts, const Site& site) {
  return {{"name", site.definition.name},
          {"driver", site.definition.driver},
          {"max_workers", site.definition.max_workers},
          {"workers", CountMachines(facts.state, site.number)},
          {"enabled", site.enabled},
          {"answering", site.answering ? Json(*site.answering) : Json()},
          {"error", TextOrNull(site.error)}};
}

Json StrangerJson(const StatusFacts& facts, const LaunchId& launch, const Stranger& stranger) {
  const auto site = facts.state.sites.find(stranger.site);
  return {{"token", TokenOf(facts.state, launch)},
          {"site", site == facts.state.sites.end() ? Json() : Json(site->second.definition.name)},
          {"machine", TextOrNull(stranger.machine)},
          {"state", FateName(stranger.fate)},
          {"since", FormatTime(stranger.since)},
          {"event", stranger.event}};
}

Json WorkerJson(const StatusFacts& facts, const Epu& epu, const Worker& worker) {
  const Site* site = nullptr;
  if (const auto found = facts.state.sites.find(worker.site); found != facts.state.sites.end()) {
    site = &found->second;
  }
  Json json = {{"name", WorkerName(epu, worker.number)},
               {"state", StateName(worker.state)},
               {"since", FormatTime(worker.state_since)},
               {"reason", TextOrNull(ReasonName(worker.reason))},
               {"detail", TextOrNull(worker.detail)},
               {"health", HealthName(worker.health)},
               {"health_detail", TextOrNull(worker.health_detail)},
               {"heard_s", HeardJson(facts, {epu.number, worker.number})},
               {"site", site == nullptr ? Json() : Json(site->definition.name)},
               {"machine", TextOrNull(worker.machine)},
               {"presence", PresenceName(worker.presence)},
               {"token", TokenOf(facts.state, worker.launch)},
               {"unique_key", TextOrNull(worker.unique_key)},
               {"requested", FormatTime(worker.requested)},
               {"request", worker.request},
               {"decision", SequenceOrNull(FindDecision(worker.request, facts.names))},
               {"policy", SequenceOrNull(worker.policy)},
               {"drain_until", TimeOrNull(worker.drain_until)}};
  AddWork(json, worker.report);
  json["report_age_s"] =
      worker.reported == 0 ? Json()
                           : Json(InSeconds(worker.report.age + (facts.now - worker.reported_at)));
  return json;
}

Json EpuJson(const StatusFacts& facts, const Epu& epu) {
  const PoolCounts counts = CountPool(epu);
  Json json = {{"name", epu.definition.name},
               {"engine", epu.definition.engine},
               {"state", PoolStateText(epu)},
               {"running", counts.running},
               {"starting", counts.starting},
               {"unhealthy", counts.unhealthy},
               {"ending", counts.ending},
               {"wanted", epu.wanted ? Json(*epu.wanted) : Json()},
               {"policy", PolicyJson(facts, epu)},
               {"last_change", LastChangeJson(facts, epu)},
               {"error", TextOrNull(epu.engine_error)},
               {"failed_launches", epu.back_off.failures},
               {"back_off_until",
                epu.back_off.until > facts.now ? Json(FormatTime(epu.back_off.until)) : Json()},
               {"devmode_failure",
                epu.dev_mode_failure ? Json(WorkerName(epu, *epu.dev_mode_failure)) : Json()},
               {"paused", PausesJson(epu, facts.now, facts.names)}};
  json["sensors"] = Json::array();
  for (const auto& [number, sensor] : epu.sensors) {
    json["sensors"].push_back(SensorJson(facts, epu, sensor));
  }
  json["workers"] = Json::array();
  for (const auto& [number, worker] : epu.workers) {
    json["workers"].push_back(WorkerJson(facts, epu, worker));
  }
  return json;
}

Json StatusJson(const StatusFacts& facts) {
  const State& state = facts.state;
  Json json = {{"run", facts.run},
               {"log_id", state.log_id},
               {"sequence", state.head},
               {"time", FormatTime(facts.now)},
               {"enabled", state.enabled},
               {"unprovisioned", facts.unprovisioned},
               {"workers", CountMachines(state)},
               {"max_workers", state.max_workers},
               {"clock_difference_s", InSeconds(state.clock_difference)},
               {"disk_full", state.disk_full}};
  json["sites"] = Json::array();
  for (const auto& [number, site] : state.sites) json["sites"].push_back(SiteJson(facts, site));
  json["strangers"] = Json::array();
  for (const auto& [launch, stranger] : state.strangers) {
    json["strangers"].push_back(StrangerJson(facts, launch, stranger));
  }
  json["epus"] = Json::array();
  for (const Epu* epu : EpusByName(state)) json["epus"].push_back(EpuJson(facts, *epu));
  return json;
}

}  // namespace epu
