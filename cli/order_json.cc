#include "cli/order_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/change_words.h"
#include "cli/config_file.h"
#include "cli/config_setting.h"
#include "cli/json_tree.h"
#include "cli/reference.h"
#include "cli/terminal.h"
#include "commands/decide.h"

namespace epu {
namespace {

using Item = ConfigReader::Item;
using Items = ConfigReader::Items;

// One order being read.
struct Reading {
  ConfigReader& reader;
  const State& state;
  const EngineCatalog& catalog;
  Item item;      // The order's value,
  Items members;  // and what it has, known names alone.

  const Item* Find(std::string_view name) const {
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
  }
};

// ---- Members ----

std::string NameOr(const Reading& reading, std::string_view member) {
  const Item* item = reading.Find(member);
  return item == nullptr ? "" : reading.reader.Name(*item).value_or("");
}

bool FlagOr(const Reading& reading, std::string_view member, bool otherwise) {
  const Item* item = reading.Find(member);
  return item == nullptr ? otherwise : reading.reader.Flag(*item).value_or(otherwise);
}

std::optional<double> NumberOf(const Reading& reading, std::string_view member) {
  const Item* item = reading.Find(member);
  if (item == nullptr) return std::nullopt;
  const Key key{.name = member, .type = KeyType::kNumber};
  const std::optional<Value> value = ReadSetting(reading.reader, key, *item);
  return value ? std::optional(std::get<double>(*value)) : std::nullopt;
}

// An EPU that is there, by the member of its name; null, with a fault, where it is not.
const Epu* KnownEpu(const Reading& reading) {
  const Item* item = reading.Find("epu");
  if (item == nullptr) return nullptr;
  const std::optional<std::string> name = reading.reader.Name(*item);
  if (!name) return nullptr;
  const Epu* epu = FindEpu(reading.state, *name);
  if (epu != nullptr) return epu;
  reading.reader.Add(item->node->mark, item->path, ": " + NoSuchEpu(reading.state, *name));
  return nullptr;
}

std::string KnownName(const Reading& reading) {
  const Epu* epu = KnownEpu(reading);
  return epu == nullptr ? "" : epu->definition.name;
}

// Both where neither is named.
std::pair<bool, bool> Directions(const Reading& reading) {
  const bool named = reading.Find("out") != nullptr || reading.Find("in") != nullptr;
  return {FlagOr(reading, "out", !named), FlagOr(reading, "in", !named)};
}

// ---- Orders ----

Order ReadApply(Reading& reading) {
  constexpr std::array<std::string_view, 2> kMore = {"prune", "basis"};
  Apply apply;
  std::set<std::string> sites;
  for (const auto& [number, site] : reading.state.sites) sites.insert(site.definition.name);
  // The paths are those of a file, by which the server's refusals name their places, too.
  reading.members = ReadDeclaration(reading.reader, {"", reading.item.node, reading.item.mark},
                                    reading.catalog, sites, apply, kMore);
  apply.prune = FlagOr(reading, "prune", false);
  if (const Item* basis = reading.Find("basis")) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (const auto sequence = reading.reader.Integer(*basis, 0, kMost)) {
      apply.basis = static_cast<Sequence>(*sequence);
    }
  }
  return apply;
}

Order ReadReconfigure(Reading& reading) {
  const Epu* epu = KnownEpu(reading);
  const Item* settings = reading.Find("settings");
  const EngineEntry* engine =
      epu == nullptr ? nullptr : FindEngine(reading.catalog, epu->definition.engine);
  if (epu != nullptr && engine == nullptr) {
    reading.reader.Add(reading.item.mark, reading.item.path,
                       fmt::format(": {} has engine {}, which this build lacks",
                                   epu->definition.name, epu->definition.engine));
  }
  if (engine == nullptr || settings == nullptr) return Reconfigure{};
  Reconfigure change{epu->definition.name, {}};
  // As the server's refusals name them.
  const Item config{fmt::format("epus.{}.config", change.epu), settings->node, settings->mark};
  for (const auto& [name, entry] : reading.reader.Entries(config)) {
    const auto key = std::find_if(engine->keys.begin(), engine->keys.end(),
                                  [&](const Key& known) { return known.name == name; });
    if (key == engine->keys.end()) {
      reading.reader.Add(entry.mark, entry.path, UnknownKey(engine->name, engine->keys, name));
    } else if (std::optional<Value> value = ReadSetting(reading.reader, *key, entry)) {
      change.settings.push_back({name, *std::move(value)});
    }
  }
  return change;
}

Order ReadKill(Reading& reading) {
  Kill kill;
  const Item* workers = reading.Find("workers");
  if (workers == nullptr) return kill;
  if (workers->node->kind != YamlNode::Kind::kSequence || workers->node->items.empty()) {
    reading.reader.Add(workers->mark, workers->path, ": a list of workers is due, [\"crunch/12\"]");
    return kill;
  }
  for (const YamlNode& node : workers->node->items) {
    const Item one{fmt::format("{}[{}]", workers->path, kill.workers.size()), &node, node.mark};
    const std::optional<std::string> text = reading.reader.Text(one);
    const absl::StatusOr<Reference> reference = ParseReference(text.value_or(""));
    const auto* worker = reference.ok() ? std::get_if<WorkerOf>(&*reference) : nullptr;
    if (text && worker == nullptr) {
      reading.reader.Add(
          one.mark, one.path,
          fmt::format(" is \"{}\"; a worker like crunch/12 is due", EscapeAndCut(*text, 60)));
    }
    kill.workers.push_back(worker == nullptr ? WorkerReference{}
                                             : WorkerReference{worker->epu, worker->worker});
  }
  return kill;
}

// Of adopt and collect.
std::vector<std::string> ReadTokens(const Reading& reading) {
  std::vector<std::string> tokens;
  const Item* machines = reading.Find("machines");
  if (machines == nullptr) return tokens;
  if (machines->node->kind != YamlNode::Kind::kSequence || machines->node->items.empty()) {
    reading.reader.Add(machines->mark, machines->path,
                       ": a list of machines is due, [\"k3f9-5d1e-208\"]");
    return tokens;
  }
  for (const YamlNode& node : machines->node->items) {
    const Item one{fmt::format("{}[{}]", machines->path, tokens.size()), &node, node.mark};
    tokens.push_back(reading.reader.Text(one).value_or(""));
  }
  return tokens;
}

Order ReadAdopt(Reading& reading) { return Adopt{ReadTokens(reading)}; }

Order ReadCollect(Reading& reading) { return Collect{ReadTokens(reading)}; }

Order ReadKillSome(Reading& reading) {
  KillSome kill{KnownName(reading), 0};
  if (const Item* count = reading.Find("count")) {
    kill.count =
        static_cast<std::uint32_t>(reading.reader.Integer(*count, 1, kPoolSizeMax).value_or(0));
  }
  return kill;
}

Order ReadRemove(Reading& reading) { return Remove{KnownName(reading)}; }

Order ReadSwitch(Reading& reading) {
  return SwitchLaunching{NameOr(reading, "site"), FlagOr(reading, "enabled", false)};
}

Order ReadEndRun(Reading&) { return EndRun{}; }

Order ReadPause(Reading& reading) {
  const auto [out, in] = Directions(reading);
  PauseScaling pause{KnownName(reading), out, in, std::nullopt};
  if (const Item* length = reading.Find("for")) {
    pause.length = reading.reader.Duration(*length, std::chrono::milliseconds(1), kPauseMax);
  }
  return pause;
}

Order ReadResume(Reading& reading) {
  const auto [out, in] = Directions(reading);
  return ResumeScaling{KnownName(reading), out, in};
}

// One of value, absent and broken.
Measure ReadMeasure(const Reading& reading) {
  const Item* broken = reading.Find("broken");
  const std::optional<double> value = NumberOf(reading, "value");
  const bool absent = FlagOr(reading, "absent", false);
  const int given =
      (reading.Find("value") != nullptr ? 1 : 0) + (absent ? 1 : 0) + (broken != nullptr ? 1 : 0);
  if (given != 1) {
    reading.reader.Add(reading.item.mark, reading.item.path,
                       fmt::format(" has {} of value, absent and broken; one is due", given));
  }
  if (broken != nullptr) return Broken{reading.reader.Text(*broken).value_or("")};
  if (value) return *value;
  return Absent{};
}

Order ReadPutReading(Reading& reading) {
  PutReading put;
  if (const Item* sensor = reading.Find("sensor")) {
    const std::optional<std::string> text = reading.reader.Text(*sensor);
    const absl::StatusOr<SensorWords> words = ParseSensor(text.value_or("epu/sensor"));
    if (!words.ok()) {
      reading.reader.Add(sensor->node->mark, sensor->path,
                         fmt::format(": {}", std::string(words.status().message())));
    } else {
      put.epu = words->epu;
      put.sensor = words->sensor;
    }
  }
  put.measure = ReadMeasure(reading);
  put.in_progress = NumberOf(reading, "in_progress");
  if (const Item* age = reading.Find("age")) {
    put.age =
        reading.reader.Duration(*age, Duration::zero(), kReadingOldMax).value_or(Duration::zero());
  }
  if (const Item* source = reading.Find("source")) {
    put.source = reading.reader.Text(*source).value_or("");
  }
  return put;
}

// ---- The table ----

struct Entry {
  OrderShape shape;
  Order (*read)(Reading&);
};

const std::vector<Entry>& Entries() {
  static const OrderMember kEpu = {"epu", "text", "", "the EPU's name"};
  static const OrderMember kOut = {"out", "true or false", "true, or false beside in", "growing"};
  static const OrderMember kIn = {"in", "true or false", "true, or false beside out", "shrinking"};
  static const OrderMember kMachines = {"machines", "a list of texts", "",
                                        "their tokens, as get strangers lists them"};
  static const std::vector<Entry> entries = {
      {{"apply",
        "declare sites and EPUs: a configuration file as JSON",
        {{"version", "1", "", "of the file's form"},
         {"max_workers", "a whole number", "as it is", "machines of the whole run"},
         {"sites", "an object", "none", "sites by name, as in a file; others stay"},
         {"epus", "an object", "none", "EPUs by name, as in a file"},
         {"prune", "true or false", "false", "drain and remove the EPUs that are not in it"},
         {"basis", "a whole number", "whatever is in force",
          "the last event known: refused where what this declares was changed since"}},
        R"({"apply": {"version": 1, "sites": {"local": {"driver": "process", "max_workers": 16}}, )"
        R"("epus": {"web": {"engine": "npreserving", "config": {"preserve_n": 3}, )"
        R"("worker": {"site": "local", "command": ["/usr/local/bin/web-worker"]}}}}})"},
       &ReadApply},
      {{"reconfigure",
        "change some values of an EPU's policy",
        {kEpu, {"settings", "an object", "", "values by key, as in config of a file"}},
        R"({"reconfigure": {"epu": "web", "settings": {"preserve_n": 4}}})"},
       &ReadReconfigure},
      {{"kill",
        "end these workers; the policy replaces them",
        {{"workers", "a list of texts", "", "workers like crunch/12"}},
        R"({"kill": {"workers": ["crunch/12", "web/3"]}})"},
       &ReadKill},
      {{"kill_some",
        "end some workers of an EPU, by the pool's own order",
        {kEpu, {"count", "a whole number", "", "how many"}},
        R"({"kill_some": {"epu": "crunch", "count": 2}})"},
       &ReadKillSome},
      {{"remove", "drain an EPU, then forget it", {kEpu}, R"({"remove": {"epu": "crunch"}})"},
       &ReadRemove},
      {{"switch_launching",
        "start no new machines, or again",
        {{"enabled", "true or false", "", "whether machines may be started"},
         {"site", "text", "the whole run", "one site alone"}},
        R"({"switch_launching": {"enabled": false}})"},
       &ReadSwitch},
      {{"end_run",
        "disable launching and end every worker, up to 4,000 at once",
        {},
        R"({"end_run": {}})"},
       &ReadEndRun},
      {{"put_reading",
        "hand in a reading of a sensor: one of value, absent and broken",
        {{"sensor", "text", "", "EPU/SENSOR"},
         {"value", "a number", "none", "what was read"},
         {"absent", "true or false", "false", "the sensor says nothing"},
         {"broken", "text", "none", "the sensor failed, and how"},
         {"in_progress", "a number", "not known", "work that was taken and is not done"},
         {"age", "a duration like \"10s\"", "new", "how old the reading is"},
         {"source", "text", "the sender", "who says it"}},
        R"({"put_reading": {"sensor": "crunch/queue", "value": 41, "age": "2s"}})"},
       &ReadPutReading},
      {{"pause",
        "hold the scaling of an EPU; repair goes on",
        {kEpu,
         kOut,
         kIn,
         {"for", "a duration like \"2h\"", "until resumed", "let go by itself after this"}},
        R"({"pause": {"epu": "crunch", "in": true, "for": "2h"}})"},
       &ReadPause},
      {{"resume", "let an EPU scale again", {kEpu, kOut, kIn}, R"({"resume": {"epu": "crunch"}})"},
       &ReadResume},
      {{"adopt",
        "keep machines from another history of this log: they are left alone for good",
        {kMachines},
        R"({"adopt": {"machines": ["k3f9-5d1e-208"]}})"},
       &ReadAdopt},
      {{"collect",
        "end machines from another history of this log",
        {kMachines},
        R"({"collect": {"machines": ["k3f9-5d1e-208"]}})"},
       &ReadCollect},
  };
  return entries;
}

Items MembersOf(ConfigReader& reader, const OrderShape& shape, const Item& item) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> required;
  for (const OrderMember& member : shape.members) {
    names.push_back(member.name);
    if (member.otherwise.empty()) required.push_back(member.name);
  }
  return reader.Fields(item, shape.name, names, required);
}

