#include "cli/list_view.h"

#include <fmt/format.h>

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

std::string HealthCell(const Epu& epu, const Worker& worker, const Terminal& terminal) {
  const Color color = worker.health == Health::kOk       ? Color::kGood
                      : IsUnhealthy(epu, worker)         ? Color::kBad
                      : worker.health == Health::kZombie ? Color::kWarning
                                                         : Color::kNone;
  return Colored(HealthName(worker.health), color, terminal);
}

std::string AnsweringText(const Site& site) {
  if (!site.answering) return "not listed yet";
  return *site.answering ? "answering" : "not answering";
}

}  // namespace

Table EpuTable(const StatusFacts& facts, std::span<const Epu* const> epus) {
  Table table{{"EPU", "ENGINE", "STATE", "RUNNING", "STARTING", "WANTED", "SITE", "POLICY"}, {}};
  for (const Epu* epu : epus) {
    const PoolCounts counts = CountPool(*epu);
    table.rows.push_back({epu->definition.name, epu->definition.engine, PoolStateText(*epu),
                          std::to_string(counts.running), std::to_string(counts.starting),
                          epu->wanted ? std::to_string(*epu->wanted) : "",
                          SiteName(facts.state, epu->definition.worker.site),
                          std::to_string(epu->policy)});
  }
  return table;
}

namespace {

// "600-RUNNING", and beside it what it does by its own word, or that it drains.
std::string StateCell(const Worker& worker) {
  const std::string state(StateName(worker.state));
  if (IsDraining(worker)) return state + " draining";
  const bool speaks = IsAlive(worker) && worker.report.activity != Activity::kUnknown;
  return speaks ? fmt::format("{} {}", state, ActivityName(worker.report.activity)) : state;
}

}  // namespace

Table WorkerTable(const StatusFacts& facts, std::span<const ListedWorker> workers,
                  const Terminal& terminal) {
  Table table{{"WORKER", "STATE", "HEALTH", "SITE", "MACHINE", "SINCE", "HEARD", "WHY"}, {}};
  for (const auto& [epu, worker] : workers) {
    const Sequence decision = FindDecision(worker->request, facts.names);
    table.rows.push_back({WorkerName(*epu, worker->number), StateCell(*worker),
                          HealthCell(*epu, *worker, terminal), SiteName(facts.state, worker->site),
                          Escape(worker->machine), AgeText(facts.now - worker->state_since),
                          Heard(facts, {epu->number, worker->number}),
                          std::to_string(decision == 0 ? worker->request : decision)});
  }
  return table;
}

Table SiteTable(const StatusFacts& facts, std::span<const Site* const> sites) {
  Table table{{"SITE", "DRIVER", "WORKERS", "STATE", "LAUNCHING", "SINCE", "ERROR"}, {}};
  for (const Site* site : sites) {
    table.rows.push_back({site->definition.name, site->definition.driver,
                          fmt::format("{}/{}", CountMachines(facts.state, site->number),
                                      site->definition.max_workers),
                          AnsweringText(*site),
                          facts.state.enabled && site->enabled ? "enabled" : "disabled",
                          site->answering ? AgeText(facts.now - site->answering_since) : "",
                          EscapeAndCut(site->error, kDetailShown)});
  }
  return table;
}

Table SensorTable(const StatusFacts& facts, std::span<const ListedSensor> sensors) {
  Table table{{"SENSOR", "READING", "SOURCE", "SEQ"}, {}};
  for (const auto& [epu, sensor] : sensors) {
    table.rows.push_back(
        {fmt::format("{}/{}", epu->definition.name, sensor->definition.name),
         SensorText(*epu, *sensor, facts.now), SourceText(sensor->definition),
         sensor->latest.sequence == 0 ? "" : std::to_string(sensor->latest.sequence)});
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
