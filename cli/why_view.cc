#include "cli/why_view.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cli/constraint_text.h"
#include "cli/describe.h"
#include "cli/pause_view.h"
#include "cli/status_facts.h"
#include "cli/terminal.h"
#include "projections/pool.h"

namespace epu {
namespace {

std::string Stamp(const WhyFacts& facts, const Event& event) {
  return fmt::format("{}  {}", event.sequence,
                     FormatBeside(event.time, facts.day, facts.zone, Precision::kMilliseconds));
}

void AppendTree(const Node& node, const std::string& indent, std::string& text) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    text += indent + (last ? "└─ " : "├─ ") + node.children[i].text + "\n";
    AppendTree(node.children[i], indent + (last ? "   " : "│  "), text);
  }
}

std::string Count(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

// "launch 1, end crunch/3", or "change nothing".
std::string Deed(const DecisionMade& fact, Names& names) {
  std::string text;
  if (fact.launches > 0) text = fmt::format("launch {}", fact.launches);
  if (fact.retirements.size() > 5) {
    text += fmt::format("{}end {}", text.empty() ? "" : ", ", fact.retirements.size());
  } else {
    for (std::size_t i = 0; i < fact.retirements.size(); ++i) {
      text += fmt::format("{}{}{}", text.empty() ? "" : ", ", i == 0 ? "end " : "",
                          names.Worker({fact.epu, fact.retirements[i]}));
    }
  }
  return text.empty() ? "launch none" : text;
}

// "18180  queue 132, read 0.2s before by spool /srv/spool"
Node InputNode(const WhyFacts& facts, Sequence sequence, Time decided) {
  const std::optional<Event> event = facts.names.Read(sequence);
  if (!event) return {fmt::format("input    {}", sequence), {}};
  const auto* reading = std::get_if<ReadingTaken>(&event->payload);
  if (reading == nullptr) {
    return {fmt::format("input    {}  {}", sequence, Describe(*event, facts.names, facts.zone)),
            {}};
  }
  const std::string by =
      reading->source.empty() ? facts.names.Actor(event->actor) : reading->source;
  return {fmt::format("input    {}  {}, read {} before by {}", sequence,
                      ReadingText(facts.names.SensorAlone(reading->sensor), reading->measure,
                                  reading->in_progress),
                      ShortDuration(decided - event->time + reading->age),
                      EscapeAndCut(by, kDetailShown)),
          {}};
}

Node PolicyNode(const WhyFacts& facts, Sequence sequence) {
  const std::optional<PolicyFacts> policy = FindPolicy(sequence, facts.names);
  if (!policy) return {fmt::format("policy   {}", sequence), {}};
  std::string text =
      fmt::format("policy   {}  {} {} by {}", sequence,
                  FormatBeside(policy->time, facts.day, facts.zone, Precision::kSeconds),
                  policy->verb, Escape(policy->actor));
  if (!policy->note.empty()) {
    text += fmt::format(" \"{}\"", EscapeAndCut(policy->note, kDetailShown));
  }
  return {std::move(text), {}};
}

std::string Left(std::uint64_t limit, std::size_t used) {
  return std::to_string(limit > used ? limit - used : 0);
}

// A text in quotation marks.
std::string DotText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// The box of `node` and those behind it; returns its number.
int AddDot(const Node& node, int& boxes, std::string& text) {
  const int box = boxes++;
  text += fmt::format("  n{} [label={}];\n", box, DotText(node.text));
  for (const Node& child : node.children) {
    const int behind = AddDot(child, boxes, text);
    text += fmt::format("  n{} -> n{};\n", box, behind);
  }
  return box;
}

}  // namespace

std::string FormatTree(const Node& root) {
  std::string text = root.text + "\n";
  AppendTree(root, "", text);
  return text;
}

std::string FormatDot(const Node& root) {
  std::string text = "digraph why {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n";
  int boxes = 0;
  AddDot(root, boxes, text);
  return text + "}\n";
}

