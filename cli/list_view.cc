#include "cli/list_view.h"

#include <fmt/format.h>

#include "cli/cells.h"
#include "cli/describe.h"
#include "projections/pool.h"

namespace epu {
namespace {

std::string SiteName(const State& state, SiteNumber number) {
  const auto found = state.sites.find(number);
  return found == state.sites.end() ? "" : found->second.definition.name;
}

std::string Heard(const StatusFacts& facts, WorkerId id) {
  if (facts.heard == nullptr) return "";
  const auto found = facts.heard->find(id);
  return found == facts.heard->end() ? "" : AgeText(found->second) + " ago";
}

}  // namespace

Table EpuTable(const StatusFacts& facts, std::span<const Epu* const> epus,
               const Terminal& terminal) {
  Table table{{"EPU", "ENGINE", "STATE", "RUNNING", "STARTING", "WANTED", "SITE", "POLICY"}, {}};
  for (const Epu* epu : epus) {
    const PoolCounts counts = CountPool(*epu);
    table.rows.push_back(
        {epu->definition.name, epu->definition.engine, PoolStateCell(*epu, facts.now, terminal),
         std::to_string(counts.running), std::to_string(counts.starting),
         epu->wanted ? std::to_string(*epu->wanted) : "",
         SiteName(facts.state, epu->definition.worker.site), std::to_string(epu->policy)});
  }
  return table;
}

Table WorkerTable(const StatusFacts& facts, std::span<const ListedWorker> workers,
                  const Terminal& terminal) {
  Table table{{"WORKER", "STATE", "HEALTH", "SITE", "MACHINE", "SINCE", "HEARD", "WHY"}, {}};
  for (const auto& [epu, worker] : workers) {
    const Sequence decision = FindDecision(worker->request, facts.names);
    table.rows.push_back({WorkerName(*epu, worker->number), WorkerStateCell(*worker, terminal),
                          HealthCell(*epu, *worker, terminal), SiteName(facts.state, worker->site),
                          Escape(worker->machine), AgeText(facts.now - worker->state_since),
                          Heard(facts, {epu->number, worker->number}),
                          std::to_string(decision == 0 ? worker->request : decision)});
  }
  return table;
}

Table SiteTable(const StatusFacts& facts, std::span<const Site* const> sites,
                const Terminal& terminal) {
  Table table{{"SITE", "DRIVER", "WORKERS", "STATE", "LAUNCHING", "SINCE", "ERROR"}, {}};
  for (const Site* site : sites) {
    table.rows.push_back({site->definition.name, site->definition.driver,
                          fmt::format("{}/{}", CountMachines(facts.state, site->number),
                                      site->definition.max_workers),
                          AnsweringCell(*site, terminal),
                          EnabledCell(facts.state.enabled && site->enabled, terminal),
                          site->answering ? AgeText(facts.now - site->answering_since) : "",
                          EscapeAndCut(site->error, kDetailShown)});
  }
  return table;
}

Table SensorTable(const StatusFacts& facts, std::span<const ListedSensor> sensors,
                  const Terminal& terminal) {
  Table table{{"SENSOR", "READING", "SOURCE", "SEQ"}, {}};
  for (const auto& [epu, sensor] : sensors) {
    table.rows.push_back(
        {fmt::format("{}/{}", epu->definition.name, sensor->definition.name),
         SensorCell(*epu, *sensor, facts.now, terminal), SourceText(sensor->definition),
         sensor->latest.sequence == 0 ? "" : std::to_string(sensor->latest.sequence)});
  }
  return table;
}

Table StrangerTable(const StatusFacts& facts, std::span<const ListedStranger> strangers) {
  Table table{{"STRANGER", "SITE", "MACHINE", "STATE", "SINCE", "WHY"}, {}};
  for (const auto& [launch, stranger] : strangers) {
    table.rows.push_back({TokenOf(facts.state, launch), SiteName(facts.state, stranger->site),
                          Escape(stranger->machine), std::string(FateName(stranger->fate)),
                          AgeText(facts.now - stranger->since), std::to_string(stranger->event)});
  }
  return table;
}

std::string SourceText(const SensorDefinition& definition) {
  std::string text = "put from outside";
  if (const auto* spool = std::get_if<SpoolSource>(&definition.source)) {
    text = "spool " + Escape(spool->directory);
  } else if (const auto* exec = std::get_if<ExecSource>(&definition.source)) {
    text = "exec " + (exec->command.empty() ? "" : Escape(exec->command.front()));
  }
  if (definition.every > Duration{0}) {
    text += fmt::format(", every {}", FormatDuration(definition.every));
  }
  return text;
}

}  // namespace epu
