#include "cli/state_diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "cli/status_json.h"
#include "cli/terminal.h"

namespace epu {
namespace {

constexpr std::size_t kValueShown = 80;
constexpr std::array<std::string_view, 5> kKinds = {"run", "site", "epu", "worker", "sensor"};

// Things by kind and name, each with its fields.
using Things = std::map<std::pair<std::size_t, std::string>, Json>;

std::size_t IndexOfKind(std::string_view kind) {
  return static_cast<std::size_t>(std::find(kKinds.begin(), kKinds.end(), kind) - kKinds.begin());
}

void Put(Things& things, std::string_view kind, const std::string& name, Json fields) {
  // What passes by itself, and what another thing says.
  for (const char* const key :
       {"name", "age_s", "heard_s", "report_age_s", "usable", "workers", "sensors",
        "last_change.sequence", "last_change.time", "decision"}) {
    fields.erase(key);
  }
  things[{IndexOfKind(kind), name}] = std::move(fields);
}

// {"a": {"b": 1}} as {"a.b": 1}; lists stay whole.
Json Flat(const Json& json, const std::string& prefix = "") {
  Json flat = Json::object();
  for (const auto& [key, value] : json.items()) {
    const std::string path = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object()) {
      flat.update(Flat(value, path));
    } else {
      flat[path] = value;
    }
  }
  return flat;
}

Things ThingsOf(const StatusFacts& facts) {
  Things things;
  const State& state = facts.state;
  Put(things, "run", "",
      {{"log_id", state.log_id},
       {"epoch", fmt::format("{:04x}", state.epoch)},
       {"enabled", state.enabled},
       {"max_workers", state.max_workers},
       {"disk_full", state.disk_full}});
  for (const auto& [number, site] : state.sites) {
    Put(things, "site", site.definition.name, Flat(SiteJson(facts, site)));
  }
  for (const Epu* epu : EpusByName(state)) {
    Json fields = EpuJson(facts, *epu);
    fields["policy"] = SequenceOrNull(epu->policy);
    Json definition = DefinitionJson(epu->definition);
    definition.erase("sensors");
    definition.erase("name");
    definition.erase("engine");
    fields.update(definition);
    Json flat = Flat(fields);
    Put(things, "epu", epu->definition.name, std::move(flat));
    for (const auto& [number, worker] : epu->workers) {
      Put(things, "worker", WorkerName(*epu, number), Flat(WorkerJson(facts, *epu, worker)));
    }
    for (const auto& [number, sensor] : epu->sensors) {
      Put(things, "sensor", epu->definition.name + "/" + sensor.definition.name,
          Flat(SensorJson(facts, *epu, sensor)));
    }
  }
  return things;
}

std::vector<FieldChange> FieldsOfOne(const Json& fields, bool added) {
  std::vector<FieldChange> changes;
  for (const auto& [key, value] : fields.items()) {
    if (value.is_null()) continue;
    changes.push_back(added ? FieldChange{key, nullptr, value} : FieldChange{key, value, nullptr});
  }
  return changes;
}

std::vector<FieldChange> CompareFields(const Json& before, const Json& after) {
  std::vector<FieldChange> changes;
  for (const auto& [key, value] : after.items()) {
    const auto old = before.find(key);
    const Json was = old == before.end() ? Json() : *old;
    if (was != value) changes.push_back({key, was, value});
  }
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key) && !value.is_null()) changes.push_back({key, value, nullptr});
  }
  return changes;
}

std::string ValueText(const Json& value) {
  if (value.is_null()) return "-";
  return EscapeAndCut(value.is_string() ? value.get<std::string>() : ToLine(value), kValueShown);
}

// The field by which one of its kind is told at a glance.
std::string Glance(const Difference& difference) {
  for (const FieldChange& field : difference.fields) {
    const bool telling = field.key == "state" || field.key == "value" || field.key == "driver";
    if (telling) return ValueText(field.after.is_null() ? field.before : field.after);
  }
  return "";
}

std::string_view ChangeName(ThingChange change) {
  return change == ThingChange::kAdded     ? "added"
         : change == ThingChange::kRemoved ? "removed"
                                           : "changed";
}

}  // namespace

std::vector<Difference> CompareStates(const StatusFacts& before, const StatusFacts& after) {
  const Things old = ThingsOf(before);
  const Things now = ThingsOf(after);
  std::map<std::pair<std::size_t, std::string>, Difference> differences;
  const auto add = [&](const auto& id, ThingChange change, std::vector<FieldChange> fields) {
    differences[id] = {change, std::string(kKinds[id.first]), id.second, std::move(fields)};
  };
  for (const auto& [id, fields] : now) {
    const auto was = old.find(id);
    if (was == old.end()) {
      add(id, ThingChange::kAdded, FieldsOfOne(fields, true));
    } else if (auto changes = CompareFields(was->second, fields); !changes.empty()) {
      add(id, ThingChange::kChanged, std::move(changes));
    }
  }
  for (const auto& [id, fields] : old) {
    if (!now.contains(id)) add(id, ThingChange::kRemoved, FieldsOfOne(fields, false));
  }
  std::vector<Difference> in_order;
  for (auto& [id, difference] : differences) in_order.push_back(std::move(difference));
  return in_order;
}

std::string FormatDifferences(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& difference : differences) {
    const std::string thing =
        difference.name.empty() ? difference.kind : difference.kind + " " + difference.name;
    if (difference.change != ThingChange::kChanged) {
      const std::string glance = Glance(difference);
      text += fmt::format("{} {}{}\n", difference.change == ThingChange::kAdded ? '+' : '-', thing,
                          glance.empty() ? "" : "  " + glance);
      continue;
    }
    for (const FieldChange& field : difference.fields) {
      text += fmt::format("~ {}  {}  {} → {}\n", thing, field.key, ValueText(field.before),
                          ValueText(field.after));
    }
  }
  return text;
}

Json DifferencesJson(const std::vector<Difference>& differences) {
  Json json = Json::array();
  for (const Difference& difference : differences) {
    Json fields = Json::array();
    for (const FieldChange& field : difference.fields) {
      fields.push_back({{"key", field.key}, {"before", field.before}, {"after", field.after}});
    }
    json.push_back({{"change", ChangeName(difference.change)},
                    {"kind", difference.kind},
                    {"name", TextOrNull(difference.name)},
                    {"fields", std::move(fields)}});
  }
  return json;
}

}  // namespace epu
