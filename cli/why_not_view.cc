#include "cli/why_not_view.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "cli/constraint_text.h"
#include "cli/describe.h"
#include "cli/status_facts.h"
#include "cli/terminal.h"
#include "eventlog/overloaded.h"
#include "projections/pool.h"

namespace epu {
namespace {

struct Line {
  std::string label;
  std::string what;
  std::string flips;
};

std::string NameOf(const Input& input, const Epu& epu) {
  const auto sensor = [&](SensorNumber number) { return epu.sensors.at(number).definition.name; };
  return std::visit(
      Overloaded{
          [&](const SensorInput& moved) { return sensor(moved.sensor); },
          [&](const KeyInput& moved) { return moved.key; },
          [&](const AgeInput& moved) { return "age of " + sensor(moved.sensor); },
          [&](const HealthInput& moved) { return "health of " + WorkerName(epu, moved.worker); },
          [&](const MetricInput& moved) {
            return EscapeAndCut(moved.name, kDetailShown) + " of " + WorkerName(epu, moved.worker);
          },
      },
      input);
}

std::string_view KindOf(const Input& input) {
  static constexpr std::array<std::string_view, 5> kKinds = {"sensor", "key", "age", "health",
                                                             "metric"};
  static_assert(kKinds.size() == std::variant_size_v<Input>);
  return kKinds[input.index()];
}

bool IsInSeconds(const Input& input, const Epu& epu) {
  const auto* key = std::get_if<KeyInput>(&input);
  return std::holds_alternative<AgeInput>(input) ||
         (key != nullptr && FindSetting<Duration>(epu.definition, key->key) != nullptr);
}

std::string NumberText(const Input& input, double value, const Epu& epu) {
  return fmt::format("{}{}", value, IsInSeconds(input, epu) ? "s" : "");
}

// What did not hold, where the decision beyond it says what would.
std::string Negated(const Flip& flip, const std::string& name) {
  struct Opposite {
    ConstraintKind kind;
    std::string_view text;
  };
  static constexpr std::array<Opposite, 4> kOpposites = {{
      {ConstraintKind::kHighWater, "{} {} ≤ high water {}"},
      {ConstraintKind::kLowWater, "{} {} ≥ low water {}"},
      {ConstraintKind::kAboveThreshold, "{} {} ≤ scale_up_threshold {}"},
      {ConstraintKind::kBelowThreshold, "{} {} ≥ scale_down_threshold {}"},
  }};
  for (const auto& [kind, text] : kOpposites) {
    if (flip.constraints.empty() || flip.constraints.front().kind != kind) continue;
    return fmt::format(fmt::runtime(text), name, flip.value, flip.constraints.front().limit);
  }
  return fmt::format("{} {}", name, flip.value);
}

// What would have cut the decision beyond the flip.
std::string Cuts(const Flip& flip, const std::string& name, Zone zone) {
  std::string text;
  for (std::size_t i = 1; i < flip.constraints.size(); ++i) {
    text += (text.empty() ? "; then " : ", ") + ConstraintText(flip.constraints[i], name, zone);
  }
  return text;
}

Line LineOf(const Flip& flip, const Epu& epu, Zone zone) {
  const std::string name = NameOf(flip.input, epu);
  const std::string_view sign = flip.above ? "≥" : "≤";
  const std::string at = NumberText(flip.input, flip.at, epu);
  if (std::holds_alternative<KeyInput>(flip.input)) {
    return {"key", fmt::format("{} {}", name, NumberText(flip.input, flip.value, epu)),
            fmt::format("flips at {} {}: {:+}{}", sign, at, flip.change, Cuts(flip, "", zone))};
  }
  if (const auto* health = std::get_if<HealthInput>(&flip.input)) {
    const bool good = flip.value > 0;
    return {
        "health", fmt::format("{} {}", WorkerName(epu, health->worker), good ? "good" : "bad"),
        fmt::format("flips where it is {}", good ? "MISSING: it is replaced" : "good: it stays")};
  }
  const std::string label = flip.change > 0   ? "scale out"
                            : flip.change < 0 ? "scale in"
                                              : fmt::format("want {}", flip.wanted);
  const bool aged = std::holds_alternative<AgeInput>(flip.input);
  return {label,
          aged ? fmt::format("{} {}", name, NumberText(flip.input, flip.value, epu))
               : Negated(flip, name),
          fmt::format("flips at {} {} {}{}", name, sign, at, Cuts(flip, name, zone))};
}

std::string LeavesOf(std::uint64_t limit, std::size_t machines) {
  return fmt::format("{} leaves {}", limit, limit > machines ? limit - machines : 0);
}

std::string Room(const State& state, const Epu& epu) {
  std::string text;
  if (const auto* most = FindSetting<std::int64_t>(epu.definition, "max_instances")) {
    text =
        "max_instances " + LeavesOf(static_cast<std::uint64_t>(*most), CountMachines(epu)) + "; ";
  }
  if (const auto site = state.sites.find(epu.definition.worker.site); site != state.sites.end()) {
    const SiteDefinition& definition = site->second.definition;
    text += fmt::format("site {} {}; ", definition.name,
                        LeavesOf(definition.max_workers, CountMachines(state, site->first)));
  }
  return text + "run " + LeavesOf(state.max_workers, CountMachines(state));
}

std::string Held(const WhyNot& why_not, const Epu& epu, Zone zone) {
  const Sensor* const sensor = EngineSensor(epu);
  std::string text;
  for (const Constraint& constraint : why_not.constraints) {
    text +=
        (text.empty() ? "" : "; ") +
        ConstraintText(constraint, sensor == nullptr ? "reading" : sensor->definition.name, zone);
  }
  return text;
}

std::string Fixed(const WhyNot& why_not, const Epu& epu) {
  std::vector<std::string> names;
  std::size_t healths = 0;
  std::size_t metrics = 0;
  for (const Input& input : why_not.fixed) {
    if (std::holds_alternative<HealthInput>(input)) {
      ++healths;
    } else if (std::holds_alternative<MetricInput>(input)) {
      ++metrics;
    } else {
      names.push_back(NameOf(input, epu));
    }
  }
  if (healths > 0)
    names.push_back(fmt::format("the health of {} worker{}", healths, healths == 1 ? "" : "s"));
  if (metrics > 0)
    names.push_back(fmt::format("{} number{} of workers", metrics, metrics == 1 ? "" : "s"));
  if (names.empty()) return "";
  return fmt::format("{}: no value of these changes it by itself", fmt::join(names, ", "));
}

}  // namespace

std::string WhyNotText(const WhyNot& why_not, const State& state, const Epu& epu, Zone zone) {
  std::vector<Line> lines;
  for (const Flip& flip : why_not.flips) lines.push_back(LineOf(flip, epu, zone));
  if (std::string held = Held(why_not, epu, zone); !held.empty()) {
    lines.push_back({why_not.change == 0 ? "held by" : "because", std::move(held), ""});
  }
  lines.push_back({"room", Room(state, epu), ""});
  if (std::string fixed = Fixed(why_not, epu); !fixed.empty()) {
    lines.push_back({"fixed", std::move(fixed), ""});
  }
  std::size_t labels = 0;
  std::size_t whats = 0;
  for (const Line& line : lines) {
    labels = std::max(labels, DisplayWidth(line.label));
    if (!line.flips.empty()) whats = std::max(whats, DisplayWidth(line.what));
  }
  const auto pad = [](const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, DisplayWidth(text)), ' ');
  };
  std::string text;
  for (const Line& line : lines) {
    text += "  " + pad(line.label, labels) + "  ";
    text += line.flips.empty() ? line.what : pad(line.what, whats) + "  " + line.flips;
    text += "\n";
  }
  return text;
}

Json WhyNotJson(const WhyNot& why_not, const Epu& epu) {
  Json json = {{"epu", epu.definition.name}, {"size", why_not.size}, {"change", why_not.change}};
  json["constraints"] = Json::array();
  for (const Constraint& constraint : why_not.constraints) {
    json["constraints"].push_back(ConstraintJson(constraint));
  }
  json["flips"] = Json::array();
  for (const Flip& flip : why_not.flips) {
    Json one = {{"input", NameOf(flip.input, epu)},
                {"kind", KindOf(flip.input)},
                {"value", Number(flip.value)},
                {"above", flip.above},
                {"at", Number(flip.at)},
                {"change", flip.change},
                {"wanted", flip.wanted}};
    one["constraints"] = Json::array();
    for (const Constraint& constraint : flip.constraints) {
      one["constraints"].push_back(ConstraintJson(constraint));
    }
    json["flips"].push_back(std::move(one));
  }
  json["fixed"] = Json::array();
  for (const Input& input : why_not.fixed) {
    json["fixed"].push_back({{"input", NameOf(input, epu)}, {"kind", KindOf(input)}});
  }
  return json;
}

}  // namespace epu
