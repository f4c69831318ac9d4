#include "cli/apply_plan.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "commands/apply.h"
#include "commands/review.h"
#include "engines/keys.h"
#include "eventlog/check.h"
#include "projections/evolve.h"
#include "projections/pool.h"

namespace epu {
namespace {

// Records `payloads` in `state`, as if the server did so at `now`.
void Record(State& state, const std::vector<Payload>& payloads, Time now) {
  for (const Payload& payload : payloads) {
    Event event;
    event.sequence = state.head + 1;
    event.time = std::max(now, state.time);
    event.payload = payload;
    Evolve(state, event);
  }
}

// What the next review of an EPU does to `after`, written into `item`, and recorded: the next pool
// finds the room that this one leaves.
void AddEffects(PlanItem& item, const State& before, State& after, EpuNumber number, Time now,
                const EngineCatalog& catalog) {
  const Epu* epu = FindEpu(after, number);
  CHECK(epu != nullptr);
  const std::vector<Payload> review = DecideReview(after, *epu, now, catalog);
  for (const Payload& payload : review) {
    if (std::holds_alternative<WorkerRequested>(payload)) ++item.launches;
    const auto* change = std::get_if<WorkerChanged>(&payload);
    if (change != nullptr && change->to == WorkerState::kTerminating) {
      item.ends.push_back(WorkerName(*epu, change->worker));
    }
  }
  const Epu* today = FindEpu(before, number);
  const std::size_t workers = today == nullptr ? 0 : CountValid(*today);
  std::optional<std::uint32_t> wanted = epu->removing ? 0 : epu->wanted;
  for (const Payload& payload : review) {
    if (const auto* decision = std::get_if<DecisionMade>(&payload)) wanted = decision->wanted;
  }
  Record(after, review, now);
  if (!wanted) return;
  item.shrinks = std::max(item.ends.size(), workers > *wanted ? workers - *wanted : 0);
  item.empties = workers > 0 && *wanted == 0;
}

std::string AuthorOf(const State& state, ActorNumber number) {
  for (const Actor& actor : state.actors) {
    if (actor.number == number) return actor.name;
  }
  return "epud";
}

std::vector<Setting> DefaultsOf(const EngineCatalog& catalog, std::string_view name) {
  std::vector<Setting> defaults;
  const EngineEntry* engine = FindEngine(catalog, name);
  if (engine == nullptr) return defaults;
  for (const Key& key : engine->keys) {
    if (key.default_value) defaults.push_back({std::string(key.name), *key.default_value});
  }
  return defaults;
}

// By key, whose values `changes` override.
std::map<std::string, Override> OverridesOf(const ConfigView& view, EpuNumber number,
                                            const std::vector<FieldChange>& changes) {
  constexpr std::string_view kConfig = "config.";
  std::map<std::string, Override> overrides;
  for (const FieldChange& change : changes) {
    if (!change.key.starts_with(kConfig)) continue;
    const auto hand = view.by_hand.find({number, change.key.substr(kConfig.size())});
    if (hand == view.by_hand.end()) continue;
    overrides[change.key] = {AuthorOf(view.state, hand->second.actor), hand->second.sequence,
                             hand->second.time};
  }
  return overrides;
}

PlanItem PlanEpu(const ConfigView& view, const EpuDefinition& definition, EpuNumber number,
                 const EngineCatalog& catalog) {
  PlanItem item{.mark = PlanMark::kChange, .kind = "epu", .name = definition.name};
  const Epu* known = FindEpu(view.state, number);
  if (known == nullptr || known->removed) {
    item.mark = PlanMark::kAdd;
    const std::string settings =
        SettingsInShort(definition, DefaultsOf(catalog, definition.engine));
    item.text = fmt::format("{}{}{}, on {}", definition.engine, settings.empty() ? "" : ", ",
                            settings, definition.worker.site_name);
    return item;
  }
  item.changes = Differences(known->definition, definition);
  if (known->removing) item.changes.push_back({"removal", "begun", "-"});
  item.overrides = OverridesOf(view, number, item.changes);
  if (item.changes.empty() && known->dev_mode_failure) {
    item.mark = PlanMark::kRestart;
    item.text = "stopped in development mode: set going again";
  }
  return item;
}

PlanItem PlanSite(const ConfigView& view, const SiteDefined& fact) {
  const Site* known = FindSite(view.state, fact.definition.name);
  PlanItem item{.mark = PlanMark::kChange, .kind = "site", .name = fact.definition.name};
  if (known == nullptr) {
    item.mark = PlanMark::kAdd;
    item.text =
        fmt::format("{}, {} workers at most", fact.definition.driver, fact.definition.max_workers);
  } else {
    item.changes = Differences(known->definition, fact.definition);
  }
  return item;
}

PlanItem PlanLimit(const ConfigView& view, const RunLimited& fact) {
  return {.mark = PlanMark::kChange,
          .kind = "run",
          .name = "",
          .changes = {{"max_workers", fmt::format("{}", view.state.max_workers),
                       fmt::format("{}", fact.max_workers)}}};
}

PlanItem PlanRemoval(const ConfigView& view, const RemovalBegun& fact) {
  return {.mark = PlanMark::kRemove,
          .kind = "epu",
          .name = view.state.epus.at(fact.epu).definition.name,
          .text = "not in this file: drained and removed"};
}

ApplyPlan PlanPayloads(const ConfigView& view, const std::vector<Payload>& payloads, Time now,
                       const EngineCatalog& catalog) {
  ApplyPlan plan{view.state.head, {}};
  State after = view.state;
  Record(after, payloads, now);
  std::map<EpuNumber, std::size_t> pools;  // Reviewed in this order; the items that they are.
  for (const Payload& payload : payloads) {
    const EpuNumber epu = SubjectOf(payload).epu;
    if (epu != EpuNumber{}) pools[epu] = plan.items.size();
    if (const auto* limit = std::get_if<RunLimited>(&payload)) {
      plan.items.push_back(PlanLimit(view, *limit));
    } else if (const auto* site = std::get_if<SiteDefined>(&payload)) {
      plan.items.push_back(PlanSite(view, *site));
    } else if (const auto* removal = std::get_if<RemovalBegun>(&payload)) {
      plan.items.push_back(PlanRemoval(view, *removal));
    } else if (epu != EpuNumber{}) {  // Defined or reconfigured.
      plan.items.push_back(PlanEpu(view, after.epus.at(epu).definition, epu, catalog));
    }
  }
  for (const auto& [number, item] : pools) {
    AddEffects(plan.items[item], view.state, after, number, now, catalog);
  }
  return plan;
}

// Those of the file that stay as they are, and those of the run that are not in the file.
void AddUntouched(ApplyPlan& plan, const ConfigView& view, const Apply& apply) {
  std::set<std::string> mentioned;
  for (const PlanItem& item : plan.items) mentioned.insert(item.kind + " " + item.name);
  for (const EpuDefinition& epu : apply.epus) {
    if (!mentioned.insert("epu " + epu.name).second) continue;
    plan.items.push_back({.mark = PlanMark::kUnchanged, .kind = "epu", .name = epu.name});
  }
  for (const SiteDefinition& site : apply.sites) {
    if (!mentioned.insert("site " + site.name).second) continue;
    plan.items.push_back({.mark = PlanMark::kUnchanged, .kind = "site", .name = site.name});
  }
  for (const auto& [number, epu] : view.state.epus) {
    const std::string& name = epu.definition.name;
    if (epu.removed || epu.removing || mentioned.contains("epu " + name)) continue;
    plan.items.push_back({.mark = PlanMark::kKept,
                          .kind = "epu",
                          .name = name,
                          .text = "not in this file: kept (--prune drains and removes it)"});
  }
}

}  // namespace

void Evolve(ConfigView& view, const Event& event) {
  Evolve(view.state, event);
  if (const auto* defined = std::get_if<EpuDefined>(&event.payload)) {
    std::erase_if(view.by_hand,
                  [&](const auto& entry) { return entry.first.first == defined->epu; });
  } else if (const auto* change = std::get_if<EpuReconfigured>(&event.payload)) {
    for (const Setting& setting : change->settings) {
      view.by_hand[{change->epu, setting.key}] = {event.sequence, event.time, event.actor};
    }
  }
}

absl::StatusOr<ApplyPlan> PlanApply(const ConfigView& view, const Apply& apply, Time now,
                                    const EngineCatalog& catalog) {
  const auto payloads = DecideApply(view.state, apply, view.state.head + 1, catalog);
  if (!payloads.ok()) return payloads.status();
  ApplyPlan plan = PlanPayloads(view, *payloads, now, catalog);
  AddUntouched(plan, view, apply);
  return plan;
}

absl::StatusOr<ApplyPlan> PlanReconfigure(const ConfigView& view, const Reconfigure& change,
                                          Time now, const EngineCatalog& catalog) {
  const auto payloads = DecideReconfigure(view.state, change, catalog);
  if (!payloads.ok()) return payloads.status();
  return PlanPayloads(view, *payloads, now, catalog);
}

bool ChangesAnything(const ApplyPlan& plan) {
  return std::any_of(plan.items.begin(), plan.items.end(), [](const PlanItem& item) {
    return item.mark != PlanMark::kKept && item.mark != PlanMark::kUnchanged;
  });
}

bool Differs(const ApplyPlan& plan) {
  return std::any_of(plan.items.begin(), plan.items.end(), [](const PlanItem& item) {
    return item.mark == PlanMark::kAdd || item.mark == PlanMark::kChange ||
           item.mark == PlanMark::kRemove;
  });
}

std::size_t CountEnding(const ApplyPlan& plan) {
  std::size_t ending = 0;
  for (const PlanItem& item : plan.items) ending += item.shrinks;
  return ending;
}

}  // namespace epu
