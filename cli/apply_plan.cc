#include "cli/apply_plan.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "commands/apply.h"
#include "commands/review.h"
#include "engines/keys.h"
#include "eventlog/check.h"
#include "projections/evolve.h"
#include "projections/pool.h"

namespace epu {
namespace {

// `state` after `payloads`, as if the server had recorded them at `now`.
State After(State state, const std::vector<Payload>& payloads, Time now) {
  for (const Payload& payload : payloads) {
    Event event;
    event.sequence = state.head + 1;
    event.time = std::max(now, state.time);
    event.payload = payload;
    Evolve(state, event);
  }
  return state;
}

// What the next review of an EPU would do, written into `item`.
void AddEffects(PlanItem& item, const State& before, const State& after, EpuNumber number, Time now,
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
  std::optional<std::uint32_t> wanted = epu->wanted;
  for (const Payload& payload : review) {
    if (const auto* decision = std::get_if<DecisionMade>(&payload)) wanted = decision->wanted;
  }
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

PlanItem PlanEpu(const ConfigView& view, const State& after, EpuNumber number, Time now,
                 const EngineCatalog& catalog) {
  const EpuDefinition& definition = after.epus.at(number).definition;
  PlanItem item{.mark = PlanMark::kChange, .kind = "epu", .name = definition.name};
  const Epu* known = FindEpu(view.state, definition.name);
  if (known == nullptr) {
    item.mark = PlanMark::kAdd;
    const std::string settings =
        SettingsInShort(definition, DefaultsOf(catalog, definition.engine));
    item.text = fmt::format("{}{}{}, on {}", definition.engine, settings.empty() ? "" : ", ",
                            settings, definition.worker.site_name);
  } else {
    item.changes = Differences(known->definition, definition);
    if (known->removing) item.changes.push_back({"removal", "begun", "-"});
    for (const FieldChange& change : item.changes) {
      if (!change.key.starts_with("config.")) continue;
      const auto hand = view.by_hand.find({number, change.key.substr(7)});
      if (hand == view.by_hand.end()) continue;
      item.overrides[change.key] =
          fmt::format("{}: reconfigure by {}, {}, {} ago", change.before,
                      AuthorOf(view.state, hand->second.actor), hand->second.sequence,
                      FormatDuration(std::max(now - hand->second.time, Duration::zero())));
    }
  }
  AddEffects(item, view.state, after, number, now, catalog);
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

ApplyPlan PlanPayloads(const ConfigView& view, const std::vector<Payload>& payloads, Time now,
                       const EngineCatalog& catalog) {
  const State after = After(view.state, payloads, now);
  ApplyPlan plan;
  plan.changes_anything = !payloads.empty();
  for (const Payload& payload : payloads) {
    if (const auto* limit = std::get_if<RunLimited>(&payload)) {
      plan.items.push_back({.mark = PlanMark::kChange,
                            .kind = "run",
                            .name = "",
                            .changes = {{"max_workers", fmt::format("{}", view.state.max_workers),
                                         fmt::format("{}", limit->max_workers)}}});
    } else if (const auto* site = std::get_if<SiteDefined>(&payload)) {
      plan.items.push_back(PlanSite(view, *site));
    } else if (const auto* epu = std::get_if<EpuDefined>(&payload)) {
      plan.items.push_back(PlanEpu(view, after, epu->epu, now, catalog));
    } else if (const auto* change = std::get_if<EpuReconfigured>(&payload)) {
      plan.items.push_back(PlanEpu(view, after, change->epu, now, catalog));
    }
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
                          .text = fmt::format("not in this file: kept (epumgmt remove {} drains "
                                              "and removes it)",
                                              name)});
  }
}

// ---- Text ----

std::string Count(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string EffectText(const PlanItem& item) {
  std::string text;
  if (item.launches > 0) text = Count(item.launches, "worker") + " at once";
  if (!item.ends.empty()) {
    text += fmt::format("{}ends {}", text.empty() ? "" : ", ", FormatWorkers(item.ends));
  }
  return text;
}

std::string_view MarkText(PlanMark mark) {
  switch (mark) {
    case PlanMark::kAdd:
      return "+";
    case PlanMark::kChange:
      return "~";
    case PlanMark::kKept:
      return "!";
    case PlanMark::kUnchanged:
      return " ";
  }
  CHECK(!"a mark");
}

std::string TitleOf(const PlanItem& item) {
  return item.name.empty() ? item.kind : item.kind + " " + item.name;
}

// The lines of one item; titles are `width` wide.
std::string ItemLines(const PlanItem& item, std::size_t width) {
  const std::string effect = EffectText(item);
  if (item.mark != PlanMark::kChange) {
    return fmt::format("{} {:<{}}   {}{}{}\n", MarkText(item.mark), TitleOf(item), width, item.text,
                       effect.empty() ? "" : ": ", effect);
  }
  std::size_t key_width = 0;
  std::size_t value_width = 0;  // Of those with an author behind them.
  const auto value_of = [](const FieldChange& change) {
    return fmt::format("{} → {}", EscapeAndCut(change.before, 60), EscapeAndCut(change.after, 60));
  };
  for (const FieldChange& change : item.changes) {
    key_width = std::max(key_width, change.key.size());
    if (!item.overrides.contains(change.key)) continue;
    value_width = std::max(value_width, DisplayWidth(value_of(change)));
  }
  std::string lines;
  for (const FieldChange& change : item.changes) {
    const bool is_first = lines.empty();
    const std::string value = value_of(change);
    lines += fmt::format("{} {:<{}}   {:<{}}  {}", is_first ? "~" : " ",
                         is_first ? TitleOf(item) : "", width, change.key, key_width, value);
    if (const auto hand = item.overrides.find(change.key); hand != item.overrides.end()) {
      lines += fmt::format("{}   ({})", std::string(value_width - DisplayWidth(value), ' '),
                           Escape(hand->second));
    }
    lines += "\n";
  }
  if (!effect.empty()) lines += fmt::format("  {:<{}}   {}\n", "", width, effect);
  return lines;
}

std::size_t CountMarked(const ApplyPlan& plan, PlanMark mark) {
  return static_cast<std::size_t>(
      std::count_if(plan.items.begin(), plan.items.end(),
                    [&](const PlanItem& item) { return item.mark == mark; }));
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

std::string FormatPlan(const ApplyPlan& plan) {
  std::size_t width = 0;
  std::string unchanged;
  for (const PlanItem& item : plan.items) {
    if (item.mark == PlanMark::kUnchanged) {
      unchanged += (unchanged.empty() ? "  " : ", ") + TitleOf(item);
    } else {
      width = std::max(width, TitleOf(item).size());
    }
  }
  std::string lines;
  for (const PlanItem& item : plan.items) {
    if (item.mark != PlanMark::kUnchanged) lines += ItemLines(item, width);
  }
  return unchanged.empty() ? lines : lines + unchanged + ": unchanged\n";
}

std::string FormatSum(const ApplyPlan& plan) {
  const std::size_t ending = CountEnding(plan);
  return fmt::format("{} to add, {} to change, 0 to remove; ends {}\n",
                     CountMarked(plan, PlanMark::kAdd), CountMarked(plan, PlanMark::kChange),
                     ending == 0 ? "no worker" : Count(ending, "worker"));
}

std::string FormatWorkers(const std::vector<std::string>& workers) {
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(workers.size(), kShown);
  const std::string names = fmt::format(
      "{}", fmt::join(workers.begin(), workers.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return shown == workers.size() ? names
                                 : fmt::format("{} and {} more", names, workers.size() - shown);
}

std::vector<std::string> EmptiedPools(const ApplyPlan& plan) {
  std::vector<std::string> pools;
  for (const PlanItem& item : plan.items) {
    if (item.empties) pools.push_back(item.name);
  }
  return pools;
}

std::size_t CountEnding(const ApplyPlan& plan) {
  std::size_t ending = 0;
  for (const PlanItem& item : plan.items) ending += item.shrinks;
  return ending;
}

}  // namespace epu