// The order in `root`, as far as it can be read.
std::optional<Order> ReadRoot(ConfigReader& reader, const YamlNode& root, const State& state,
                              const EngineCatalog& catalog, std::string& name) {
  std::vector<std::string_view> names;
  for (const Entry& entry : Entries()) names.push_back(entry.shape.name);
  const Items fields = reader.Fields({"", &root, root.mark}, "submit", names, {});
  if (root.kind != YamlNode::Kind::kMap) return std::nullopt;
  if (root.entries.size() != 1) {
    reader.Add(
        root.mark, "",
        fmt::format(": an object of {} members; one is due, the command", root.entries.size()));
  }
  if (fields.size() != 1 || root.entries.size() != 1) return std::nullopt;
  const auto& [found, item] = *fields.begin();
  name = found;
  const auto entry = std::find_if(Entries().begin(), Entries().end(), [&](const Entry& candidate) {
    return candidate.shape.name == name;
  });
  Reading reading{reader, state, catalog, item, {}};
  if (name != "apply") reading.members = MembersOf(reader, entry->shape, item);
  return entry->read(reading);
}

}  // namespace

std::span<const OrderShape> OrderShapes() {
  static const std::vector<OrderShape> shapes = [] {
    std::vector<OrderShape> all;
    for (const Entry& entry : Entries()) all.push_back(entry.shape);
    return all;
  }();
  return shapes;
}

ParsedOrder ParseOrder(std::string_view text, const State& state, const EngineCatalog& catalog) {
  ParsedOrder parsed;
  const YamlTree tree = ParseJson(text);
  ConfigReader reader(ConfigReader::Syntax::kJson);
  for (const YamlProblem& problem : tree.problems) {
    reader.Add(problem.mark, problem.path, problem.text);
  }
  const bool is_whole = tree.root.kind != YamlNode::Kind::kNull || tree.problems.empty();
  if (is_whole) parsed.order = ReadRoot(reader, tree.root, state, catalog, parsed.name);
  parsed.faults = reader.TakeFaults();
  parsed.marks = reader.Marks();
  if (!parsed.faults.empty()) parsed.order.reset();
  return parsed;
}

}  // namespace epu