std::string LimitsText(const State& state, const Epu& epu, Time now) {
  std::vector<std::string> parts;
  if (const auto* most = FindSetting<std::int64_t>(epu.definition, "max_instances")) {
    parts.push_back(fmt::format("max_instances {} left {}", *most,
                                Left(static_cast<std::uint64_t>(*most), CountMachines(epu))));
  }
  const auto site = state.sites.find(epu.definition.worker.site);
  if (site != state.sites.end()) {
    const SiteDefinition& definition = site->second.definition;
    parts.push_back(fmt::format("site {} {} left {}", definition.name, definition.max_workers,
                                Left(definition.max_workers, CountMachines(state, site->first))));
  }
  // The run's own limit is told where it is nearer than the site's.
  const bool nearer =
      site == state.sites.end() || state.max_workers < site->second.definition.max_workers;
  if (nearer) {
    parts.push_back(fmt::format("run {} left {}", state.max_workers,
                                Left(state.max_workers, CountMachines(state))));
  }
  const std::size_t pending = CountPending(epu);
  parts.push_back(pending == 0 ? "none pending" : fmt::format("{} pending", pending));
  parts.push_back(epu.back_off.until > now
                      ? fmt::format("back-off for {} after {}",
                                    ShortDuration(epu.back_off.until - now),
                                    Count(epu.back_off.failures, "failure", "failures"))
                      : "no back-off");
  const bool enabled = state.enabled && (site == state.sites.end() || site->second.enabled);
  parts.push_back(enabled ? "enabled" : "disabled");
  if (const std::string_view paused = PauseWord(epu, now); !paused.empty()) {
    parts.emplace_back(paused);
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

Node DecisionNode(const WhyFacts& facts, const Event& decision, const State& before) {
  const auto& fact = std::get<DecisionMade>(decision.payload);
  Node node{fmt::format("{}  decided by {} {}: {}{} ({} → {})", Stamp(facts, decision), fact.engine,
                        fact.engine_version, fact.cause == DecisionCause::kRepair ? "repair, " : "",
                        Deed(fact, facts.names), fact.size, fact.wanted),
            {}};
  const std::string sensor = SensorOfDecision(fact, facts.names);
  for (std::size_t i = 0; i < fact.constraints.size(); ++i) {
    node.children.push_back({fmt::format("{}  {}", i == 0 ? "because" : "and    ",
                                         ConstraintText(fact.constraints[i], sensor, facts.zone)),
                             {}});
  }
  for (const Sequence input : fact.inputs) {
    node.children.push_back(InputNode(facts, input, decision.time));
  }
  const Epu* epu = FindEpu(before, fact.epu);
  if (epu != nullptr) {
    node.children.push_back({"limits   " + LimitsText(before, *epu, decision.time), {}});
  }
  node.children.push_back(PolicyNode(facts, fact.policy));
  return node;
}

Node RequestNode(const WhyFacts& facts, const Event& request) {
  const auto& fact = std::get<WorkerRequested>(request.payload);
  return {
      fmt::format("{}  requested: one worker of {}{} on {}, token {}", Stamp(facts, request),
                  facts.names.Epu(fact.epu),
                  fact.unique_key.empty() ? "" : fmt::format(" ({})", fact.unique_key),
                  facts.names.Site(fact.site), facts.names.Token(fact.launch, request.sequence)),
      {}};
}

Node LifeNode(const WhyFacts& facts, const Event& event, const Origin& origin) {
  const std::string stamp = Stamp(facts, event);
  if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    std::vector<std::string> parts;
    if (change->to == WorkerState::kPending) {
      parts.push_back("asked of " + origin.site);
    }
    if (change->to == WorkerState::kRunning) {
      parts.push_back(fmt::format("first heartbeat, {} after the decision",
                                  ShortDuration(event.time - origin.decided)));
    }
    if (change->reason != Reason::kNone) parts.emplace_back(ReasonName(change->reason));
    if (!change->machine.empty()) parts.push_back(EscapeAndCut(change->machine, kDetailShown));
    if (!change->detail.empty()) parts.push_back(EscapeAndCut(change->detail, kDetailShown));
    std::string text = fmt::format("{}  {}", stamp, StateName(change->to));
    for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "  " : ", ") + parts[i];
    return {std::move(text), {}};
  }
  if (const auto* change = std::get_if<MachineChanged>(&event.payload)) {
    std::string text = fmt::format("{}  machine {}", stamp, PresenceName(change->to));
    if (!change->machine.empty()) text += "  " + EscapeAndCut(change->machine, kDetailShown);
    return {std::move(text), {}};
  }
  if (const auto* change = std::get_if<HealthChanged>(&event.payload)) {
    return {fmt::format("{}  {}", stamp, HealthText(*change)), {}};
  }
  if (const auto* work = std::get_if<WorkReported>(&event.payload)) {
    return {fmt::format("{}  {}", stamp, WorkText(work->report)), {}};
  }
  if (const auto* drain = std::get_if<DrainBegun>(&event.payload)) {
    return {fmt::format("{}  {}, to finish its work first, until {}", stamp,
                        ReasonName(drain->reason), FormatTimeOfDay(drain->until, facts.zone)),
            {}};
  }
  return PlainNode(facts, event);
}

Node PlainNode(const WhyFacts& facts, const Event& event) {
  return {fmt::format("{}  {}: {}", Stamp(facts, event), KindName(event.payload),
                      Describe(event, facts.names, facts.zone)),
          {}};
}

std::string WorkerSentence(const State& state, const Epu& epu, const Worker& worker, Time now) {
  std::string text =
      fmt::format("{} is {}", WorkerName(epu, worker.number), StateName(worker.state));
  if (const auto site = state.sites.find(worker.site); site != state.sites.end()) {
    text += fmt::format(" on {}", site->second.definition.name);
  }
  if (!worker.machine.empty()) {
    text += fmt::format(" ({})", EscapeAndCut(worker.machine, kDetailShown));
  }
  if (worker.health != Health::kUnknown) text += fmt::format(", {}", HealthName(worker.health));
  return text + fmt::format(", for {}", AgeText(now - worker.state_since));
}

std::string EndedSentence(const WhyFacts& facts, std::span<const Event> life, Time now) {
  const WorkerId id = SubjectOf(life.front().payload);
  WorkerState state = WorkerState::kRequested;
  Reason reason = Reason::kNone;
  bool gone = false;
  for (const Event& event : life) {
    if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
      state = change->to;
      if (change->reason != Reason::kNone) reason = change->reason;
    } else if (const auto* machine = std::get_if<MachineChanged>(&event.payload)) {
      gone = machine->to == Presence::kGone;
    }
  }
  std::string text = fmt::format("{} is {}", facts.names.Worker(id), StateName(state));
  if (reason != Reason::kNone) text += fmt::format(", {}", ReasonName(reason));
  if (gone) text += ", its machine gone";
  return text + fmt::format(", {} ago", AgeText(now - life.back().time));
}

std::string PoolSentence(const Epu& epu) {
  const PoolCounts counts = CountPool(epu);
  std::string text =
      fmt::format("{} is {}: {} running", epu.definition.name, PoolStateText(epu), counts.running);
  if (counts.starting > 0) text += fmt::format(", {} starting", counts.starting);
  if (counts.unhealthy > 0) text += fmt::format(", {} unhealthy", counts.unhealthy);
  if (counts.ending > 0) text += fmt::format(", {} ending", counts.ending);
  if (epu.wanted) text += fmt::format(", {} wanted", *epu.wanted);
  return text;
}

}  // namespace epu
