#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/apply_plan.h"
#include "cli/config_format.h"
#include "cli/world_for_tests.h"
#include "engines/schedule.h"

// `config | apply --check -` finds no difference, whatever was declared by whatever client: random
// declarations of every engine with the strangest texts, and what people and failures do to them.
// The seed of a failure is printed; set kFirstSeed to it and kSeeds to 1.

namespace epu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kSeeds = 800;
constexpr int kSteps = 12;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t Below(std::uint64_t bound) { return engine_() % bound; }
  bool OneIn(std::uint64_t count) { return Below(count) == 0; }
  template <typename Choice>
  const Choice& Of(const std::vector<Choice>& choices) {
    return choices[Below(choices.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// ---- Declarations ----

// Most are what YAML, or a reader of it, might take for something else.
std::string SomeText(Dice& dice) {
  static const std::vector<std::string> kTexts = {"",
                                                  "a",
                                                  "null",
                                                  "~",
                                                  "yes",
                                                  "010",
                                                  "3",
                                                  "1e5",
                                                  "0x1f",
                                                  ".5",
                                                  "-",
                                                  "- a",
                                                  "a: b",
                                                  "a #b",
                                                  "#",
                                                  "\"q\"",
                                                  "it's",
                                                  "a\\b",
                                                  "\x1b[0m",
                                                  "a\nb",
                                                  "\r",
                                                  "\r\n",
                                                  "{a}",
                                                  "[a, b]",
                                                  "--x",
                                                  "a,b",
                                                  " lead",
                                                  "trail ",
                                                  "&a",
                                                  "*a",
                                                  "!t",
                                                  "|",
                                                  ">",
                                                  "%d",
                                                  "@x",
                                                  "`x`",
                                                  "\xc3\xbc",
                                                  "a:",
                                                  "?",
                                                  "\t",
                                                  "---",
                                                  "...",
                                                  "\x7f",
                                                  "<<",
                                                  "=",
                                                  "\xc2\x85",
                                                  "\xe2\x80\xa8",
                                                  "\xef\xbb\xbf",
                                                  "\xef\xbf\xbe",
                                                  "\xf0\x9f\x98\x80",
                                                  "{secret: x}",
                                                  "secret x",
                                                  "2026-11-22",
                                                  "1_000",
                                                  "+1",
                                                  "y",
                                                  "N",
                                                  "\x01",
                                                  "\\x41",
                                                  "\\"};
  std::string text = dice.Of(kTexts);
  while (dice.OneIn(3)) text += dice.Of(kTexts);
  if (dice.OneIn(8)) text += static_cast<char>(dice.Below(256));  // At times no UTF-8.
  if (dice.OneIn(40)) text += std::string(dice.Below(5000), 'x');
  return text;
}

std::string SomeName(Dice& dice) {
  static const std::vector<std::string> kNames = {"a",    "null",  "true", "y",    "0x1f", "1e5",
                                                  "x.y",  "no",    "on",   "off",  "A-b",  "0-1",
                                                  "1_00", "false", "n.-_", "1.5e3"};
  return dice.Of(kNames);
}

std::vector<Variable> SomeVariables(Dice& dice) {
  std::vector<Variable> variables;
  for (std::uint64_t i = dice.Below(4); i > 0; --i) {
    if (dice.OneIn(6)) {
      variables.push_back({dice.OneIn(2) ? "KEY" : SomeText(dice), SomeName(dice), true});
    } else {
      variables.push_back({dice.OneIn(3) ? SomeText(dice) : SomeName(dice), SomeText(dice)});
    }
  }
  return variables;
}

Duration SomeDuration(Dice& dice, Duration most) {
  static const std::vector<Duration> kUnits = {milliseconds(1), seconds(1), std::chrono::minutes(1),
                                               std::chrono::hours(1), std::chrono::days(1)};
  const Duration duration = dice.Of(kUnits) * static_cast<std::int64_t>(1 + dice.Below(200));
  if (dice.OneIn(30)) return duration + Duration(1);  // Finer than can be written.
  return std::min(duration, most);
}

Value SomeValue(Dice& dice, const Key& key, const std::string& sensor) {
  const double most = std::min(key.at_most, 60.0);
  switch (key.type) {
    case KeyType::kInteger:
      return static_cast<std::int64_t>(key.at_least) + static_cast<std::int64_t>(dice.Below(20));
    case KeyType::kNumber:
      return dice.Of<double>({key.at_least, most, 0.1, 1e-7, 1.0 / 3, 1e14, 123456.789, -0.5});
    case KeyType::kFlag:
      return dice.OneIn(2);
    case KeyType::kText:
      return key.name == "sensor" ? sensor : SomeText(dice);
    case KeyType::kDuration:
      return SomeDuration(dice, seconds(static_cast<std::int64_t>(most)));
    case KeyType::kUniques: {
      std::vector<UniqueInstance> uniques;
      for (std::uint64_t i = dice.Below(4); i > 0; --i) {
        uniques.push_back({SomeName(dice) + std::to_string(i), SomeVariables(dice)});
      }
      return uniques;
    }
    case KeyType::kZone:
      return dice.Of<TimeZone>({{"UTC", "UTC0"},
                                {"+01:00", "<+01>-1"},
                                {"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
                                {"No/Where", "XYZ3"}});
    case KeyType::kSchedule: {
      Schedule schedule;
      for (std::uint64_t i = dice.Below(4); i > 0; --i) {
        schedule.push_back({static_cast<std::uint8_t>(1 + dice.Below(127)),
                            static_cast<std::uint16_t>(dice.Below(1440)),
                            static_cast<std::uint32_t>(dice.Below(9))});
      }
      return schedule;
    }
  }
  return std::int64_t{0};
}

SensorDefinition SomeSensor(Dice& dice, std::string name) {
  SensorDefinition sensor{{}, std::move(name), PutSource{}, {}};
  if (dice.OneIn(3)) {
    if (dice.OneIn(6)) sensor.every = seconds(1);  // Which a file cannot say.
    return sensor;
  }
  sensor.every = SomeDuration(dice, std::chrono::hours(24));
  if (dice.OneIn(2)) {
    sensor.source = SpoolSource{"/" + SomeText(dice)};
  } else {
    sensor.source = ExecSource{{"/bin/x", SomeText(dice)}, SomeDuration(dice, seconds(60))};
  }
  return sensor;
}

EpuDefinition SomeEpu(Dice& dice, const EngineCatalog& catalog) {
  const EngineEntry& engine = catalog[dice.Below(catalog.size())];
  EpuDefinition epu;
  epu.name = SomeName(dice);
  epu.engine = engine.name;
  epu.sensors.push_back(SomeSensor(dice, SomeName(dice)));
  if (dice.OneIn(2)) epu.sensors.push_back(SomeSensor(dice, "other"));
  for (const Key& key : engine.keys) {
    if (key.default_value && dice.OneIn(2)) continue;
    epu.settings.push_back({std::string(key.name), SomeValue(dice, key, epu.sensors[0].name)});
  }
  epu.worker.site_name = dice.OneIn(8) ? "nowhere" : "local";
  epu.worker.command = {dice.OneIn(2) ? "w" : "/" + SomeText(dice), SomeText(dice)};
  epu.worker.environment = SomeVariables(dice);
  epu.worker.stop_grace = SomeDuration(dice, std::chrono::hours(1));
  epu.worker.drain_timeout = SomeDuration(dice, std::chrono::days(7));
  epu.health = {dice.OneIn(2), SomeDuration(dice, std::chrono::days(7)),
                SomeDuration(dice, std::chrono::days(7)), SomeDuration(dice, std::chrono::days(7))};
  return epu;
}

Order SomeOrder(Dice& dice, const World& world) {
  const EngineCatalog& catalog = world.catalog();
  switch (dice.Below(8)) {
    case 0: {
      const EngineEntry& engine = catalog[dice.Below(catalog.size())];
      const Key& key = engine.keys[dice.Below(engine.keys.size())];
      return Reconfigure{SomeName(dice), {{std::string(key.name), SomeValue(dice, key, "other")}}};
    }
    case 1:
      return Remove{SomeName(dice)};
    case 2:
      return Apply{static_cast<std::uint32_t>(dice.Below(99)),
                   {{SomeName(dice), "process", static_cast<std::uint32_t>(dice.Below(99)),
                     dice.OneIn(9) ? SomeText(dice) : ""}},
                   {}};
    case 3:
      return PauseScaling{SomeName(dice), true, dice.OneIn(2), {}};
    default:
      return Apply{{}, {}, {SomeEpu(dice, catalog)}};
  }
}

// ---- The property ----

// What `apply --check` of `text` would complain of.
std::string ComplaintOf(const World& world, const std::string& text) {
  std::set<std::string> sites;
  for (const auto& [number, site] : world.view().state.sites) sites.insert(site.definition.name);
  const ParsedConfig config = ParseConfig(text, world.catalog(), sites);
  if (!config.faults.empty()) return FormatFault("config", config.faults.front());
  const auto plan = PlanApply(world.view(), config.apply, world.now(), world.catalog());
  if (!plan.ok()) return std::string(plan.status().message());
  if (!Differs(*plan)) return "";
  for (const PlanItem& item : plan->items) {
    for (const FieldChange& change : item.changes) {
      return fmt::format("{} {}: {} → {}", item.name, change.key, change.before, change.after);
    }
  }
  return "it differs";
}

TEST(ConfigRoundtrip, WhatIsInForceIsNoDifference) {
  std::map<std::string, int> accepted;  // By engine.
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    World world;
    world.Do(Apply{{}, {{"local", "process", 16, ""}}, {}});
    for (int step = 0; step < kSteps; ++step) {
      world.Pass(seconds(dice.Below(60)));
      const Order order = SomeOrder(dice, world);
      if (!world.Try(order)) continue;
      const auto* apply = std::get_if<Apply>(&order);
      if (apply != nullptr && !apply->epus.empty()) ++accepted[apply->epus[0].engine];
      if (dice.OneIn(3)) world.RunAll();
      if (dice.OneIn(4)) world.FailAll();
      const std::string text = FormatConfig(world.view().state);
      ASSERT_EQ(ComplaintOf(world, text), "") << text;
      for (const auto& [number, epu] : world.view().state.epus) {
        if (epu.removed || epu.removing) continue;
        ASSERT_EQ(ComplaintOf(world, FormatConfig(world.view().state, &epu)), "") << text;
      }
    }
  }
  const EngineCatalog catalog = BuiltInEngines();
  for (const EngineEntry& engine : catalog) {
    EXPECT_GT(accepted[std::string(engine.name)], 50) << engine.name << " was hardly accepted";
  }
}

}  // namespace
}  // namespace epu
