#include "cli/apply_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/world_for_tests.h"

namespace epu {
namespace {

std::string Preserving(int n) {
  return fmt::format(
      "{{engine: npreserving, config: {{preserve_n: {}}}, worker: {{site: local, command: [/w]}}}}",
      n);
}

std::string File(int most, const std::vector<std::pair<std::string, std::string>>& epus) {
  std::string text = fmt::format(
      "version: 1\nsites: {{local: {{driver: process, max_workers: {}}}}}\nepus:\n", most);
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

const PlanItem& ItemOf(const ApplyPlan& plan, std::string_view name) {
  for (const PlanItem& item : plan.items) {
    if (item.name == name) return item;
  }
  ADD_FAILURE() << "no item " << name;
  return plan.items.front();
}

TEST(ApplyPlan, ForgetsWhatWasSetByHandWhenAFileOverridesIt) {
  World world;
  world.Apply(File(9, {{"web", Preserving(2)}}));
  world.Do(Reconfigure{"web", {{"max_instances", std::int64_t{10}}}});
  EXPECT_EQ(world.view().by_hand.size(), 1u);
  world.Apply(File(9, {{"web", Preserving(3)}}));
  EXPECT_EQ(world.view().by_hand.size(), 0u);
}

TEST(ApplyPlan, KnowsItsBasis) {
  World world;
  world.Apply(File(9, {{"web", Preserving(1)}}));
  EXPECT_EQ(Plan(world, File(9, {{"web", Preserving(1)}})).basis, world.view().state.head);
}

TEST(ApplyPlan, FindsNothingToDoInWhatIsSoAlready) {
  World world;
  const std::string file = File(9, {{"web", Preserving(3)}});
  world.Apply(file);
  const ApplyPlan plan = Plan(world, file);
  EXPECT_FALSE(ChangesAnything(plan));
  EXPECT_FALSE(Differs(plan));
}

TEST(ApplyPlan, SettingAStoppedPoolGoingIsAChangeAndNoDifference) {
  World world;
  const std::string trial =
      "{engine: npreserving, config: {preserve_n: 1, devmode_no_failure_compensation: true}, "
      "worker: {site: local, command: [/w]}}";
  world.Apply(File(9, {{"web", trial}}));
  world.FailFirst("web");
  const ApplyPlan plan = Plan(world, File(9, {{"web", trial}}));
  EXPECT_TRUE(ChangesAnything(plan));
  EXPECT_FALSE(Differs(plan));
  EXPECT_EQ(ItemOf(plan, "web").mark, PlanMark::kRestart);
}

TEST(ApplyPlan, PoolsShareTheRoomOfTheirSite) {
  World world;
  const ApplyPlan plan =
      Plan(world, File(5, {{"a", Preserving(3)}, {"b", Preserving(3)}, {"c", Preserving(3)}}));
  EXPECT_EQ(ItemOf(plan, "a").launches, 3u);
  EXPECT_EQ(ItemOf(plan, "b").launches, 2u);
  EXPECT_EQ(ItemOf(plan, "c").launches, 0u);
}

TEST(ApplyPlan, CountsTheWorkersThatEndByAndBy) {
  World world;
  world.Apply(File(9, {{"web", Preserving(3)}}));
  const ApplyPlan plan = Plan(world, File(9, {{"web", Preserving(0)}}));
  EXPECT_TRUE(ItemOf(plan, "web").empties);
  EXPECT_EQ(CountEnding(plan), 3u);
}

TEST(PlanReconfigure, RefusesAsTheServerWould) {
  World world;
  world.Apply(File(9, {{"web", Preserving(3)}}));
  const auto plan = PlanReconfigure(world.view(), {"web", {{"preserve_n", std::int64_t{65}}}},
                                    world.now(), world.catalog());
  EXPECT_EQ(plan.status().message(), "epus.web.config.preserve_n is 65, above max_instances 64");
}

}  // namespace
}  // namespace epu
