#include "cli/status_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/cells.h"
#include "cli/describe.h"
#include "cli/list_view.h"
#include "cli/pause_view.h"
#include "projections/pool.h"

namespace epu {
namespace {

std::string Ago(Time then, Time now) { return AgeText(now - then) + " ago"; }

std::string Heading(const StatusFacts& facts, const Terminal& terminal) {
  const State& state = facts.state;
  return fmt::format(
      "run {} ({})  at {}, {}  provisioner {}  sites {}/{} answering  {} worker{}, {} at most\n",
      facts.run, state.log_id, state.head, FormatSeconds(facts.now, facts.zone),
      state.enabled ? "enabled" : Colored("DISABLED", Color::kWarning, terminal),
      CountAnswering(state), state.sites.size(), CountMachines(state),
      CountMachines(state) == 1 ? "" : "s", CountWorkersMax(state));
}

struct Change {
  std::string age;
  std::string text;
};

Change LastChange(const StatusFacts& facts, const Epu& epu) {
  const std::optional<Event> event = facts.names.Read(epu.decision);
  const auto* decision = event ? std::get_if<DecisionMade>(&event->payload) : nullptr;
  if (decision == nullptr) return {};
  return {Ago(epu.decided, facts.now), ChangeText(*decision, facts.names, facts.zone)};
}

// The ages and texts of the last changes under one heading, the texts below each other.
std::vector<std::string> AlignChanges(const std::vector<Change>& changes) {
  std::size_t width = 0;
  for (const Change& change : changes) width = std::max(width, DisplayWidth(change.age));
  std::vector<std::string> cells;
  for (const Change& change : changes) {
    cells.push_back(change.age.empty() ? ""
                                       : fmt::format("{:<{}}  {}", change.age, width, change.text));
  }
  return cells;
}

Table PoolTable(const StatusFacts& facts, const Terminal& terminal) {
  Table table{{"EPU", "ENGINE", "STATE", "WORKERS", "SENSOR", "LAST CHANGE"}, {}};
  std::vector<Change> changes;
  for (const Epu* epu : EpusByName(facts.state)) {
    const Sensor* sensor = EngineSensor(*epu);
    table.rows.push_back(
        {epu->definition.name, epu->definition.engine, PoolStateCell(*epu, facts.now, terminal),
         fmt::format("{}/{}", CountPool(*epu).running,
                     epu->wanted ? std::to_string(*epu->wanted) : "-"),
         sensor == nullptr ? "" : SensorCell(*epu, *sensor, facts.now, terminal), ""});
    changes.push_back(LastChange(facts, *epu));
  }
  const std::vector<std::string> cells = AlignChanges(changes);
  for (std::size_t i = 0; i < cells.size(); ++i) table.rows[i].back() = cells[i];
  return table;
}

// What holds a pool or went wrong in it, a line each with a word before it.
std::string HoldLines(const StatusFacts& facts, const Epu& epu) {
  std::string text;
  if (epu.removing)
    text += "removing  being drained, and forgotten when its last machine is gone\n";
  if (!epu.engine_error.empty()) {
    text += fmt::format("engine  cannot decide for {}: {}\n",
                        AgeText(facts.now - epu.engine_error_since),
                        EscapeAndCut(epu.engine_error, kDetailShown));
  }
  if (epu.dev_mode_failure) {
    text += fmt::format("devmode  {} failed and is not replaced until {} is configured again\n",
                        WorkerName(epu, *epu.dev_mode_failure), epu.definition.name);
  }
  for (const PauseFacts& pause : FindPauses(epu, facts.now, facts.names)) {
    text += fmt::format("paused  {}\n", PauseSentence(pause, facts.now, facts.zone));
  }
  if (epu.back_off.until > facts.now) {
    text += fmt::format("back-off  {} launches in a row failed; the next in {}\n",
                        epu.back_off.failures, FormatDuration(epu.back_off.until - facts.now));
  }
  if (facts.unprovisioned) text += fmt::format("provisioner  {}\n", kUnprovisioned);
  const Site* site = nullptr;
  if (const auto found = facts.state.sites.find(epu.definition.worker.site);
      found != facts.state.sites.end()) {
    site = &found->second;
  }
  if (!facts.state.enabled) {
    text += "launching  disabled in the whole run\n";
  } else if (site != nullptr && !site->enabled) {
    text += fmt::format("launching  disabled at {}\n", site->definition.name);
  }
  if (site != nullptr && site->answering == false) {
    text += fmt::format("site  {} does not answer for {}: {}\n", site->definition.name,
                        AgeText(facts.now - site->answering_since),
                        EscapeAndCut(site->error, kDetailShown));
  }
  return text;
}

std::string RunHoldLines(const StatusFacts& facts) {
  const State& state = facts.state;
  std::string text;
  if (facts.unprovisioned) text += fmt::format("provisioner  {}\n", kUnprovisioned);
  if (state.disk_full) text += "disk  full: only what ends things is recorded\n";
  if (state.clock_difference != Duration{0}) {
    text += fmt::format("clock  the wall clock is {} off recorded time\n",
                        FormatDuration(state.clock_difference));
  }
  for (const auto& [number, site] : state.sites) {
    if (!site.enabled) text += fmt::format("site  {}: launching disabled\n", site.definition.name);
    if (site.answering == false) {
      text += fmt::format("site  {} does not answer for {}: {}\n", site.definition.name,
                          AgeText(facts.now - site.answering_since),
                          EscapeAndCut(site.error, kDetailShown));
    }
  }
  if (const std::size_t unexplained = CountUnexplained(state); unexplained > 0) {
    text += fmt::format("strangers  {}\n", UnexplainedText(unexplained));
  }
  for (const Epu* epu : EpusByName(state)) {
    if (epu->engine_error.empty()) continue;
    text += fmt::format("engine  {} cannot be decided for: {}\n", epu->definition.name,
                        EscapeAndCut(epu->engine_error, kDetailShown));
  }
  return text;
}

// "1 to 8 allowed", as far as the engine has such limits.
std::string Allowed(const Epu& epu) {
  const auto* least = FindSetting<std::int64_t>(epu.definition, "min_instances");
  const auto* most = FindSetting<std::int64_t>(epu.definition, "max_instances");
  if (most == nullptr) return "";
  if (least == nullptr) return fmt::format(", {} at most allowed", *most);
  return fmt::format(", {} to {} allowed", *least, *most);
}

std::string PoolLine(const Epu& epu, Time now, const Terminal& terminal) {
  const PoolCounts counts = CountPool(epu);
  std::string text =
      fmt::format("{}  {}  {}  {} running", epu.definition.name, epu.definition.engine,
                  PoolStateCell(epu, now, terminal), counts.running);
  if (counts.starting > 0) text += fmt::format(", {} starting", counts.starting);
  if (counts.unhealthy > 0) text += fmt::format(", {} unhealthy", counts.unhealthy);
  if (counts.ending > 0) text += fmt::format(", {} ending", counts.ending);
  if (epu.wanted) text += fmt::format(", {} wanted", *epu.wanted);
  return text + Allowed(epu) + "\n";
}

std::string PolicyLine(const StatusFacts& facts, const Epu& epu) {
  const std::optional<PolicyFacts> policy = FindPolicy(epu.policy, facts.names);
  if (!policy) return "";
  std::string text =
      fmt::format("policy  {}  {} by {}: {}", policy->sequence,
                  FormatBeside(policy->time, facts.now, facts.zone, Precision::kSeconds),
                  Escape(policy->actor), PolicyText(epu.definition));
  if (!policy->note.empty()) {
    text += fmt::format("  \"{}\"", EscapeAndCut(policy->note, kDetailShown));
  }
  return text + "\n";
}

std::string SensorLine(const StatusFacts& facts, const Epu& epu, const Sensor& sensor) {
  return fmt::format("sensor  {} ({})\n", SensorText(epu, sensor, facts.now),
                     SourceText(sensor.definition));
}

// What is known of workers that are not well, under their table.
std::string FindingLines(const Epu& epu) {
  std::string text;
  for (const auto& [number, worker] : epu.workers) {
    std::string finding;
    if (!worker.health_detail.empty() && IsUnhealthy(epu, worker)) finding = worker.health_detail;
    if (worker.reason != Reason::kNone) {
      finding = std::string(ReasonName(worker.reason)) +
                (worker.detail.empty() ? "" : ": " + worker.detail);
    }
    if (finding.empty()) continue;
    text += fmt::format("{}  {}\n", WorkerName(epu, number), EscapeAndCut(finding, kDetailShown));
  }
  return text;
}

}  // namespace

std::string FormatStatus(const StatusFacts& facts, const Terminal& terminal) {
  std::string text = Heading(facts, terminal) + RunHoldLines(facts);
  if (EpusByName(facts.state).empty()) return text + "\nno EPU is defined\n";
  return text + "\n" + FormatTable(PoolTable(facts, terminal), terminal);
}

std::string FormatEpuStatus(const StatusFacts& facts, const Epu& epu, const Terminal& terminal) {
  std::string text = PoolLine(epu, facts.now, terminal) + PolicyLine(facts, epu);
  for (const auto& [number, sensor] : epu.sensors) text += SensorLine(facts, epu, sensor);
  text += HoldLines(facts, epu);
  if (epu.workers.empty()) return text + "\nno worker\n";
  std::vector<ListedWorker> workers;
  for (const auto& [number, worker] : epu.workers) workers.push_back({&epu, &worker});
  text += "\n" + FormatTable(WorkerTable(facts, workers, terminal), terminal);
  const std::string findings = FindingLines(epu);
  return findings.empty() ? text : text + "\n" + findings;
}

}  // namespace epu
