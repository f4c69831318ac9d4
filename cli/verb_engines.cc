// engines: each engine's keys, from the one table that also serves parsing and refusals.

#include <limits>
#include <ostream>

#include <fmt/format.h>

#include "cli/json_view.h"
#include "cli/verb_history.h"
#include "engines/catalog.h"
#include "engines/suggest.h"

namespace epu {
namespace {

struct EnginesArguments {
  std::string name;
};

void BindEngines(CLI::App& app, EnginesArguments& arguments) {
  app.add_option("name", arguments.name, "this engine's keys")->type_name("NAME");
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

Exit RunEngines(Context& context, const EnginesArguments& arguments) {
  const EngineCatalog catalog = BuiltInEngines();
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
       "  epumgmt engines\n  epumgmt engines queuelen\n"},
      &BindEngines, &RunEngines);
}

}  // namespace epu
