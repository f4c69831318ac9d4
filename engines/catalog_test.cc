#include "engines/catalog.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(Catalog, FindsEnginesByName) {
  const EngineCatalog catalog = BuiltInEngines();
  for (const char* name : {"npreserving", "queuelen", "scheduled", "sensor"}) {
    const EngineEntry* entry = FindEngine(catalog, name);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->name, name);
  }
  for (const char* name : {"", "NPRESERVING", "queue", "queuelen_bounded", "sensors"}) {
    EXPECT_EQ(FindEngine(catalog, name), nullptr) << name;
  }
}

TEST(Catalog, EveryEngineIsCompleteAndExplainsItsKeys) {
  for (const EngineEntry& entry : BuiltInEngines()) {
    EXPECT_GE(entry.version, 1u) << entry.name;
    EXPECT_TRUE(entry.sentence.ends_with('.')) << entry.name;
    EXPECT_NE(entry.engine, nullptr) << entry.name;
    std::set<std::string_view> names;
    for (const Key& key : entry.keys) {
      EXPECT_TRUE(names.insert(key.name).second) << key.name;
      EXPECT_TRUE(key.sentence.ends_with('.')) << key.name;
      EXPECT_LE(key.at_least, key.at_most) << key.name;
    }
    for (const Key& key : CommonKeys()) EXPECT_TRUE(names.contains(key.name)) << key.name;
  }
}

TEST(Catalog, DefaultsAreWithinTheirOwnLimits) {
  for (const EngineEntry& entry : BuiltInEngines()) {
    for (const Key& key : entry.keys) {
      if (!key.default_value) continue;
      for (const auto& problem :
           CheckSettings(entry.name, entry.keys, {{std::string(key.name), *key.default_value}})) {
        EXPECT_NE(problem.key, key.name) << problem.text;
      }
    }
  }
}

std::string Check(std::string_view engine, const std::vector<Setting>& settings) {
  const EngineCatalog catalog = BuiltInEngines();
  EpuDefinition definition;
  definition.settings = settings;
  definition.sensors.push_back({.number = {}, .name = "queue", .source = {}, .every = {}});
  std::string text;
  for (const auto& problem : CheckDefinition(*FindEngine(catalog, engine), definition)) {
    if (!text.empty()) text += " | ";
    text += problem.key + problem.text;
  }
  return text.empty() ? "ok" : text;
}

TEST(Catalog, ADefinitionIsCheckedWhole) {
  const Setting sensor = {"sensor", std::string("queue")};
  const Setting high = {"queuelen_high_water", std::int64_t{100}};
  const struct {
    std::string_view engine;
    std::vector<Setting> settings;
    const char* outcome;
  } cases[] = {
      {"npreserving", {}, "ok"},
      {"npreserving", {{"preserve_n", std::int64_t{3}}}, "ok"},
      {"npreserving",
       {{"preserve_m", std::int64_t{3}}},
       "preserve_m: npreserving has no such key; did you mean preserve_n?"},
      {"npreserving", {{"preserve_n", std::int64_t{-1}}}, "preserve_n is -1, below its limit 0"},
      {"npreserving",
       {{"preserve_n", std::int64_t{70}}},
       "preserve_n is 70, above max_instances 64"},
      {"queuelen", {sensor, high, {"queuelen_low_water", std::int64_t{10}}}, "ok"},
      {"queuelen",
       {sensor, high, {"queuelen_low_water", std::int64_t{120}}},
       "queuelen_low_water is 120, above queuelen_high_water 100"},
      {"queuelen",
       {high},
       "sensor is missing; queuelen needs it | queuelen_low_water is missing; queuelen needs it"},
      {"scheduled", {{"schedule", Schedule{{0x7F, 0, 3}}}}, "ok"},
      {"scheduled", {}, "schedule is missing; scheduled needs it"},
      {"scheduled", {{"schedule", Schedule{}}}, "schedule is empty; an entry is due"},
      {"scheduled",
       {{"schedule", Schedule{{0x7F, 0, 3}}}, {"min_instances", std::int64_t{65}}},
       "min_instances is 65, above max_instances 64"},
  };
  for (const auto& [engine, settings, outcome] : cases) {
    EXPECT_EQ(Check(engine, settings), outcome);
  }
}

}  // namespace
}  // namespace epu
