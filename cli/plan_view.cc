#include "cli/plan_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "eventlog/check.h"

namespace epu {
namespace {

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
    case PlanMark::kRestart:
      return "~";
    case PlanMark::kRemove:
      return "-";
    case PlanMark::kKept:
      return "!";
    case PlanMark::kUnchanged:
      return " ";
  }
  CHECK(!"a mark");
}

std::string_view MarkWord(PlanMark mark) {
  switch (mark) {
    case PlanMark::kAdd:
      return "add";
    case PlanMark::kChange:
      return "change";
    case PlanMark::kRestart:
      return "restart";
    case PlanMark::kRemove:
      return "remove";
    case PlanMark::kKept:
      return "kept";
    case PlanMark::kUnchanged:
      return "unchanged";
  }
  CHECK(!"a mark");
}

std::string TitleOf(const PlanItem& item) {
  return item.name.empty() ? item.kind : item.kind + " " + item.name;
}

std::string ValueText(const FieldChange& change) {
  return fmt::format("{} → {}", EscapeAndCut(change.before, 60), EscapeAndCut(change.after, 60));
}

// "   (10: reconfigure by deploy, 18199, 3m ago)"
std::string OverrideText(const FieldChange& change, const Override& hand, Time now) {
  return fmt::format("   ({}: reconfigure by {}, {}, {} ago)", EscapeAndCut(change.before, 60),
                     Escape(hand.actor), hand.sequence,
                     FormatDuration(std::max(now - hand.time, Duration::zero())));
}

// The lines of what is changed; titles are `width` wide.
std::string ChangeLines(const PlanItem& item, std::size_t width, Time now) {
  std::size_t key_width = 0;
  std::size_t value_width = 0;  // Of those with an author behind them.
  for (const FieldChange& change : item.changes) {
    key_width = std::max(key_width, change.key.size());
    if (!item.overrides.contains(change.key)) continue;
    value_width = std::max(value_width, DisplayWidth(ValueText(change)));
  }
  std::string lines;
  for (const FieldChange& change : item.changes) {
    const bool is_first = lines.empty();
    const std::string value = ValueText(change);
    lines += fmt::format("{} {:<{}}   {:<{}}  {}", is_first ? MarkText(item.mark) : " ",
                         is_first ? TitleOf(item) : "", width, change.key, key_width, value);
    if (const auto hand = item.overrides.find(change.key); hand != item.overrides.end()) {
      lines += std::string(value_width - DisplayWidth(value), ' ') +
               OverrideText(change, hand->second, now);
    }
    lines += "\n";
  }
  return lines;
}

std::string ItemLines(const PlanItem& item, std::size_t width, Time now) {
  const std::string effect = EffectText(item);
  if (item.mark != PlanMark::kChange) {
    return fmt::format("{} {:<{}}   {}{}{}\n", MarkText(item.mark), TitleOf(item), width, item.text,
                       effect.empty() ? "" : ": ", effect);
  }
  std::string lines = ChangeLines(item, width, now);
  if (!effect.empty()) lines += fmt::format("  {:<{}}   {}\n", "", width, effect);
  return lines;
}

std::size_t CountMarked(const ApplyPlan& plan, PlanMark mark) {
  return static_cast<std::size_t>(
      std::count_if(plan.items.begin(), plan.items.end(),
                    [&](const PlanItem& item) { return item.mark == mark; }));
}

// "empties web, crunch"
std::string Deed(std::string_view verb, const std::vector<std::string>& pools) {
  return pools.empty() ? "" : fmt::format("{} {}", verb, fmt::join(pools, ", "));
}

}  // namespace

std::string FormatPlan(const ApplyPlan& plan, Time now) {
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
    if (item.mark != PlanMark::kUnchanged) lines += ItemLines(item, width, now);
  }
  return unchanged.empty() ? lines : lines + unchanged + ": unchanged\n";
}

std::string FormatSum(const ApplyPlan& plan) {
  const std::size_t ending = CountEnding(plan);
  return fmt::format("{} to add, {} to change, {} to remove; ends {}\n",
                     CountMarked(plan, PlanMark::kAdd), CountMarked(plan, PlanMark::kChange),
                     CountMarked(plan, PlanMark::kRemove),
                     ending == 0 ? "no worker" : Count(ending, "worker"));
}

std::string PlanQuestion(const ApplyPlan& plan) {
  std::vector<std::string> removed;
  std::vector<std::string> emptied;
  for (const PlanItem& item : plan.items) {
    if (item.mark == PlanMark::kRemove) {
      removed.push_back(item.name);
    } else if (item.empties) {
      emptied.push_back(item.name);
    }
  }
  if (removed.empty() && emptied.empty()) return "";
  std::string text = Deed("removes", removed);
  text += (removed.empty() || emptied.empty() ? "" : ", ") + Deed("empties", emptied);
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  const std::size_t ending = CountEnding(plan);
  return fmt::format("{} and ends {}{}.", text, ending == 0 ? "no worker" : Count(ending, "worker"),
                     removed.size() + emptied.size() > 1 ? " in all" : "");
}

Json PlanJson(const ApplyPlan& plan) {
  Json json = {{"at", plan.basis},
               {"changes_anything", ChangesAnything(plan)},
               {"differs", Differs(plan)},
               {"ends", CountEnding(plan)},
               {"items", Json::array()}};
  for (const PlanItem& item : plan.items) {
    Json entry = {
        {"kind", item.kind},       {"name", TextOrNull(item.name)}, {"change", MarkWord(item.mark)},
        {"fields", Json::array()}, {"launches", item.launches},     {"ends", item.ends}};
    for (const FieldChange& change : item.changes) {
      const auto hand = item.overrides.find(change.key);
      Json override;
      if (hand != item.overrides.end()) {
        override = {{"actor", hand->second.actor},
                    {"sequence", hand->second.sequence},
                    {"time", FormatTime(hand->second.time)}};
      }
      entry["fields"].push_back({{"key", change.key},
                                 {"before", change.before},
                                 {"after", change.after},
                                 {"overrides", std::move(override)}});
    }
    json["items"].push_back(std::move(entry));
  }
  return json;
}

std::string FormatWorkers(const std::vector<std::string>& workers) {
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(workers.size(), kShown);
  const std::string names = fmt::format(
      "{}", fmt::join(workers.begin(), workers.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return shown == workers.size() ? names
                                 : fmt::format("{} and {} more", names, workers.size() - shown);
}

}  // namespace epu
