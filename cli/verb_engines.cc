// engines: each engine's keys, from the one table that also serves parsing and refusals; with --at,
// by which engine and version each pool was decided for.

#include <limits>
#include <optional>
#include <ostream>
#include <variant>

#include <fmt/format.h>

#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/verb_history.h"
#include "engines/catalog.h"
#include "engines/suggest.h"

namespace epu {
namespace {

struct EnginesArguments {
  std::string name;
  std::string at;
};

void BindEngines(CLI::App& app, EnginesArguments& arguments) {
  app.add_option("name", arguments.name, "this engine's keys")->type_name("NAME");
  app.add_option("--at", arguments.at,
                 "by which engine and version each pool was last decided for, as of then")
      ->type_name("TIME|SEQ");
}

bool HasRange(const Key& key) {
  return key.type == KeyType::kInteger || key.type == KeyType::kNumber ||
         key.type == KeyType::kDuration || key.type == KeyType::kSchedule;
}

// A limit of a key as its values are written.
std::string LimitText(const Key& key, double limit) {
  if (key.type != KeyType::kDuration) return fmt::format("{}", limit);
  return FormatValue(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(limit)));
}

std::string LimitsOf(const Key& key) {
  if (!HasRange(key)) return "";
  const std::string least = LimitText(key, key.at_least);
  if (key.at_most == std::numeric_limits<double>::max()) return least + " or more";
  return fmt::format("{} to {}", least, LimitText(key, key.at_most));
}

std::string DefaultOf(const Key& key) {
  if (!key.default_value) return "required";
  const std::string text = FormatValue(*key.default_value);
  return text.empty() ? "none" : text;
}

Json EngineJson(const EngineEntry& entry) {
  Json keys = Json::array();
  for (const Key& key : entry.keys) {
    const bool most = HasRange(key) && key.at_most != std::numeric_limits<double>::max();
    keys.push_back({{"name", key.name},
                    {"type", KeyTypeName(key.type)},
                    {"required", !key.default_value},
                    {"default", key.default_value ? Json(FormatValue(*key.default_value)) : Json()},
                    {"at_least", HasRange(key) ? Number(key.at_least) : Json()},
                    {"at_most", most ? Number(key.at_most) : Json()},
                    {"sentence", key.sentence}});
  }
  return {{"name", entry.name},
          {"version", entry.version},
          {"sentence", entry.sentence},
          {"keys", std::move(keys)}};
}

std::string FormatEngine(const EngineEntry& entry, const Terminal& terminal) {
  Table table{{"KEY", "TYPE", "DEFAULT", "LIMITS", "MEANING"}, {}};
  for (const Key& key : entry.keys) {
    table.rows.push_back({std::string(key.name), std::string(KeyTypeName(key.type)), DefaultOf(key),
                          LimitsOf(key), std::string(key.sentence)});
  }
  // The meaning is what people ask for: it is never cut.
  Terminal unbounded = terminal;
  unbounded.width = 0;
  return fmt::format("{} {}: {}\n\n", entry.name, entry.version, entry.sentence) +
         FormatTable(table, unbounded);
}

// The version of an engine that this build has; none where it lacks it.
std::optional<std::uint32_t> VersionHere(const EngineCatalog& catalog, std::string_view name) {
  const EngineEntry* entry = FindEngine(catalog, name);
  return entry == nullptr ? std::nullopt : std::optional(entry->version);
}

// What decided then, beside what this build has. `name` narrows it to one engine, which this build
// may lack.
Exit ShowPast(Context& context, const EnginesArguments& arguments, const EngineCatalog& catalog) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const Options& options = context.GetOptions();
  Table table{{"EPU", "ENGINE", "VERSION", "DECISION", "THIS BUILD"}, {}};
  Json json = Json::array();
  for (const Epu* epu : EpusByName(view->fold.state)) {
    const std::optional<Event> event = view->names->Read(epu->decision);
    const auto* decision = event ? std::get_if<DecisionMade>(&event->payload) : nullptr;
    const std::string engine = decision ? decision->engine : epu->definition.engine;
    if (!arguments.name.empty() && engine != arguments.name) continue;
    const std::optional<std::uint32_t> here = VersionHere(catalog, engine);
    const std::string& name = epu->definition.name;
    if (options.quiet && !options.json) context.Out() << name << "\n";
    table.rows.push_back(
        {name, Escape(engine), decision ? std::to_string(decision->engine_version) : "",
         decision ? std::to_string(epu->decision) : "", here ? std::to_string(*here) : "lacks it"});
    json.push_back({{"epu", name},
                    {"engine", engine},
                    {"version", decision ? Json(decision->engine_version) : Json()},
                    {"decision", SequenceOrNull(decision ? epu->decision : 0)},
                    {"this_build", here ? Json(*here) : Json()}});
  }
  if (options.json) {
    const Json answer = {{"sequence", view->position.sequence},
                         {"time", FormatTime(view->position.time)},
                         {"epus", std::move(json)}};
    context.Out() << ToLine(answer) << "\n";
  } else if (!options.quiet) {
    context.Print(MomentLine(*view, ZoneOf(options)) + FormatTable(table, context.GetTerminal()));
  }
  return Exit::kDone;
}

Exit RunEngines(Context& context, const EnginesArguments& arguments) {
  const EngineCatalog catalog = BuiltInEngines();
  if (!arguments.at.empty()) return ShowPast(context, arguments, catalog);
  const Options& options = context.GetOptions();
  if (!arguments.name.empty()) {
    const EngineEntry* entry = FindEngine(catalog, arguments.name);
    if (entry == nullptr) {
      std::vector<std::string_view> names;
      for (const EngineEntry& candidate : catalog) names.push_back(candidate.name);
      const auto near = Suggest(arguments.name, names);
      return context.Fail(Exit::kTyped,
                          fmt::format("no engine \"{}\"; {}", arguments.name,
                                      near ? fmt::format("did you mean {}?", *near)
                                           : std::string("epumgmt engines lists them")));
    }
    if (options.json) {
      context.Out() << ToLine(EngineJson(*entry)) << "\n";
    } else {
      context.Print(FormatEngine(*entry, context.GetTerminal()));
    }
    return Exit::kDone;
  }
  Table table{{"ENGINE", "VERSION", "MEANING"}, {}};
  Json json = Json::array();
  for (const EngineEntry& entry : catalog) {
    table.rows.push_back(
        {std::string(entry.name), std::to_string(entry.version), std::string(entry.sentence)});
    json.push_back(EngineJson(entry));
    if (options.quiet && !options.json) context.Out() << entry.name << "\n";
  }
  if (options.json) {
    context.Out() << ToLine(Json{{"engines", json}}) << "\n";
  } else if (!options.quiet) {
    context.Print(FormatTable(table, context.GetTerminal()));
  }
  return Exit::kDone;
}

}  // namespace

void AddEnginesVerb(Verbs& verbs) {
  verbs.Add<EnginesArguments>(
      {"engines", VerbGroup::kLook, "each engine's keys: type, default, limits, meaning",
       "  epumgmt engines\n  epumgmt engines queuelen\n  epumgmt engines --at 09:12\n"},
      &BindEngines, &RunEngines);
}

}  // namespace epu
