#include "cli/apply_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/world_for_tests.h"

namespace epu {
namespace {

constexpr std::string_view kSites =
    "version: 1\nsites: {local: {driver: process, max_workers: 16}}\n";
constexpr std::string_view kWorker = "worker: {site: local, command: [/bin/w]}";

std::string Preserving(int n) {
  return fmt::format("{{engine: npreserving, config: {{preserve_n: {}}}, {}}}", n, kWorker);
}
std::string Queue(int high, int most) {
  return fmt::format(
      "{{engine: queuelen, config: {{sensor: q, queuelen_high_water: {}, "
      "queuelen_low_water: 10, max_instances: {}}}, sensors: {{q: {{}}}}, {}}}",
      high, most, kWorker);
}

std::string File(const std::vector<std::pair<std::string, std::string>>& epus) {
  std::string text = std::string(kSites) + "epus:\n";
  for (const auto& [name, epu] : epus) text += fmt::format("  {}: {}\n", name, epu);
  return text;
}

ApplyPlan Plan(const World& world, const std::string& file) {
  const ParsedConfig config = ParseConfig(file, world.catalog(), {});
  EXPECT_TRUE(config.faults.empty());
  const auto plan = PlanApply(world.view(), config.apply, world.now(), world.catalog());
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.value_or(ApplyPlan{});
}

TEST(ApplyPlan, ShowsEveryKindOfDifferenceAsTheDocumentsDo) {
  World world;
  world.Apply(File({{"crunch", Queue(100, 8)}, {"web", Preserving(3)}, {"legacy", Preserving(1)}}));
  world.Do(Reconfigure{"crunch", {{"max_instances", std::int64_t{10}}}});
  const Sequence by_hand = FindEpu(world.view().state, "crunch")->policy;
  world.RunAll();
  world.Pass(std::chrono::minutes(3));

  const ApplyPlan plan = Plan(
      world, File({{"crunch", Queue(80, 12)}, {"web", Preserving(3)}, {"thumbs", Preserving(2)}}));
  EXPECT_EQ(
      FormatPlan(plan) + FormatSum(plan),
      "~ epu crunch   config.queuelen_high_water  100 → 80\n"
      "               config.max_instances        10 → 12   (10: reconfigure by ops, " +
          std::to_string(by_hand) +
          ", 3m ago)\n"
          "+ epu thumbs   npreserving, preserve_n 2, on local: 2 workers at once\n"
          "! epu legacy   not in this file: kept (epumgmt remove legacy drains and removes it)\n"
          "  epu web, site local: unchanged\n"
          "1 to add, 1 to change, 0 to remove; ends no worker\n");
}

TEST(ApplyPlan, ForgetsWhatWasSetByHandWhenAFileOverridesIt) {
  World world;
  world.Apply(File({{"crunch", Queue(100, 8)}}));
  world.Do(Reconfigure{"crunch", {{"max_instances", std::int64_t{10}}}});
  EXPECT_EQ(world.view().by_hand.size(), 1u);
  world.Apply(File({{"crunch", Queue(100, 9)}}));
  EXPECT_EQ(world.view().by_hand.size(), 0u);
}

TEST(ApplyPlan, FindsNothingToDoInWhatIsSoAlready) {
  World world;
  const std::string file = File({{"web", Preserving(3)}});
  world.Apply(file);
  const ApplyPlan plan = Plan(world, file);
  EXPECT_FALSE(plan.changes_anything);
  EXPECT_EQ(FormatPlan(plan), "  epu web, site local: unchanged\n");
}

TEST(ApplyPlan, NamesTheWorkersThatItEnds) {
  World world;
  world.Apply(File({{"web", Preserving(3)}}));
  world.RunAll();
  const ApplyPlan plan = Plan(world, File({{"web", Preserving(1)}}));
  EXPECT_EQ(FormatPlan(plan),
            "~ epu web   config.preserve_n  3 → 1\n"
            "            ends web/3, web/2\n"
            "  site local: unchanged\n");
  EXPECT_EQ(FormatSum(plan), "0 to add, 1 to change, 0 to remove; ends 2 workers\n");
  EXPECT_EQ(EmptiedPools(plan), std::vector<std::string>());
}

TEST(ApplyPlan, KnowsWhenAPoolIsEmptied) {
  World world;
  world.Apply(File({{"web", Preserving(3)}}));
  const ApplyPlan plan = Plan(world, File({{"web", Preserving(0)}}));
  EXPECT_EQ(EmptiedPools(plan), std::vector<std::string>{"web"});
  EXPECT_EQ(CountEnding(plan), 3u);
}

TEST(ApplyPlan, EmptiesNothingThatIsEmpty) {
  World world;
  world.Apply(File({{"web", Preserving(0)}}));
  EXPECT_EQ(EmptiedPools(Plan(world, File({{"web", Preserving(0)}}))), std::vector<std::string>());
  EXPECT_EQ(EmptiedPools(Plan(world, File({{"other", Preserving(0)}}))),
            std::vector<std::string>());
}

TEST(ApplyPlan, ShowsLimitsOfSitesAndOfTheRun) {
  World world;
  world.Apply(kSites);
  const ApplyPlan plan = Plan(
      world, "version: 1\nmax_workers: 9\nsites: {local: {driver: process, max_workers: 20}}\n");
  EXPECT_EQ(FormatPlan(plan),
            "~ run          max_workers  64 → 9\n"
            "~ site local   max_workers  16 → 20\n");
}

TEST(PlanReconfigure, RefusesAsTheServerWould) {
  World world;
  world.Apply(File({{"web", Preserving(3)}}));
  const auto plan = PlanReconfigure(world.view(), {"web", {{"preserve_n", std::int64_t{65}}}},
                                    world.now(), world.catalog());
  EXPECT_EQ(plan.status().message(), "epus.web.config.preserve_n is 65, above max_instances 64");
}

TEST(FormatWorkers, ShowsTheFirstOfMany) {
  EXPECT_EQ(FormatWorkers({"a/1", "a/2"}), "a/1, a/2");
  EXPECT_EQ(FormatWorkers({"a/1", "a/2", "a/3", "a/4", "a/5", "a/6", "a/7", "a/8", "a/9", "a/10"}),
            "a/1, a/2, a/3, a/4, a/5, a/6, a/7, a/8 and 2 more");
}

}  // namespace
}  // namespace epu
